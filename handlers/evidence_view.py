"""*Show evidence*: what the account looked like, and the reports as they were typed."""

import json
import textwrap
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple, TypeVar

from slack_sdk.models.blocks import Block

from handlers.blocks import contexts, modal, section, sections
from handlers.case_wording import account, counted, reference
from handlers.impact_modal import MOST_BYTES
from handlers.integration_words import name
from handlers.wording import code, person, plain, quoted, safe, when
from services.cases.model import Case, Report
from services.cases.words import MOST_LINES, MOST_REASON
from services.salesforce.records import Evidence, KeptGrant, KeptUser, Login, OpenSession

_MOST_BLOCKS = 100
"""In a modal, by Slack's reference for views."""

_PIECE = 500
"""Characters of a reason in one line, so that any fits into a section however it grows."""


class _Detail(NamedTuple):
    words: int
    """Characters of a reason, and of what was seen."""
    lines: int
    """Lines of evidence that an alert brought along."""
    rows: int
    """Sessions, and as many grants."""
    logins: int


_LEVELS = (
    _Detail(MOST_REASON, MOST_LINES, rows=40, logins=40),
    _Detail(5000, MOST_LINES, rows=40, logins=40),
    _Detail(2000, MOST_LINES, rows=30, logins=40),
    _Detail(1000, 10, rows=20, logins=40),
    _Detail(300, 5, rows=10, logins=30),
    _Detail(100, 1, rows=5, logins=10),
)


_T = TypeVar("_T")


def evidence_view(case: Case, evidence: Evidence | None) -> dict[str, object]:
    """Show what was kept; None where its time is over, or it can't be read."""
    *more, least = _LEVELS
    for level in more:
        blocks = _blocks(case, evidence, level)
        if _fits(blocks):
            return modal("Evidence", blocks, close="Close")
    return modal("Evidence", _blocks(case, evidence, least), close="Close")


def _fits(blocks: Sequence[Block]) -> bool:
    if len(blocks) > _MOST_BLOCKS:
        return False
    return len(json.dumps([block.to_dict() for block in blocks])) <= MOST_BYTES


def _blocks(case: Case, evidence: Evidence | None, detail: _Detail) -> list[Block]:
    kept = _gone() if evidence is None else _kept(evidence, detail)
    voices = [line for one in case.reports for line in _report(one, detail)]
    if case.more_reports:
        voices.append(f"And {case.more_reports:,} more that aren't kept.")
    return [
        section(account(case)),
        *sections(kept),
        *sections(["*The reports, as typed:*", *voices]),
        *contexts([f"{reference(case.id)}. Keep this among approvers."]),
    ]


def _gone() -> list[str]:
    return [
        (
            "I don't have the evidence: it is kept for a limited time, or it couldn't be read. The "
            "audit and the card's thread remain."
        )
    ]


def _kept(evidence: Evidence, detail: _Detail) -> list[str]:
    needs = (
        [f"My Salesforce user lacks a permission for some of it: *{safe(evidence.needs, 200)}*."]
        if evidence.needs
        else []
    )
    failed = sum(_has_failed(one) for one in evidence.logins or ())
    logins = f", {failed:,} of them failed" if failed else ""
    return [
        f"*As read {when(evidence.read_at, 'date_time')}:*",
        *(_user(evidence.user) if evidence.user else ["The user record couldn't be read."]),
        f"*Lock:* {_lock(evidence)}",
        *needs,
        *_listed(
            "Open sessions", evidence.sessions, detail.rows, _session, cut=evidence.sessions_cut
        ),
        *_listed("OAuth grants", evidence.grants, detail.rows, _grant, cut=evidence.grants_cut),
        *_listed(
            f"Logins of the last {evidence.days} days",
            evidence.logins,
            detail.logins,
            _login,
            cut=evidence.logins_cut,
            beside=logins,
        ),
    ]


