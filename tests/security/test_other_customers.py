"""Salesforce's domains hold every customer's hosts: another one's gets nothing of ours either."""

import json
from collections.abc import Mapping

import pytest
import requests
from requests.adapters import BaseAdapter

from services.salesforce.assertion import Grant
from services.salesforce.browser import Browser
from services.salesforce.errors import PageRefused
from services.salesforce.http import Http
from services.salesforce.page import PAGE_PATH
from tests.counting import Count
from tests.security.elsewhere import REDIRECTS
from tests.security.test_hosts import OFFERED

OURS = "https://acme.my.salesforce.com"
THEIRS = [
    "https://evil.my.salesforce.com",
    "https://evil.lightning.force.com",
    "https://acme.develop.my.salesforce.com",
    "https://acme.secure.force.com",
    "https://acme--c.vf.force.com",
    "https://na123.salesforce.com",
]


class Scripted(BaseAdapter):
    """In the place of the network: answers by path, and notes every request."""

    def __init__(self, answers: dict[str, tuple[int, str]]) -> None:
        super().__init__()
        self._answers = answers
        self.asked: list[str] = []

    def send(
        self, request: requests.PreparedRequest, *_: object, **__: object
    ) -> requests.Response:
        url = request.url or ""
        self.asked.append(url)
        answer = requests.Response()
        answer.url, answer.request = url, request
        path = url.removeprefix(OURS).partition("?")[0]
        answer.status_code, said = self._answers.get(path, (200, "<p>Hello"))
        if answer.status_code in REDIRECTS:
            answer.headers["Location"] = said
        answer._content = said.encode()
        return answer

    def close(self) -> None:
        """Nothing is open."""


def opened(answers: Mapping[str, tuple[int, str]]) -> tuple[Scripted, Browser]:
    network, http = Scripted(dict(answers)), Http(OURS, (1, 1), cookies=True)
    http.mount("https://", network)
    return network, Browser(http, Grant("00D!token", OURS))


@pytest.mark.parametrize("theirs", THEIRS)
def test_another_customers_host_gets_nothing(theirs: str, count: Count) -> None:
    bridge, frontdoor = "/services/oauth2/singleaccess", "/secur/frontdoor.jsp"
    good = (200, json.dumps({"frontdoor_uri": f"{OURS}{frontdoor}?otp=1"}))
    ways = [
        {bridge: (200, json.dumps({"frontdoor_uri": f"{theirs}{frontdoor}?otp=1"}))},
        *({bridge: good, frontdoor: (status, f"{theirs}{PAGE_PATH}")} for status in REDIRECTS),
    ]
    for answers in ways:
        network, browser = opened(answers)
        with pytest.raises(PageRefused, match="offsite"):
            browser.enter(PAGE_PATH)
        browser.leave()
        assert {url.startswith(f"{OURS}/") for url in network.asked} == {True}
    count(OFFERED, len(ways))


def test_the_orgs_own_lightning_host_may_show_the_page() -> None:
    lightning = "https://acme.lightning.force.com/one"
    network, browser = opened(
        {
            "/services/oauth2/singleaccess": (200, json.dumps({"frontdoor_uri": f"{OURS}/door"})),
            "/door": (302, lightning),
        }
    )
    assert browser.enter(PAGE_PATH).url == lightning
    assert network.asked[-1] == lightning
