"""Somebody reports a suspected breach, and IT contains it."""

from sandbox.page.steps import DM, FillIn, Press, Seen, Step, Story, Turn, Type

IT = "it-approvals"

BREACH = Story(
    name="breach",
    title="A breach, approved by IT",
    about="Ben suspects that somebody else uses Ada's account. Ivan of IT decides.",
    steps=(
        Step(
            who="ben",
            tell="Ben looks after Salesforce. Ada got a mail that looked like Acme's, and typed "
            "her password. He reports it; that changes nothing by itself.",
            deed=Type(
                "/reset-token breach production @ada She got a mail that looked like ours and "
                "typed her password"
            ),
            seen=Seen(IT, "Suspected breach", who="ivan"),
            picture="breach-card",
        ),
        Step(
            who="ivan",
            tell="Ivan approves for IT. The card says who is suspected, what is open now, what it "
            "would break, and who may decide. So that one can watch, Salesforce is slow today.",
            deed=Turn("Salesforce is slow", on=True),
            seen=Seen("faults", "Salesforce is slow: on"),
        ),
        Step(
            who="ivan",
            tell="He has phoned Ada: it wasn't her. He presses Approve….",
            deed=Press("Approve…", IT),
            seen=Seen("modal", "What is to be done?"),
        ),
        Step(
            who="ivan",
            tell="Every step is on: freeze, end sessions, revoke grants, reset password and "
            "token. He leaves a note and sends it.",
            deed=FillIn({"Note": "Phoned her: it wasn't her"}),
            seen=Seen(IT, "▰▱"),
            picture="approval-in-progress",
        ),
        Step(
            who="ivan",
            tell="Step by step, in the card's thread. Enough watched: Salesforce is quick again.",
            deed=Turn("Salesforce is slow", on=False),
            seen=Seen(DM, "What is true now", who="ada"),
        ),
        Step(
            who="ivan",
            tell="What was done is read back from Salesforce, and the thread says what is true "
            "now and what is left for people to do.",
            look="org",
            channel=IT,
        ),
        Step(
            who="ada",
            tell="Ada was told what happened and what to do. Her user is frozen; the link for a "
            "new password is in her mailbox.",
            look="mail",
            channel=DM,
        ),
    ),
    ends="Nothing happened before an approver said so. Then it happened once, and was read back.",
)
