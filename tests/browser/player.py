"""Plays a story's steps in windows, as people would."""

from sandbox.page.steps import (
    Choose,
    Deed,
    FillIn,
    LogIn,
    PasteToken,
    Press,
    Step,
    Story,
    Turn,
    Type,
)
from tests.browser.window import Window, Windows


def people_of(story: Story) -> list[str]:
    """Name the people of a story, each once, in the order in which they come."""
    people = [who for step in story.steps for who in (step.who, watcher(step))]
    return list(dict.fromkeys(people))


def watcher(step: Step) -> str:
    """Name the person on whose screen a step shows its effect."""
    return (step.seen and step.seen.who) or step.who


async def open_all(windows: Windows, story: Story) -> dict[str, Window]:
    """Open a window for each person of a story."""
    return {name: await windows.open(name) for name in people_of(story)}


async def do_step(window: Window, step: Step, number: int) -> None:
    """Do a step by hand, and wait until the tour knows that it is done."""
    if step.deed is None:
        await window.page.locator("#tour").get_by_role("button", name="Next").click()
    else:
        await do(window, step.deed)
    await window.tour_is_at(number + 1)


async def do(window: Window, deed: Deed) -> None:
    """Do what a step asks for."""
    match deed:
        case Type(text, channel):
            await window.types(text, channel)
        case Press(button, channel):
            await window.presses(button, channel)
        case Choose(menu, option, channel):
            await window.chooses(menu, option, channel)
        case FillIn(fields):
            await window.fills_in(fields)
        case PasteToken(integration):
            await window.pastes_token(integration)
        case LogIn(integration):
            await window.lets_log_in(integration)
        case Turn(switch, on):
            await window.turns(switch, on=on)
