"""Does one step at Salesforce, and reads back what is true afterwards."""

from dataclasses import dataclass, replace

import structlog

from services.cases import policy
from services.cases.describing import readdressed
from services.cases.finding import is_own
from services.cases.model import Case, Target, Truth
from services.cases.steps import Step, StepKind, StepState
from services.salesforce.errors import NotFound, NotPermitted, OutcomeUnknown, SalesforceError
from services.salesforce.org import Org
from services.salesforce.records import Ended, Standing
from services.store.errors import StoreUnavailableError
from services.store.evidence import EvidenceStore
from services.store.holds import Holds

log = structlog.get_logger(__name__)

EVIDENCE_DAYS = 90
"""How far back logins are kept as evidence."""


@dataclass(frozen=True)
class Outcome:
    """How a step ended."""

    state: StepState
    code: str | None = None
    needs: str | None = None
    count: int | None = None
    left: int | None = None
    proof: str | None = None
    truth: Truth | None = None
    target: Target | None = None
    """The account, where it was read again."""
    evidence_kept: bool = False
    taken_over: bool = False
    """Of a step whose first worker died: `count` lacks what that one ended."""


class Performing:
    """Every method answers with an outcome; only `StoreUnavailableError` gets out."""

    def __init__(self, evidence: EvidenceStore, freezes: Holds) -> None:
        self._evidence = evidence
        self._freezes = freezes

    async def perform(self, case: Case, step: Step, org: Org | None) -> Outcome:
        """Do a step whose intent was just written."""
        target = case.target
        if target is None or org is None:
            return Outcome(StepState.FAILED, code="org_not_configured")
        if target.username.casefold() == org.config.username.casefold():
            return Outcome(StepState.FAILED, code="own_user")
        try:
            return await self._do(case, target, step, org)
        except OutcomeUnknown as error:
            return await self._look(target, step, org, error.code)
        except SalesforceError as error:
            return _failed(error)
        except StoreUnavailableError:
            raise
        except Exception as error:  # noqa: BLE001  the edge of one step: the later ones go on
            # Not its text, which may quote what Salesforce says.
            log.error("case.step_broke", case_id=case.id, error=type(error).__name__)  # noqa: TRY400
            state = StepState.UNKNOWN if step.kind.is_effect else StepState.FAILED
            return Outcome(state, code="internal")

    async def look(self, case: Case, step: Step, org: Org | None) -> Outcome:
        """Find out how a step ended whose intent somebody else wrote. Nothing is sent again.

        A session or grant that is still listed wasn't ended, so those that are left are ended now.
        """
        target = case.target
        if target is None or org is None:
            return Outcome(StepState.UNKNOWN, code="org_not_configured")
        if step.kind in _TO_BE_DONE_AGAIN:
            outcome = await self.perform(case, step, org)
            return replace(outcome, taken_over=step.kind.is_effect)
        return await self._look(target, step, org, "interrupted")

    async def _do(self, case: Case, target: Target, step: Step, org: Org) -> Outcome:
        match step.kind:
            case StepKind.EVIDENCE:
                return await self._keep_evidence(case, target, org)
            case StepKind.FREEZE:
                return await self._freeze(target, org)
            case StepKind.UNFREEZE:
                return await _unfreeze(case, target, org)
            case StepKind.SESSIONS:
                ended = await org.control.end_sessions(target.user_id)
                now = await _standing(org, target)
                return _ended(ended, now.sessions if now else None)
            case StepKind.GRANTS:
                ended = await org.control.revoke_grants(target.user_id)
                now = await _standing(org, target)
                return _ended(ended, now.grants if now else None)
            case StepKind.PASSWORD | StepKind.RENEW_PASSWORD:
                return await _reset(case, target, org)
            case StepKind.CHECK:
                return _checked(await org.control.read_standing(target.user_id))

    async def _keep_evidence(self, case: Case, target: Target, org: Org) -> Outcome:
        evidence = await org.control.read_evidence(target.user_id, EVIDENCE_DAYS)
        await self._evidence.keep(case.id, evidence)
        rows = [evidence.sessions, evidence.grants, evidence.logins]
        return Outcome(
            StepState.DONE,
            code=None if None not in rows else "partly",
            needs=evidence.needs,
            count=sum(len(one) for one in rows if one is not None),
            evidence_kept=True,
        )

    async def _freeze(self, target: Target, org: Org) -> Outcome:
        if not target.is_admin and not await _is_admin_now(target, org):
            await org.control.set_frozen(target.user_id, frozen=True)
            return _frozen(await _standing(org, target), wanted=True)
        # One admin of an org at a time: two at once would each count the other as left.
        async with self._freezes.waited_for(target.org):
            try:
                others = await org.control.other_admins(target.user_id)
            except SalesforceError as error:
                log.warning("salesforce.admins_unreadable", org=target.org, code=error.code)
                return Outcome(StepState.FAILED, code="admins_unreadable")
            if others == 0:
                return Outcome(StepState.FAILED, code="last_admin")
            await org.control.set_frozen(target.user_id, frozen=True)
        return _frozen(await _standing(org, target), wanted=True)

    async def _look(self, target: Target, step: Step, org: Org, code: str) -> Outcome:
        """Look for evidence of an effect whose answer was lost."""
        if step.kind.resets_password:
            return await _password_evidence(target, step, org, code)
        now = await _standing(org, target)
        match step.kind:
            case StepKind.FREEZE | StepKind.UNFREEZE:
                wanted = step.kind is StepKind.FREEZE
                seen = now.is_frozen if now else None
                if seen is wanted:
                    return Outcome(StepState.DONE, proof="read_back")
            case _:
                seen = None
        proof = "unreadable" if seen is None else "not_seen"
        return Outcome(StepState.UNKNOWN, code=code, proof=proof)


