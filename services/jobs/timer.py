"""How a job asks to be run again at a time."""

from datetime import datetime


class RunAgain(Exception):
    """A handler's wish to be run again at a time, such as a deadline that was moved."""

    def __init__(self, at: datetime) -> None:
        super().__init__()
        self.at = at
