"""Which org answers at a login URL: what the settings say, or else its first login."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from services.salesforce.assertion import _grant
from services.salesforce.errors import Unexpected
from services.salesforce.home import Home

ACME = "https://acme.my.salesforce.com"
EVIL = "https://evil.my.salesforce.com"
GENERAL = [
    "https://login.salesforce.com",
    "https://test.salesforce.com",
    "https://cs12.salesforce.com",
    "https://login.acme.example",
]


def test_a_my_domain_says_which_org_it_is() -> None:
    home = Home(f"{ACME}/")
    assert not home.owns(EVIL)
    assert home.owns(ACME)
    assert home.owns("https://acme.lightning.force.com")
    assert not home.owns("https://na123.salesforce.com")
    assert not home.owns("https://evil.example")


def test_loopback_is_its_own_org() -> None:
    home = Home("http://127.0.0.1:8000")
    assert not home.owns(ACME)
    assert not home.owns("http://127.0.0.1:8001")
    assert home.owns("http://127.0.0.1:8000")


@pytest.mark.parametrize("login", GENERAL)
def test_a_login_host_of_many_orgs_is_believed_once(login: str) -> None:
    home = Home(login)
    assert not home.owns("https://evil.example"), "and an answer of nobody's is not the first"
    assert not home.owns("https://evil.secure.force.com")
    assert home.owns(ACME)
    assert not home.owns(EVIL)
    assert not home.owns("https://na123.salesforce.com")
    assert home.owns("https://acme.lightning.force.com")


def test_an_org_without_a_my_domain_keeps_its_instance() -> None:
    home = Home("https://login.salesforce.com")
    assert home.owns("https://na123.salesforce.com")
    assert not home.owns("https://na124.salesforce.com")
    assert not home.owns(EVIL)


def test_an_answer_that_cannot_be_read_says_nothing_about_the_org() -> None:
    home = Home("https://login.salesforce.com")
    with pytest.raises(Unexpected, match="unreadable_login"):
        _grant(json.dumps({"access_token": "a b", "instance_url": EVIL}).encode(), home)
    assert home.owns(ACME)


def test_of_many_first_answers_at_once_one_is_believed() -> None:
    home = Home("https://login.salesforce.com")
    named = [f"https://org{number}.my.salesforce.com" for number in range(50)]
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(home.owns, named)) == 1
