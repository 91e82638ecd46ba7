"""What is left below an older card, once a newer one has been posted."""

from handlers.blocks import context, message, section
from handlers.case_wording import is_planned, place, reference, suspect, user
from handlers.message import Message
from services.cases.model import Case


def moved(case: Case) -> Message:
    """Take the buttons off a message of an older card's thread, and say where it goes on."""
    about = user(case) if is_planned(case) else f"{suspect(case)} in {place(case)}"
    text = f"This goes on in the thread below the newest card about {about}."
    return message(text, section(text), context(reference(case.id)))
