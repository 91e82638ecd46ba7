"""Salesforce goes down after somebody has pressed the button."""

from sandbox.page.steps import DM, Press, Seen, Step, Story, Turn, Type

SALESFORCE_DOWN = Story(
    name="salesforce-down",
    title="Salesforce goes down in the middle",
    about="Ivan resets his token while Salesforce stops answering. What does the bot say then?",
    steps=(
        Step(
            who="ivan",
            tell="Ivan works in IT, and needs a new token himself. He asks for one.",
            deed=Type("/reset-token"),
            seen=Seen("general", "Reset my token"),
        ),
        Step(
            who="ivan",
            tell="While he reads, Salesforce goes down: from now on every request is refused.",
            deed=Turn("Salesforce is down", on=True),
            seen=Seen("faults", "Salesforce is down: on"),
        ),
        Step(
            who="ivan",
            tell="He presses the button. The bot tries again for a while.",
            deed=Press("Reset my token"),
            seen=Seen("general", "I couldn't do it for you"),
        ),
        Step(
            who="ivan",
            tell="It says so plainly: nothing has changed, and what he can do by himself. He "
            "would rather wait.",
            deed=Press("Cancel"),
            seen=Seen("general", "Cancelled"),
        ),
        Step(
            who="ivan",
            tell="Salesforce comes back.",
            deed=Turn("Salesforce is down", on=False),
            seen=Seen("faults", "Salesforce is down: off"),
        ),
        Step(
            who="ivan",
            tell="He asks again.",
            deed=Type("/reset-token"),
            seen=Seen("general", "Reset my token"),
        ),
        Step(
            who="ivan",
            tell="And presses again. This time it is done, once.",
            deed=Press("Reset my token"),
            seen=Seen(DM, "next steps"),
        ),
        Step(
            who="ivan",
            tell="One mail, one new token. In the audit stand both attempts, and why the first "
            "one ended.",
            look="audit",
            channel=DM,
        ),
    ),
    ends="Nothing was done twice, nothing was called done that wasn't.",
)
