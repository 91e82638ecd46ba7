"""What somebody who reports a breach, or asks for a planned reset, fills in and is told."""

from datetime import datetime, timedelta
from math import ceil

from handlers.blocks import message, said, section
from handlers.case_wording import (
    counted,
    is_planned,
    listed,
    named,
    place,
    reference,
    user,
    who,
    who_and_when,
)
from handlers.message import Message
from handlers.problem_words import what_to_do, why_not
from handlers.report_forms import planned_form, report_form
from handlers.step_outcomes import in_short
from handlers.wording import it, next_minute, quoted, when
from services.cases import policy
from services.cases.model import Case
from services.cases.states import CaseState
from services.cases.steps import StepState
from services.resets.policy import AnswerCode

__all__ = [
    "decided",
    "it_has_it",
    "it_unreachable",
    "joined",
    "no_decision_yet",
    "not_saved",
    "planned_form",
    "planned_reported",
    "refused",
    "report_form",
    "reported",
    "too_many",
    "too_many_in_form",
    "usage",
]

_PHONE = "If it's urgent, phone IT now; don't wait for Slack."

_QUIET = (
    "Don't warn the suspected person by Slack or mail: somebody else may be reading there. Phone "
    "them, or leave it to IT."
)

_UNTIL_THEN = "Nothing changes in Salesforce until an approver says so."

_TOLD_LATER = "I'll tell you what IT decides."


def reported(case_id: str, it_channel: str) -> Message:
    """Answer a report at once. That IT has it isn't known yet."""
    return message(
        "Your report is saved, and I'm telling IT. If it's urgent, phone them now.",
        section(
            f"Your report is saved, and I'm telling {it(it_channel)}. {_UNTIL_THEN} {_TOLD_LATER}",
            f"*{_PHONE}*",
            _QUIET,
            f"{reference(case_id)}.",
        ),
    )


def planned_reported(case_id: str, it_channel: str) -> Message:
    """Answer a planned reset at once."""
    return message(
        "Your planned reset is saved. I check that you are an approver, and what breaks.",
        section(
            "Your planned reset is saved. I check that you are one of IT's approvers, look up what "
            f"breaks, and then ask another of them in {it(it_channel)}. {_UNTIL_THEN} "
            f"{_TOLD_LATER}",
            f"{reference(case_id)}.",
        ),
    )


_TOO_MANY = (
    f"You have reported {policy.REPORTS_AN_HOUR} times within an hour, the most that I take from "
    "one person. This report was not sent."
)


def too_many(until: datetime) -> Message:
    """Say that this one wasn't taken."""
    return message(
        f"{_TOO_MANY} If it's urgent, phone IT now.",
        section(
            _TOO_MANY,
            f"*If it's urgent, phone IT now.* I take the next one from {when(next_minute(until))}.",
        ),
    )


def too_many_in_form(until: datetime, now: datetime) -> str:
    """Say it as a form's error, in which Slack shows no time in the reader's own zone."""
    minutes = max(1, ceil((until - now) / timedelta(minutes=1)))
    wait = counted(minutes, "minute", "minutes")
    return f"{_TOO_MANY} If it's urgent, phone IT now. I take the next one in {wait}."


def not_saved() -> Message:
    """Say that nobody can tell whether it was saved. It stands in a form too."""
    return said(
        "I couldn't save this, or can't tell whether I did. If it can't wait, phone IT now. Else "
        "send it again in a few minutes; twice does no harm."
    )


def it_has_it(case: Case, it_channel: str) -> Message:
    """Say that it stands in IT's channel."""
    about = _about(case)
    phone = "" if is_planned(case) else f"{_PHONE} {_QUIET}"
    if case.problem is not None:  # nobody can approve anything, yet or at all
        return message(
            f"IT has your {about}, but there is nothing to approve as it stands.",
            section(
                f"{it(it_channel)} has your {about}. {why_not(case)} So there is nothing to "
                f"approve as it stands; IT sees that. {_TOLD_LATER}",
                phone,
            ),
        )
    return message(
        f"IT has your {about}.",
        section(f"{it(it_channel)} has your {about}. An approver decides. {_TOLD_LATER}", phone),
    )


def it_unreachable(case: Case) -> Message:
    """Say that only the reporter can reach IT now."""
    return message(
        "I couldn't reach IT in Slack: phone them now.",
        section(
            "*I couldn't reach IT in Slack: phone them now.* They may not have seen your "
            f"{_about(case)}.",
            f"Give them this: {reference(case.id)}. I keep trying.",
        ),
    )


