from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.impact.judge import is_trusted, trust_of
from services.impact.model import Trust

OFFICE = [ip_network("203.0.113.0/24"), ip_network("10.0.0.0/8"), ip_network("2001:db8::/32")]


@pytest.mark.parametrize(
    ("address", "trusted"),
    [
        ("203.0.113.7", True),
        (" 203.0.113.7 ", True),
        ("203.0.114.7", False),
        ("10.1.2.3", True),
        ("192.168.0.1", False),
        ("2001:db8::1", True),
        ("2001:DB8:0:0::1", True),
        ("2001:db9::1", False),
        ("::ffff:203.0.113.7", True),
        ("::ffff:198.51.100.1", False),
        ("fe80::1%eth0", False),
        ("Salesforce.com IP", None),
        ("203.0.113.7, 10.0.0.1", None),
        ("203.0.113.007", None),
        ("", None),
    ],
)
def test_an_address_is_trusted_within_a_network(address: str, *, trusted: bool | None) -> None:
    assert is_trusted(address, OFFICE) is trusted
    assert is_trusted(address, []) is None


def test_a_network_may_be_written_as_mapped_addresses() -> None:
    mapped = [ip_network("::ffff:203.0.113.0/120")]
    assert is_trusted("203.0.113.7", mapped) is True
    assert is_trusted("203.0.114.7", mapped) is False


@pytest.mark.parametrize(
    ("addresses", "trust"),
    [
        ([], Trust.UNKNOWN),
        (["Salesforce.com IP"], Trust.UNKNOWN),
        (["203.0.113.7", "2001:db8::1"], Trust.INSIDE),
        (["198.51.100.1"], Trust.OUTSIDE),
        (["198.51.100.1", "Salesforce.com IP"], Trust.OUTSIDE),
        (["198.51.100.1", "203.0.113.7"], Trust.MIXED),
        (["203.0.113.7", "Salesforce.com IP"], Trust.MIXED),
    ],
)
def test_addresses_are_summed_up(addresses: list[str], trust: Trust) -> None:
    assert trust_of(addresses, OFFICE) is trust
    assert trust_of(addresses, []) is Trust.UNKNOWN


addresses = st.ip_addresses().map(str) | st.text(max_size=40)


@given(st.lists(addresses, max_size=6))
def test_any_text_may_stand_where_an_address_should(seen: list[str]) -> None:
    trust = trust_of(seen, OFFICE)
    assert trust is trust_of(reversed(seen), OFFICE)
    if trust is Trust.INSIDE:
        assert all(is_trusted(one, OFFICE) for one in seen)