def _user(user: KeptUser) -> list[str]:
    state = "active" if user.is_active else "inactive"
    return [
        f"*User:* {safe(user.name, 80) or '-'}, {code(user.username)}, id {code(user.id, 60)}",
        f"*Mail goes to:* {code(user.email, 300)}",
        (
            f"*Profile:* {safe(user.profile or '', 80) or 'not known'}, {state}, "
            f"{safe(user.user_type, 40) or 'type not known'}"
        ),
        (
            f"*Password last changed:* {_at(user.last_password_change)} · *Last login:* "
            f"{_at(user.last_login)} · *Created:* {_at(user.created)}"
        ),
    ]


def _lock(evidence: Evidence) -> str:
    if evidence.lock is None:
        return "couldn't be read"
    frozen = "frozen" if evidence.lock.is_frozen else "not frozen"
    locked = "locked after failed logins" if evidence.lock.is_password_locked else "not locked"
    return f"{frozen}, {locked}"


def _listed(
    title: str,
    rows: Sequence[_T] | None,
    most: int,
    describe: Callable[[_T], str],
    *,
    cut: bool,
    beside: str = "",
) -> list[str]:
    if rows is None:
        return [f"*{title}:* couldn't be read"]
    least = "at least " if cut else ""
    more = len(rows) - most
    rest = [f"And {more:,} more that aren't shown here."] if more > 0 else []
    return [f"*{title}:* {least}{len(rows):,}{beside}", *map(describe, rows[:most]), *rest]


def _session(one: OpenSession) -> str:
    parts = [one.session_type, one.login_type]
    kinds = ", ".join(safe(part, 60) for part in parts if part)
    return f"• {_at(one.created)}: {kinds or 'kind not known'}, from {_address(one.source_ip)}"


def _grant(one: KeptGrant) -> str:
    uses = "" if one.uses is None else f", used {counted(one.uses, 'time', 'times')}"
    approved = f"approved {_at(one.created)}, last used {_at(one.last_used)}{uses}"
    return f"• {name(one.app or '')}: {approved}"


def _login(one: Login) -> str:
    parts = [one.login_type, one.login_subtype, one.api_type, one.client_version]
    kinds = ", ".join(safe(part, 40) for part in parts if part)
    return (
        f"• {when(one.time, 'date_time')}: {name(one.application or '')}"
        f"{f' ({kinds})' if kinds else ''}, from {_address(one.source_ip)}: "
        f"{safe(one.status or '', 80) or 'outcome not known'}"
    )


def _has_failed(one: Login) -> bool:
    return one.status is not None and one.status != "Success"


def _address(address: str | None) -> str:
    return code(address, 50) if address else "an unknown address"


def _at(moment: datetime | None) -> str:
    return when(moment, "date_time") if moment else "not known"


def _report(report: Report, detail: _Detail) -> list[str]:
    by = person(report.reporter.user_id) if report.reporter else "an alert"
    if report.alert is not None:
        by = f"an alert that calls itself {quoted(report.alert.source, 80)}"
    lines = [
        f"• {piece}" for line in report.evidence[: detail.lines] for piece in _typed(line, 200)
    ]
    more = len(report.evidence) - detail.lines
    return [
        f"*By {by}*, {when(report.at, 'date_time')}:",
        *_quotation(report.reason, detail.words),
        *(["*Seen:*", *_quotation(report.seen, detail.words)] if report.seen else []),
        *(["*Evidence:*", *lines] if lines else []),
        *([f"• {counted(more, 'more line', 'more lines')}"] if more > 0 else []),
    ]


def _quotation(text: str, most: int) -> list[str]:
    # An escaped ">" at the beginning of a line is a quotation to Slack.
    return [f"&gt; {piece}" for piece in _typed(text, most)]


def _typed(text: str, most: int) -> list[str]:
    """Cut a long text into lines, of which none grows beyond what a section holds."""
    pieces = textwrap.wrap(plain(text, most), _PIECE, break_on_hyphens=False)
    return [safe(piece, 6 * _PIECE) or "-" for piece in pieces] or ["-"]
