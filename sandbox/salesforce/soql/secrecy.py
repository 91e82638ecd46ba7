"""Holding it against a client that it asks for secrets which it doesn't need.

Salesforce would answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.salesforce.records import Grant
from sandbox.salesforce.soql.model import FieldPath

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.salesforce.org import Org
    from sandbox.salesforce.soql.model import Query


def note_secrets(org: Org, query: Query, rows: Iterable[Any]) -> None:
    """Note the tokens of grants in an answer: a refresh token is for nobody but its app.

    A DeleteToken is for who revokes one user's grants, and is remembered until that is done.
    """
    selected = {item.parts[-1].lower() for item in query.selected if isinstance(item, FieldPath)}
    grants = [row for row in rows if isinstance(row, Grant)]
    if "accesstoken" in selected:
        org.violations.append("selected OauthToken.AccessToken")
    if "deletetoken" in selected:
        org.delete_tokens_out |= {grant.delete_token for grant in grants}
        if len({grant.user.id for grant in grants}) > 1:
            org.violations.append("selected OauthToken.DeleteToken of several users")