def joined(case: Case, it_channel: str) -> Message:
    """Say that another report of the same account was there first."""
    what = "has been asked for already" if is_planned(case) else "has been reported already"
    return message(
        f"This {what}. Yours was added to it.",
        section(
            f"{user(case)} {what}. Yours was added to it, for {it(it_channel)} to see.",
            "" if is_planned(case) else f"{_PHONE} {_QUIET}",
        ),
    )


def no_decision_yet(case: Case, it_channel: str) -> Message:
    """Say that time passed and nobody decided."""
    begun = "Some steps were begun; the rest waits." if case.has_begun else _UNTIL_THEN
    days = policy.POSTED_AFRESH_FOR.days
    return message(
        f"IT hasn't decided yet about your {_about(case)}.",
        section(
            f"{it(it_channel)} hasn't decided yet about your {_about(case)}, made "
            f"{when(case.created_at, 'date_time')}. {begun}",
            f"It stays open until somebody decides. I post it again in their channel, daily for "
            f"{days} days. *If it's urgent, phone them.*",
        ),
    )


def decided(case: Case) -> Message:
    """Tell whoever reported it what IT decided, or what was done by now."""
    if case.state is CaseState.DENIED:
        return _denied(case)
    if not case.approvals:
        return said(f"IT has looked at your {_about(case)}.")
    if is_planned(case):
        text = f"IT has approved your {_about(case)}."
    else:
        text = f"IT is acting on your {_about(case)}."
    return message(
        text,
        section(f"*{text}* {_approvers(case)}", *_rest_denied(case)),
        section(*_done(case)),
    )


def _denied(case: Case) -> Message:
    denial = case.denial
    by = f"{who_and_when(denial)}" if denial else "IT"
    why = f": {quoted(denial.note, 1500)}" if denial and denial.note else "."
    if policy.steps_for(case):
        text = f"IT decided against acting on your {_about(case)}."
    else:
        text = f"IT has closed your {_about(case)}."
    again = (
        "If you know more than you wrote, report it again or phone IT."
        if not is_planned(case)
        else "For more, ask whoever decided."
    )
    return message(
        text,
        section(
            f"*{text}* {by}{why}",
            f"I changed nothing in Salesforce. {again}",
        ),
    )


def _approvers(case: Case) -> str:
    last = case.approvals[-1]
    if last.override:
        return f"Emergency override by {who_and_when(last)}."
    return f"Approved by {', '.join(who(one) for one in case.approvals[-5:])}."


def _rest_denied(case: Case) -> list[str]:
    if case.denial is None:
        return []
    said_so = f": {quoted(case.denial.note, 1000)}" if case.denial.note else "."
    return [f"The rest was denied by {who_and_when(case.denial)}{said_so}"]


def _done(case: Case) -> list[str]:
    effects = [one for one in case.steps if one.kind.is_effect]
    if not effects:
        return [f"To be done: {listed(case.approvals[-1].steps)}."]
    unsettled = any(
        one.state in {StepState.QUEUED, StepState.RUNNING, StepState.HELD, StepState.WAITING}
        for one in effects
    )
    heading = "*Where it stands now:*" if unsettled else "*What was done:*"
    return [heading, *(f"• {in_short(one)}" for one in effects)]


def refused(case: Case) -> Message:
    """Say why nothing came of it."""
    if case.detail == AnswerCode.NOT_APPROVER:
        why = "Only IT's approvers may ask for a planned reset."
        do = "Ask one of them. If you suspect a breach, report that: `/reset-token breach`."
    elif case.detail == AnswerCode.APPROVERS_UNKNOWN:
        why = "I couldn't find out from Slack whether you're an approver, so I took it for a no."
        do = "Try again in a few minutes."
    elif case.detail == AnswerCode.UNDER_INVESTIGATION:
        why = "IT is looking at this account because somebody else may be using it."
        do = "Its card in IT's channel decides about its password. Ask again when that is closed."
    else:
        why, do = why_not(case), what_to_do(case)
    what = "planned reset" if is_planned(case) else "report"
    return message(
        f"I couldn't take your {what}.",
        section(f"*I couldn't take your {what}.* {why} I changed nothing in Salesforce.", do),
    )


def usage(it_channel: str) -> Message:
    """Say how to report where the form didn't open."""
    return message(
        "Slack didn't open the form. Nothing was reported.",
        section(
            "*Slack didn't open the form. Nothing was reported.*",
            "Type `/reset-token breach` again, or all at once: `/reset-token breach @person what "
            "happened`. A Salesforce username does in place of the person.",
            f"Can't wait? Phone {it(it_channel)}.",
        ),
    )


def _about(case: Case) -> str:
    if is_planned(case):
        return f"planned reset of {user(case)}"
    where = f" in {place(case)}" if case.target else ""
    return f"report about {named(case)}{where}"
