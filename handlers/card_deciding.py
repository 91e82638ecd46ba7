"""What IT's card says about deciding: what approving does, who may, who has, and until when."""

from handlers.case_wording import is_planned, listed, who_and_when
from handlers.step_words import NOT_CONTAINMENT, SSO, steps_in_words
from handlers.wording import MOST_MENTIONS, person, when
from services.cases import policy
from services.cases.model import Case
from services.cases.policy import Rules

NO_APPROVERS = "No approvers are set (`IT_APPROVERS` is empty), so nobody can decide this here."

_MOST_REPORTERS = 5


def what_approving_does(case: Case) -> list[str]:
    """Say step by step what happens once it is approved."""
    steps = steps_in_words(case)
    if not steps:
        return []
    if is_planned(case):
        return ["*Approving does this:*", *steps, *_planned_cost(case)]
    return ["*Approving does this*, as far as you leave each step on:", *steps, NOT_CONTAINMENT]


def _planned_cost(case: Case) -> list[str]:
    sso = f" {SSO}" if case.target and case.target.is_sso else ""
    return [
        (
            "*What it costs:* whatever logs in with the old password or token fails from then on, "
            "until it has the new one. Nothing else is touched: open sessions and OAuth grants "
            f"aren't ended.{sso}"
        )
    ]


def who_decides(case: Case, rules: Rules) -> list[str]:
    """Say whose decision it takes."""
    needed = policy.approvers_needed(case, rules)
    reporters = ", ".join(person(one) for one in sorted(case.reporters)[:_MOST_REPORTERS])
    asked = "asked for it" if is_planned(case) else "reported it"
    who = f" ({reporters})" if reporters else ""
    excluded = f"nobody who {asked}{who}"
    if not is_planned(case):
        excluded += ", and never the suspected person"
    if needed > 1:
        count = (
            f"{needed} different approvers, because this account has admin rights; one is enough "
            "to deny"
        )
    else:
        count = "one approver"
    lines = [f"*Who may decide:* {count}. {excluded[0].upper()}{excluded[1:]}."]
    if rules.emergency and _may_act_alone(case):
        lines.append(
            "Can't reach anybody else? An approver who reported it can press *Approve…* and "
            "choose *Emergency override* there. The whole channel is told."
        )
    return lines


def _may_act_alone(case: Case) -> bool:
    """Whether there is a reporter who might, and something that nobody has begun alone."""
    somebody = bool(case.reporters - {case.suspect})
    return somebody and not is_planned(case) and bool(policy.steps_alone(case))


def decided_so_far(case: Case, rules: Rules) -> list[str]:
    """Say who has approved, where it takes another one still. Empty where nobody has."""
    if not case.approvals:
        return []
    given = len({one.by.user_id for one in case.approvals})
    left = max(1, policy.approvers_needed(case, rules) - given)
    more = "*One more approver is needed.*" if left == 1 else f"*{left} more are needed.*"
    lines = []
    for one in case.approvals[:MOST_MENTIONS]:
        if one.override:
            lines.append(
                f"*Emergency override* by {who_and_when(one)}, on their own report: "
                f"{listed(one.steps)}. The thread shows how far that is."
            )
        else:
            lines.append(f"*Approved by* {who_and_when(one)}: {listed(one.steps)}.")
    rest = "The rest waits for somebody else." if case.has_begun else "Nothing has been done yet."
    return [*lines, f"{more} {rest}"]


def until(case: Case) -> str:
    """Say how long the buttons hold. Empty without a card."""
    if case.card is None:
        return ""
    if case.card.until is None:
        return "Open until somebody decides: only a decision closes it."
    return (
        f"These buttons hold until {when(case.card.until, 'date_time')}. If nobody has decided by "
        "then, I post the card again."
    )
