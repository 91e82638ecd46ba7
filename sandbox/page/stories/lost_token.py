"""Somebody needs a new security token, and puts it where it has to go."""

from sandbox.page.steps import DM, LogIn, PasteToken, Press, Seen, Step, Story, Type

LOST_TOKEN = Story(
    name="lost-token",
    title="A lost token",
    about="Ada needs a new security token. What stops working, and how does she mend it?",
    steps=(
        Step(
            who="ada",
            tell="Ada works in sales. Data Loader asks for a security token and nobody knows it "
            "any more. She types the command, for the org that she means.",
            deed=Type("/reset-token production"),
            seen=Seen("general", "These will break"),
            picture="warning",
        ),
        Step(
            who="ada",
            tell="Only she sees the answer: what logs in with her token, what would stop working, "
            "and that nothing is certain. Nothing has changed yet. She resets it.",
            deed=Press("Reset my token"),
            seen=Seen(DM, "next steps"),
            picture="dm",
        ),
        Step(
            who="ada",
            tell="Done, and the next steps came by direct message. Salesforce mailed the new "
            "token to her: the bot never sees it.",
            look="mail",
            channel=DM,
        ),
        Step(
            who="ada",
            tell="Data Loader still has the old token. Let it log in: Salesforce refuses it, in "
            "its own words.",
            deed=LogIn("Data Loader"),
            seen=Seen("integrations", "Data Loader fails"),
        ),
        Step(
            who="ada",
            tell="She copies the token out of the mail into Data Loader.",
            deed=PasteToken("Data Loader"),
            seen=Seen("integrations", "Data Loader works"),
        ),
        Step(
            who="ada",
            tell="It works again. A minute after the reset the bot looks at the logins and ticks "
            "Data Loader off in her direct message. The audit has every move, and no token.",
            look="audit",
            channel=DM,
        ),
    ),
    ends="Ada has a new token, knows where it goes, and the bot watches until all is mended.",
)
