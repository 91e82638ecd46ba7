"""The two forms of `/reset-token breach`: a suspected breach, and a planned reset."""

from collections.abc import Sequence

from slack_sdk.models.blocks import Block, InputBlock, PlainTextInputElement, PlainTextObject

from handlers.blocks import actions, button, modal, section
from handlers.case_wording import ALL_ZERO
from handlers.form_fields import (
    MOST_OPTIONS,
    TEXT,
    Options,
    choice_field,
    many_field,
    people_field,
    question,
    radio_field,
)
from handlers.step_words import MAILED_LATER
from handlers.wording import plain_org
from services.cases.model import Urgency

ANY_ORG = "any"
"""Chosen for whichever org the person has a user in."""

MOST_TYPED = 3000
"""Characters, the most that Slack takes in a field."""

_MOST_USERNAME = 200

_NEVER = "IT sees what you write. Never write a token or a password."

_URGENCIES = {
    Urgency.CRITICAL: "Critical: somebody is in there now, or data is leaving",
    Urgency.HIGH: "High: somebody else may have the password or the token",
    Urgency.MEDIUM: "Medium: something is odd and needs a look today",
    Urgency.LOW: "Low: a precaution that can wait until tomorrow",
}


def report_form(
    orgs: Sequence[str],
    *,
    person: str | None = None,
    username: str | None = None,
    reason: str | None = None,
    metadata: str = "",
) -> dict[str, object]:
    """Ask what IT has to know about a suspected breach.

    Args:
        orgs: the orgs' names in the settings.
        person: Slack user id of the suspected person, where it is known.
        username: a Salesforce username, where one was given.
        reason: what was written already.
        metadata: travels with the form: the link to the message that it is about.
    """
    anywhere = ("Wherever they have a user", ANY_ORG)
    return modal(
        "Suspect a breach",
        [
            section(
                "Somebody else may be using a Salesforce account? IT decides what is done. If it "
                "is happening now, phone IT as well. Don't warn the person by Slack or mail: "
                "somebody else may read it."
            ),
            actions(button("Planned reset instead", "breach.plan_instead", ALL_ZERO)),
            people_field(
                "Whose account?",
                "person",
                hint="Your own, too.",
                optional=True,
                initial=person,
            ),
            _username("Or their Salesforce username", optional=True, initial=username),
            *_org(orgs, "org", [anywhere, *_named(orgs)], initial=ANY_ORG),
            question(
                "What happened?", "reason", hint=_NEVER, most=MOST_TYPED, initial=reason or None
            ),
            question(
                "What did you see?",
                "seen",
                hint="Such as a login at night, an app that you don't know, a mail with a link.",
                most=MOST_TYPED,
                optional=True,
            ),
            radio_field(
                "How urgent is it?",
                "urgency",
                [(label, urgency.value) for urgency, label in _URGENCIES.items()],
                initial=Urgency.HIGH,
            ),
            many_field(
                "And Slack?",
                "slack",
                [("Their Slack account may be in other hands too", "suspected")],
                optional=True,
            ),
        ],
        submit="Report",
        close="Cancel",
        callback_id="breach.report",
        reset_id=metadata,
    )


def planned_form(orgs: Sequence[str]) -> dict[str, object]:
    """Ask what IT plans: a reset of an account whose secret is due."""
    return modal(
        "Planned reset",
        [
            section(
                "For approvers: a reset that is due, such as a service account's. Another approver "
                "decides, after seeing what breaks."
            ),
            section(
                "*What it costs:* password and security token both stop working at once. "
                "Salesforce mails a link for a new password to the address on that Salesforce "
                f"user. {MAILED_LATER} For an API Only user there is no other way. Nothing else is "
                "touched: open sessions and OAuth grants go on."
            ),
            _username("Salesforce username", optional=False),
            # Not of the other form's name: a field keeps what it held, such as "wherever".
            *_org(orgs, "planned_org", _named(orgs)),
            question("Why now?", "reason", hint=_NEVER, most=MOST_TYPED),
            people_field(
                "Who looks after it?",
                "owner",
                hint="I tell them when it's done, and where the new token has to go.",
            ),
        ],
        submit="Ask an approver",
        close="Cancel",
        callback_id="breach.plan",
    )


def _username(label: str, *, optional: bool, initial: str | None = None) -> InputBlock:
    return InputBlock(
        block_id="username",
        label=PlainTextObject(text=label),
        hint=PlainTextObject(text="It has the shape of a mail address, and may not be one."),
        element=PlainTextInputElement(
            action_id=TEXT,
            max_length=_MOST_USERNAME,
            initial_value=initial[:_MOST_USERNAME] if initial else None,
        ),
        optional=optional or None,
    )


def _named(orgs: Sequence[str]) -> list[tuple[str, str]]:
    return [(plain_org(org), org) for org in orgs[: MOST_OPTIONS - 1]]


def _org(
    orgs: Sequence[str], block_id: str, options: Options, *, initial: str | None = None
) -> list[Block]:
    """Ask for the org where there are several."""
    if len(orgs) < 2:
        return []
    return [choice_field("Which Salesforce org?", block_id, options, initial=initial)]
