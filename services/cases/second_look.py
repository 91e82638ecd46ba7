"""Asks again before somebody decides: Slack who it is, Salesforce where it mails."""

from collections.abc import Mapping

import structlog

from services.cases.describing import differs
from services.cases.finding import Finding, is_theirs
from services.cases.model import Case, SlackFact
from services.cases.states import ENDED, CaseMove
from services.clock import Clock
from services.salesforce.errors import SalesforceError
from services.salesforce.org import Org
from services.store.case_changes import CaseChange
from services.store.cases import CaseStore
from services.store.changes import Job, JobName
from services.store.errors import StaleError

log = structlog.get_logger(__name__)


class SecondLook:
    """Before somebody decides: whoever is suspected may not, and is told what happened."""

    def __init__(
        self, store: CaseStore, finding: Finding, orgs: Mapping[str, Org], clock: Clock
    ) -> None:
        self._store = store
        self._finding = finding
        self._orgs = orgs
        self._clock = clock

    async def address(self, case: Case) -> str | None:
        """Read to which address Salesforce would mail now; None where it doesn't say."""
        target = case.target
        org = self._orgs.get(target.org) if target else None
        if target is None or org is None:
            return None
        try:
            user = await org.user(target.user_id)
        except SalesforceError as error:
            log.info("salesforce.user_not_read_again", case_id=case.id, code=error.code)
            return None
        return user.email if user else None

    async def at(self, case: Case) -> Case:
        """Look again where it is needed; the case stays as it is where that leads nowhere."""
        target = case.target
        if (
            target is None
            or case.slack_fact is not SlackFact.NOT_LOOKED_UP
            or case.state in ENDED
            or (org := self._orgs.get(target.org)) is None
        ):
            return case
        try:
            user = await org.user(target.user_id)
        except SalesforceError as error:
            log.info("salesforce.user_not_read_again", case_id=case.id, code=error.code)
            return case
        if user is None:
            return case
        named = await self._finding.named_person(case)
        is_named = named is not None and is_theirs(case, named, user)
        person = named if named and is_named else await self._finding.person_of(user)
        if person.fact is SlackFact.NOT_LOOKED_UP:
            return case
        after = case.model_copy(
            update={
                "suspect": person.user_id,
                "misnamed": case.misnamed if is_named else case.suspect or case.misnamed,
                "slack_fact": person.fact,
                "target": target.model_copy(
                    update={"address_differs": differs(person.address, user)}
                ),
            }
        )
        jobs = (Job(JobName.SHOW_CARD, case.id),)
        change = CaseChange(CaseMove.LOOK_UP, after, self._clock(), jobs=jobs)
        try:
            return await self._store.move(case, change)
        except StaleError:
            return await self._store.get(case.id) or case
