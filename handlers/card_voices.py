"""The reports of a case, as IT's card shows them: who says so, how that arrived, what was seen."""

from typing import NamedTuple

from handlers.case_wording import URGENCIES, counted, is_planned
from handlers.wording import code, link, person, quoted, safe, when
from services.cases.model import AlertOrigin, Case, Report, Source


class Detail(NamedTuple):
    """How much a card tells."""

    programs: int
    """Integrations that are described; the others are counted."""
    voices: int
    """Reports that are shown; the others are counted."""
    words: int
    """Characters of a reason, and of what was seen."""
    lines: int
    """Lines of evidence of one report."""


_WAYS = {
    Source.COMMAND: "by command",
    Source.FORM: "with the form",
    Source.MESSAGE: "about a message in Slack",
}

_MOST_LINE = 200


def voices(case: Case, detail: Detail) -> list[str]:
    """List the reports, the newest first."""
    newest = sorted(case.reports, key=lambda one: one.at, reverse=True)
    shown = newest[: detail.voices]
    count = len(newest) + case.more_reports
    heading = [f"*{count:,} reports, the newest first:*"] if count > 1 else []
    lines = [line for one in shown for line in _voice(case, one, detail, alone=count == 1)]
    more = count - len(shown)
    return [*heading, *lines, *([f"And {more:,} more."] if more else [])]


def _voice(case: Case, report: Report, detail: Detail, *, alone: bool) -> list[str]:
    at = when(report.at, "date_time")
    if report.source is Source.NOT_ME and report.reporter is not None:
        reset = f" Reset: {code(report.reset_id, 60)}" if report.reset_id else ""
        return [
            (
                f"{person(report.reporter.user_id)} pressed *This wasn't me*, {at}. That reset was "
                "started from their own Slack account: *phone them, don't write by Slack.*"
                f"{reset}"
            )
        ]
    urgency = "" if alone or report.alert else f" · {URGENCIES[report.urgency]}"
    source = link(report.link, "the message") if report.link else None
    return [
        f"{_who(case, report)}, {at}{urgency}:",
        quoted(report.reason, detail.words),
        *([f"*Seen:* {quoted(report.seen, detail.words)}"] if report.seen else []),
        *_evidence(report, detail),
        *([f"*Evidence:* {source}"] if source else []),
    ]


def _who(case: Case, report: Report) -> str:
    if report.alert is not None:
        return _alert(report.alert)
    if report.reporter is None:
        return "Reported by an alert"
    by = person(report.reporter.user_id)
    if is_planned(case):
        return f"Asked for by {by}"
    own = " about their own account" if report.reporter.user_id == case.suspect else ""
    return f"Reported by {by}{own} {_WAYS.get(report.source, '')}".rstrip()


def _alert(alert: AlertOrigin) -> str:
    secret = f"signed with secret {alert.secret:,} of {alert.secrets:,}"
    return (
        f"Reported by an alert that calls itself {quoted(alert.source, 80)}, severity "
        f"{alert.severity}, {secret}"
    )


def _evidence(report: Report, detail: Detail) -> list[str]:
    shown = [f"• {safe(line, _MOST_LINE) or '-'}" for line in report.evidence[: detail.lines]]
    more = len(report.evidence) - len(shown)
    counts = [f"• {counted(more, 'more line', 'more lines')} of evidence"] if more else []
    return [*shown, *counts]
