"""How much is tried: a sample in `make test`, all of it in `make faults`."""

import os

ALL = os.environ.get("FAULTS") == "all"

AT_ONCE = 2 if ALL else 4
"""Stories at the same time in one test: most of each is waiting. All of them, for the better part
of an hour on every core, would look to each other like a Slack that doesn't answer."""