_TO_BE_DONE_AGAIN = frozenset(
    {StepKind.EVIDENCE, StepKind.SESSIONS, StepKind.GRANTS, StepKind.CHECK}
)
"""Reads, and effects of which each is on one thing that is gone once it is done."""


async def _is_admin_now(target: Target, org: Org) -> bool:
    """Whether somebody was made an admin since the card; a read that fails holds up no freeze."""
    try:
        user = await org.user(target.user_id)
    except SalesforceError as error:
        log.warning("salesforce.user_not_read_again", org=target.org, code=error.code)
        return False
    return user is not None and user.is_admin


async def _unfreeze(case: Case, target: Target, org: Org) -> Outcome:
    """Let the user log in again, but not with the password that is suspected."""
    if any(one.kind.resets_password and one.state is StepState.HELD for one in case.steps):
        return Outcome(StepState.HELD)
    if not policy.may_be_let_in(case):
        return Outcome(StepState.FAILED, code="password_not_reset")
    await org.control.set_frozen(target.user_id, frozen=False)
    return _frozen(await _standing(org, target), wanted=False)


async def _reset(case: Case, target: Target, org: Org) -> Outcome:
    """Reset the password, unless the link would go to an address that nobody has looked at.

    By now whoever got in can't change it any more; they may have since the card was written.
    """
    user = await org.user(target.user_id)
    if user is None:
        raise NotFound("no_user")
    if is_own(org, user):
        return Outcome(StepState.FAILED, code="own_user")
    now = readdressed(target, user)
    if policy.must_confirm_address(case, now):
        return Outcome(StepState.HELD, code="address_changed", target=now)
    await org.reset_password(target.user_id)
    return Outcome(StepState.DONE, target=now)


async def _password_evidence(target: Target, step: Step, org: Org, code: str) -> Outcome:
    try:
        user = await org.user(target.user_id)
        seen = (
            user is not None
            and step.intent_at is not None
            and await org.password_reset_seen(user, step.intent_at)
        )
    except SalesforceError as error:
        log.warning("salesforce.evidence_unreadable", org=target.org, code=error.code)
        return Outcome(StepState.UNKNOWN, code=code, proof="unreadable")
    if seen:
        return Outcome(StepState.DONE, proof="audit_trail")
    return Outcome(StepState.UNKNOWN, code=code, proof="not_seen")


async def _standing(org: Org, target: Target) -> Standing | None:
    """Read back; None where that isn't possible now, which changes nothing about what was done."""
    try:
        return await org.control.read_standing(target.user_id)
    except SalesforceError as error:
        log.warning("salesforce.not_read_back", org=target.org, code=error.code)
        return None


def _frozen(now: Standing | None, *, wanted: bool) -> Outcome:
    seen = now.is_frozen if now else None
    if seen is None:
        return Outcome(StepState.DONE, proof="unreadable")
    if seen is wanted:
        return Outcome(StepState.DONE, proof="read_back")
    return Outcome(StepState.FAILED, code="not_frozen" if wanted else "still_frozen")


def _ended(ended: Ended, left: int | None) -> Outcome:
    if left:
        code = ended.failed[0] if ended.failed else "still_open"
        return Outcome(StepState.FAILED, code=code, count=ended.ended, left=left)
    if left is None and ended.failed:
        return Outcome(StepState.FAILED, code=ended.failed[0], count=ended.ended)
    proof = "unreadable" if left is None else "read_back"
    return Outcome(StepState.DONE, count=ended.ended, left=left, proof=proof)


def _checked(now: Standing) -> Outcome:
    truth = Truth(
        at=now.read_at,
        is_frozen=now.is_frozen,
        sessions=now.sessions,
        grants=now.grants,
        last_password_change=now.last_password_change,
        needs=now.needs,
    )
    return Outcome(StepState.DONE, needs=now.needs, truth=truth)


def _failed(error: SalesforceError) -> Outcome:
    needs = error.needs if isinstance(error, NotPermitted) else None
    return Outcome(StepState.FAILED, code=error.code, needs=needs or None)
