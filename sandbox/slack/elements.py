"""The shapes of Slack's text objects, options and interactive elements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.slack import limits
from sandbox.slack.schema import also, array, boolean, choice, integer, one_of, record, string

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.slack.schema import Rule


def _plain_kind(limit: int) -> Rule:
    return record({"text": string(limit)}, {"emoji": boolean})


def plain(limit: int) -> Rule:
    """Accept a `plain_text` object only."""
    return one_of({"plain_text": _plain_kind(limit)}, "text (must be plain_text)")


def rich(limit: int) -> Rule:
    """Accept a `plain_text` or `mrkdwn` object."""
    mrkdwn = record({"text": string(limit)}, {"verbatim": boolean})
    return one_of({"plain_text": _plain_kind(limit), "mrkdwn": mrkdwn}, "text")


IDENTIFIER = string(limits.ID)
CONFIRM = record(
    {
        "title": plain(limits.CONFIRM_TITLE),
        "text": rich(limits.CONFIRM_TEXT),
        "confirm": plain(limits.CONFIRM_BUTTON),
        "deny": plain(limits.CONFIRM_BUTTON),
    },
    {"style": choice("primary", "danger")},
)
IMAGE_FIELDS = {"image_url": string(limits.URL), "alt_text": string(limits.ALT_TEXT)}
_PLACEHOLDER = plain(limits.PLACEHOLDER)
_INTERACTIVE: dict[str, Rule] = {"action_id": IDENTIFIER, "confirm": CONFIRM}
_FOCUS: dict[str, Rule] = {"focus_on_load": boolean}


def _option(text: Rule, **more: Rule) -> Rule:
    return record({"text": text, "value": string(limits.OPTION_VALUE)}, more)


_PLAIN_OPTION = _option(plain(limits.OPTION_TEXT), description=plain(limits.OPTION_TEXT))
_RICH_OPTION = _option(rich(limits.OPTION_TEXT), description=rich(limits.OPTION_TEXT))
_LINK_OPTION = _option(plain(limits.OPTION_TEXT), url=string(limits.URL))
_OPTION_GROUP = record(
    {
        "label": plain(limits.OPTION_TEXT),
        "options": array(_PLAIN_OPTION, 1, limits.OPTIONS),
    }
)


def _offered(value: object) -> list[object]:
    """Return the options of a menu, those in groups too."""
    if not isinstance(value, dict):
        return []
    groups = value.get("option_groups", [])
    return [*value.get("options", []), *(o for group in groups for o in group["options"])]


def _initial_is_offered(value: object, at: str) -> Iterator[str]:
    if isinstance(value, dict):
        chosen = [*value.get("initial_options", [])]
        if "initial_option" in value:
            chosen.append(value["initial_option"])
        if any(option not in _offered(value) for option in chosen):
            yield f"initial option must be one of the options [json-pointer:{at}]"


def _initial_fits_the_most(value: object, at: str) -> Iterator[str]:
    """That Slack refuses it is inferred: its client would let nobody choose as many."""
    if isinstance(value, dict):
        most = value.get("max_selected_items", limits.OPTIONS)
        if len(value.get("initial_options", [])) > most:
            yield f"no more than {most} initial options allowed [json-pointer:{at}/initial_options]"


def _one_source_of_options(value: object, at: str) -> Iterator[str]:
    if isinstance(value, dict) and ("options" in value) == ("option_groups" in value):
        yield f"exactly one of options and option_groups is required [json-pointer:{at}]"


_BUTTON = record(
    {"text": plain(limits.BUTTON_TEXT)},
    {
        **_INTERACTIVE,
        "url": string(limits.URL),
        "value": string(limits.BUTTON_VALUE),
        "style": choice("primary", "danger"),
        "accessibility_label": string(limits.BUTTON_TEXT),
    },
)
_MENU: dict[str, Rule] = {
    **_INTERACTIVE,
    **_FOCUS,
    "placeholder": _PLACEHOLDER,
    "options": array(_PLAIN_OPTION, 1, limits.OPTIONS),
    "option_groups": array(_OPTION_GROUP, 1, limits.OPTIONS),
}
_STATIC_SELECT = also(
    also(record({}, {**_MENU, "initial_option": _PLAIN_OPTION}), _one_source_of_options),
    _initial_is_offered,
)
_MULTI_STATIC_SELECT = also(
    also(
        also(
            record(
                {},
                {
                    **_MENU,
                    "initial_options": array(_PLAIN_OPTION, 1, limits.OPTIONS),
                    "max_selected_items": integer(1, limits.OPTIONS),
                },
            ),
            _one_source_of_options,
        ),
        _initial_is_offered,
    ),
    _initial_fits_the_most,
)
_USERS_SELECT = record(
    {},
    {**_INTERACTIVE, **_FOCUS, "placeholder": _PLACEHOLDER, "initial_user": IDENTIFIER},
)
_OVERFLOW = record({"options": array(_LINK_OPTION, 1, limits.OVERFLOW_OPTIONS)}, _INTERACTIVE)
_RADIO_BUTTONS = also(
    record(
        {"options": array(_RICH_OPTION, 1, limits.FEW_OPTIONS)},
        {**_INTERACTIVE, **_FOCUS, "initial_option": _RICH_OPTION},
    ),
    _initial_is_offered,
)
_CHECKBOXES = also(
    record(
        {"options": array(_RICH_OPTION, 1, limits.FEW_OPTIONS)},
        {
            **_INTERACTIVE,
            **_FOCUS,
            "initial_options": array(_RICH_OPTION, 1, limits.FEW_OPTIONS),
        },
    ),
    _initial_is_offered,
)
_PLAIN_TEXT_INPUT = record(
    {},
    {
        **_FOCUS,
        "action_id": IDENTIFIER,
        "placeholder": _PLACEHOLDER,
        "initial_value": string(limits.INPUT_LENGTH, low=0),
        "multiline": boolean,
        "min_length": integer(0, limits.INPUT_LENGTH),
        "max_length": integer(1, limits.INPUT_LENGTH),
    },
)

BUTTON_LIKE: dict[str, Rule] = {"button": _BUTTON, "overflow": _OVERFLOW}
MENUS: dict[str, Rule] = {
    "static_select": _STATIC_SELECT,
    "users_select": _USERS_SELECT,
    "radio_buttons": _RADIO_BUTTONS,
    "checkboxes": _CHECKBOXES,
}
# Documented for sections and inputs, not for a row of actions.
MULTI_MENUS: dict[str, Rule] = {"multi_static_select": _MULTI_STATIC_SELECT}
IMAGE: dict[str, Rule] = {"image": record(IMAGE_FIELDS)}
INPUTS: dict[str, Rule] = {**MENUS, **MULTI_MENUS, "plain_text_input": _PLAIN_TEXT_INPUT}
