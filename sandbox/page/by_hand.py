"""How to do with curl what the page does, for scripts and terminals."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.page.world import World

_TEXT = """\
Be somebody. The bot works in the background, so look at the screen a second after each step.

  curl -d text=/reset-token {slack}/people/eve/type
  curl {slack}/people/eve/screen
  curl -d 'button=Reset my token' {slack}/people/eve/press
  curl {salesforce}/mailbox/eve@acme.example

Ask IT, and be IT:

  curl -d text=/reset-token {slack}/people/iris/type
  curl -d 'button=Ask IT first' {slack}/people/iris/press
  curl -d 'question=May I reset it today?' {slack}/people/iris/submit
  curl {slack}/people/ivan/screen
  curl -d 'button=Go ahead' {slack}/people/ivan/press
  curl {slack}/people/iris/screen

Look after Ada's integrations. They log in by themselves every few minutes. Let ada reset her token
(she is asked which user first), and some turn red until they are given the new one. Left alone,
they lock her account within ten minutes. Her direct message follows them, a minute after the reset
at first.

  curl {salesforce}/integrations
  curl -d token=THE_NEW_TOKEN {salesforce}/integrations/data-loader/token
  curl -X POST {salesforce}/integrations
  curl -d menu=follow.item -d 'option=Not mine' {slack}/people/ada/select

Choose, where somebody has several Salesforce users:

  curl -d text=/reset-token {slack}/people/carl/type
  curl -d menu=reset.choose -d option=0 {slack}/people/carl/select

Write to the bot itself:

  curl -d 'text=what can you do?' {slack}/people/eve/say

There are ada (sales, a user in two orgs), ben (Salesforce admin), ivan and iris (IT approvers),
eve (nobody special), carl (two users in one org), dana (matched by her username alone), omar (API
only), pia (inactive), una (her address is unconfirmed), gus (a guest) and sam (another company).
A button is pressed with its dialog accepted; of several with one name, the one in the newest
message, and there the first. Times on a person's screen are in that person's time zone.

The bot's own pages: {bot}/readyz and {bot}/metrics
"""


def text(world: World) -> str:
    """Return it with the addresses of this sandbox."""
    return _TEXT.format(
        slack=world.workspace.origin, salesforce=world.origins["production"], bot=world.bot
    )
