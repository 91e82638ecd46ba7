"""Somebody resets a token that isn't theirs, and its owner says so."""

from sandbox.page.steps import DM, FillIn, Press, Seen, Step, Story, Type

IT = "it-approvals"

NOT_ME = Story(
    name="not-me",
    title="“This wasn't me”",
    about="Somebody sits down at Iris's unlocked laptop. She finds a message she didn't expect.",
    steps=(
        Step(
            who="iris",
            tell="Iris is at lunch and her laptop is unlocked. Somebody types in her Slack.",
            deed=Type("/reset-token"),
            seen=Seen("general", "Reset my token"),
        ),
        Step(
            who="iris",
            tell="And presses the button. The new token goes to Iris's mailbox all the same, and "
            "she gets a message.",
            deed=Press("Reset my token"),
            seen=Seen(DM, "next steps"),
        ),
        Step(
            who="iris",
            tell="Back from lunch, Iris finds that message. It wasn't her, and she says so.",
            deed=Press("This wasn't me", DM),
            seen=Seen(IT, "Suspected breach", who="ivan"),
        ),
        Step(
            who="ivan",
            tell="IT has a card at once. Her own approver's rights count for nothing here: it is "
            "Ivan who phones her, and presses Approve….",
            deed=Press("Approve…", IT),
            seen=Seen("modal", "What is to be done?"),
        ),
        Step(
            who="ivan",
            tell="He leaves every step on.",
            deed=FillIn({}),
            seen=Seen(IT, "6 of 6 steps have ended"),
        ),
        Step(
            who="ivan",
            tell="Somebody else may be reading her Slack, so the bot writes nothing to her: what "
            "Ivan is to tell her by phone stands in the thread.",
            look="org",
            channel=IT,
        ),
    ),
    ends="Whoever it was has neither the token nor the password, nor an open session.",
)
