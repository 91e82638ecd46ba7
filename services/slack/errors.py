"""What Slack can answer. Holds Slack's error codes, never its text or a URL."""


class SlackError(Exception):
    """A call to Slack had no good answer."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class SlackUnavailableError(SlackError):
    """Slack is down, slow or limits us. A message may have been posted all the same."""

    def __init__(self, code: str, retry_after: float | None = None) -> None:
        """Make it.

        Args:
            code: Slack's, or the name of an exception.
            retry_after: in seconds, where Slack limits us and says until when.
        """
        super().__init__(code)
        self.retry_after = retry_after


class SlackRefusedError(SlackError):
    """Slack said no, and will say so again."""
