"""What IT did last to a Salesforce user that keeps programs from logging in as they did."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from services.cases.steps import Step, StepState


class Acted(BaseModel):
    """The last freeze or reset of the password by IT, done or perhaps done."""

    # What a newer version has written an older one beside it keeps, and never looks at.
    model_config = ConfigDict(frozen=True, extra="allow")

    case_id: str
    at: datetime
    """When that step was begun."""


def may_shut_out(step: Step) -> bool:
    """Whether a step is such a one."""
    return step.kind.shuts_out and step.state in {StepState.DONE, StepState.UNKNOWN}
