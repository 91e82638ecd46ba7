"""The fields that forms are made of, each in a block of its own.

What they hold once the form was sent is read by block id with `handlers/click.py`. A field that is
shown again in the same view under the same block id keeps what it held: a new `initial` needs a new
block id (seen in public issues: bolt-python 572 and 1064).
"""

from collections.abc import Sequence

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import (
    CheckboxesElement,
    InputBlock,
    InputInteractiveElement,
    Option,
    PlainTextInputElement,
    PlainTextObject,
    RadioButtonsElement,
    StaticMultiSelectElement,
    StaticSelectElement,
    UserSelectElement,
)

from handlers.wording import plain

TEXT, PERSON, CHOICE, MANY = "text", "user", "choice", "many"
"""The action ids of the fields, by what they hold."""

MOST_LABEL = 75
"""Characters of an option's label, by Slack's reference for options."""

MOST_BOXES = 10
"""Checkboxes or radio buttons in one field, by Slack's reference."""

MOST_OPTIONS = 100
"""Options of one menu, by Slack's reference."""

Options = Sequence[tuple[str, str]]
"""Labels, which may come from outside, and values."""


def question(
    label: str,
    block_id: str,
    *,
    hint: str,
    most: int,
    optional: bool = False,
    initial: str | None = None,
) -> InputBlock:
    """Make a field for a few lines of text, at most `most` characters."""
    element = PlainTextInputElement(
        action_id=TEXT,
        multiline=True,
        min_length=None if optional else 1,
        max_length=most,
        initial_value=initial[:most] if initial else None,
    )
    return _field(label, block_id, element, hint=hint, optional=optional)


def people_field(
    label: str,
    block_id: str,
    *,
    hint: str | None = None,
    optional: bool = False,
    initial: str | None = None,
) -> InputBlock:
    """Make a menu of the workspace's people; `initial` is a user id."""
    element = UserSelectElement(action_id=PERSON, initial_user=initial)
    return _field(label, block_id, element, hint=hint, optional=optional)


def choice_field(
    label: str,
    block_id: str,
    options: Options,
    *,
    initial: str | None = None,
    optional: bool = False,
) -> InputBlock:
    """Make a menu from which one option is chosen; `initial` is a value.

    Raises:
        slack_sdk.errors.SlackObjectFormationError: no option, or more than `MOST_OPTIONS`.
    """
    offered = _offered(options, MOST_OPTIONS)
    element = StaticSelectElement(
        action_id=CHOICE, options=offered, initial_option=_first(offered, initial)
    )
    return _field(label, block_id, element, optional=optional)


def radio_field(
    label: str,
    block_id: str,
    options: Options,
    *,
    initial: str | None = None,
    optional: bool = False,
) -> InputBlock:
    """Make radio buttons, all of them in sight, of which one is chosen; `initial` is a value.

    Raises:
        slack_sdk.errors.SlackObjectFormationError: no option, or more than `MOST_BOXES`.
    """
    offered = _offered(options, MOST_BOXES)
    element = RadioButtonsElement(
        action_id=CHOICE, options=offered, initial_option=_first(offered, initial)
    )
    return _field(label, block_id, element, optional=optional)


def many_field(
    label: str,
    block_id: str,
    options: Options,
    *,
    initial: Sequence[str] = (),
    optional: bool = False,
) -> InputBlock:
    """Make checkboxes, or a menu where there are too many for that; `initial` are values.

    Raises:
        slack_sdk.errors.SlackObjectFormationError: no option, or more than `MOST_OPTIONS`.
    """
    offered = _offered(options, MOST_OPTIONS)
    chosen = [option for option in offered if option.value in initial] or None
    element: InputInteractiveElement
    if len(offered) <= MOST_BOXES:
        element = CheckboxesElement(action_id=MANY, options=offered, initial_options=chosen)
    else:
        element = StaticMultiSelectElement(action_id=MANY, options=offered, initial_options=chosen)
    return _field(label, block_id, element, optional=optional)


def _offered(options: Options, most: int) -> list[Option]:
    if not 1 <= len(options) <= most:
        # The models let these through, and Slack would refuse the whole form.
        raise SlackObjectFormationError(f"from 1 to {most} options, not {len(options)}")
    return [
        Option(text=PlainTextObject(text=plain(label, MOST_LABEL) or "-"), value=value)
        for label, value in options
    ]


def _first(offered: Sequence[Option], value: str | None) -> Option | None:
    """Find the option that is chosen at first: none where it isn't offered any more."""
    return next((option for option in offered if option.value == value), None)


def _field(
    label: str,
    block_id: str,
    element: InputInteractiveElement,
    *,
    hint: str | None = None,
    optional: bool = False,
) -> InputBlock:
    return InputBlock(
        block_id=block_id,
        label=PlainTextObject(text=label),
        hint=PlainTextObject(text=hint) if hint else None,
        element=element,
        optional=optional or None,
    )
