import json
from collections.abc import Callable
from ipaddress import ip_network
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.settings import Role, Settings, variables
from bot.settings_errors import SettingsError, example_of
from services.orgs import ResetMethod


def pem(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
    encryption: KeySerializationEncryption | None = None,
) -> str:
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())
    return text.decode()


KEY = pem(rsa.generate_private_key(65537, 2048))
OTHER_KEY = pem(rsa.generate_private_key(65537, 2048))
SHORT_KEY = pem(rsa.generate_private_key(65537, 1024))  # noqa: S505 - made to be refused
LOCKED_KEY = pem(rsa.generate_private_key(65537, 2048), BestAvailableEncryption(b"a passphrase"))
CURVE_KEY = pem(ec.generate_private_key(ec.SECP256R1()))
WEBHOOK = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

GOOD = {
    "SLACK_BOT_TOKEN": "xoxb-1-2-abc",
    "SLACK_SIGNING_SECRET": "8f742231b10e",
    "SALESFORCE_CONSUMER_KEY": "3MVG9abc",
    "SALESFORCE_PRIVATE_KEY": KEY,
    "SALESFORCE_USERNAME": "resets@acme.example",
    "IT_CHANNEL": "C0123ABCD",
}


def complaint(**changes: str) -> str:
    with pytest.raises(SettingsError) as caught:
        Settings.load(GOOD | changes)
    return str(caught.value)


def test_the_defaults() -> None:
    loaded = Settings.load(GOOD)

    assert loaded.slack_api_url == "https://slack.com/api/"
    assert loaded.data_dir == Path(".data")
    assert loaded.redis_url is None
    assert loaded.redis_connection_url() is None
    assert loaded.redis_tls_verify is True
    assert loaded.it_approvers == ()
    assert loaded.alert_secret == ()
    assert loaded.paused is None
    assert (loaded.port, loaded.log_level, loaded.log_format) == (3000, "INFO", None)
    assert loaded.reset_offer_minutes == 25
    assert loaded.reset_cooldown_minutes == 10
    assert loaded.reset_it_wait_hours == 24
    assert loaded.reset_retention_days == 90
    assert loaded.reset_audit_days == 365
    assert loaded.reset_impact_days == 90
    assert loaded.reset_doctor_username is None
    (org,) = loaded.orgs
    assert org.name == "production"
    assert org.login_url == "https://login.salesforce.com"
    assert org.reset_method is ResetMethod.TOKEN
    assert org.user_consumer_key == org.consumer_key == "3MVG9abc"
    assert org.user_private_key == org.private_key
    assert org.trusted_networks == ()


def test_every_value_is_understood(tmp_path: Path) -> None:
    authority = tmp_path / "ca.pem"
    authority.write_text("")

    loaded = Settings.load(
        GOOD
        | {
            "SLACK_APP_TOKEN": "xapp-1-A-2-b",
            "SLACK_API_URL": "http://127.0.0.1:8001/api/",
            "REDIS_URL": "rediss://:secret@redis.example:6380/1?socket_timeout=5",
            "REDIS_TLS_VERIFY": str(authority),
            "SALESFORCE_LOGIN_URL": "https://acme.my.salesforce.com/",
            "SALESFORCE_USER_CONSUMER_KEY": "3MVG9user",
            "SALESFORCE_USER_PRIVATE_KEY": OTHER_KEY.replace("\n", "\\n"),
            "SALESFORCE_RESET_METHOD": "Guided",
            "SALESFORCE_TRUSTED_NETWORKS": "203.0.113.0/24, 2001:db8::/32,",
            "IT_APPROVERS": "U0123ABCD, S0456EFGH,W99,U0123ABCD",
            "PAUSED": "  an upgrade ",
            "ALERT_SECRET": f"{WEBHOOK} {WEBHOOK}",
            "PORT": "8080",
            "LOG_LEVEL": "debug",
            "LOG_FORMAT": "JSON",
        }
    )

    assert loaded.slack_app_token is not None
    assert loaded.slack_api_url == "http://127.0.0.1:8001/api/"
    assert loaded.redis_tls_verify == authority
    assert loaded.it_approvers == ("U0123ABCD", "S0456EFGH", "W99")
    assert loaded.paused == "an upgrade"
    assert [secret.get_secret_value() for secret in loaded.alert_secret] == [WEBHOOK, WEBHOOK]
    assert (loaded.port, loaded.log_level, loaded.log_format) == (8080, "DEBUG", "json")
    (org,) = loaded.orgs
    assert org.login_url == "https://acme.my.salesforce.com"
    assert org.reset_method is ResetMethod.GUIDED
    assert org.user_consumer_key == "3MVG9user"
    assert org.user_private_key.get_secret_value() == OTHER_KEY
    assert org.trusted_networks == (ip_network("203.0.113.0/24"), ip_network("2001:db8::/32"))


def test_an_empty_variable_counts_as_unset() -> None:
    assert Settings.load(GOOD | {"REDIS_URL": " ", "PORT": ""}).port == 3000


def test_the_processes_own_environment_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAUSED", "from outside")

    assert Settings.load(GOOD).paused is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"SLACK_BOT_TOKEN": "xoxp-1"}, "starts with xoxb-"),
        ({"SLACK_APP_TOKEN": "xoxb-1"}, "starts with xapp-"),
        ({"SLACK_API_URL": "https://slack.com/"}, "end in /api/"),
        ({"SLACK_API_URL": "http://slack.com/api/"}, "for this machine only"),
        ({"REDIS_URL": "http://redis"}, "redis://, rediss:// or unix:///"),
        ({"REDIS_URL": "unix://valkey.sock"}, "redis://, rediss:// or unix:///"),
        ({"REDIS_URL": "redis://host:port"}, "isn't an address"),
        ({"REDIS_TLS_VERIFY": "perhaps"}, "neither true nor false"),
        ({"SALESFORCE_LOGIN_URL": "http://login.salesforce.com"}, "for this machine only"),
        ({"SALESFORCE_LOGIN_URL": "http://127.0.0.1.example.com"}, "for this machine only"),
        ({"SALESFORCE_LOGIN_URL": "login.salesforce.com"}, "starts with https://"),
        ({"SALESFORCE_LOGIN_URL": "https://a.salesforce.com/path"}, "after the host's name"),
        ({"SALESFORCE_LOGIN_URL": "https://me:pw@a.salesforce.com"}, "user name or password"),
        ({"SALESFORCE_LOGIN_URL": "https://a.salesforce.com?x=1"}, "after the path"),
        ({"SALESFORCE_LOGIN_URL": "https://[a"}, "isn't an address"),
        ({"SALESFORCE_PRIVATE_KEY": "nonsense"}, "isn't a private key in PEM"),
        ({"SALESFORCE_PRIVATE_KEY": SHORT_KEY}, "has 1024 bits"),
        ({"SALESFORCE_PRIVATE_KEY": LOCKED_KEY}, "passphrase"),
        ({"SALESFORCE_PRIVATE_KEY": CURVE_KEY}, "isn't an RSA key"),
        ({"SALESFORCE_USER_PRIVATE_KEY": "nonsense"}, "isn't a private key in PEM"),
        ({"SALESFORCE_RESET_METHOD": "magic"}, "'token', 'password' or 'guided'. It is 'magic'"),
        ({"SALESFORCE_TRUSTED_NETWORKS": "10.0.0.1/8"}, "isn't a network"),
        ({"SALESFORCE_TRUSTED_NETWORKS": "0.0.0.0/0"}, "every address"),
        ({"IT_CHANNEL": "#it-help"}, "isn't a channel id"),
        ({"IT_APPROVERS": "U0123ABCD,@sam"}, "neither a user id"),
        ({"PAUSED": "x" * 501}, "at most 500 characters"),
        ({"ALERT_SECRET": "whsec_short"}, "24 to 64 bytes"),
        ({"ALERT_SECRET": WEBHOOK.removeprefix("whsec_")}, "24 to 64 bytes"),
        ({"PORT": "http"}, "valid integer"),
        ({"PORT": "70000"}, "65535. It is '70000'"),
        ({"LOG_LEVEL": "LOUD"}, "'DEBUG', 'INFO'"),
        ({"LOG_FORMAT": "xml"}, "'json' or 'console'"),
        ({"RESET_OFFER_MINUTES": "31"}, "28"),
        ({"RESET_COOLDOWN_MINUTES": "-1"}, "0"),
        ({"RESET_IMPACT_DAYS": "365"}, "180"),
        ({"RESET_FOLLOW_DAYS": "31"}, "30"),
    ],
)
def test_a_malformed_setting_is_named_with_an_example(changes: dict[str, str], words: str) -> None:
    (name,) = changes
    text = complaint(**changes)

    assert text.startswith("1 setting needs attention:")
    assert f"  {name} " in text
    assert words in text
    assert f"Example: {name}={example_of(variables()[name])}" in text


@pytest.mark.parametrize(
    "changes",
    [
        {"RESET_RETENTION_DAYS": "8"},
        {"RESET_RETENTION_DAYS": "20", "RESET_FOLLOW_DAYS": "19"},
    ],
)
def test_a_reset_is_kept_for_longer_than_it_is_followed(changes: dict[str, str]) -> None:
    text = complaint(**changes)
    assert "  RESET_FOLLOW_DAYS must be at least 2 days less than RESET_RETENTION_DAYS." in text
    assert "Example: RESET_FOLLOW_DAYS=7" in text


def test_all_that_is_missing_is_named_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.load({})

    assert [problem.name for problem in caught.value.problems] == [
        "IT_CHANNEL",
        "SALESFORCE_CONSUMER_KEY",
        "SALESFORCE_PRIVATE_KEY",
        "SALESFORCE_USERNAME",
        "SLACK_BOT_TOKEN",
        "SLACK_SIGNING_SECRET",
    ]
    assert all("is missing" in problem.wrong for problem in caught.value.problems)
    assert all(problem.example for problem in caught.value.problems)


def test_socket_mode_needs_no_signing_secret() -> None:
    without = {name: value for name, value in GOOD.items() if name != "SLACK_SIGNING_SECRET"}

    assert Settings.load(without | {"SLACK_APP_TOKEN": "xapp-1"}).slack_signing_secret is None


@pytest.mark.parametrize("role", [Role.WEB, Role.WORKER])
def test_a_process_of_its_own_needs_redis(role: Role) -> None:
    with pytest.raises(SettingsError, match=f"REDIS_URL is missing; `{role}` needs it"):
        Settings.load(GOOD, role=role)
    for url in ("redis://localhost:6379/0", "unix:///run/valkey.sock"):
        assert Settings.load(GOOD | {"REDIS_URL": url}, role=role).redis_connection_url() == url


@pytest.mark.parametrize(
    ("verify", "query"),
    [
        ("true", "ssl_cert_reqs=required"),
        ("FALSE", "ssl_cert_reqs=none&ssl_check_hostname=false"),
        (__file__, f"ssl_cert_reqs=required&ssl_ca_certs={__file__.replace('/', '%2F')}"),
    ],
)
def test_the_certificate_check_goes_into_the_redis_url(verify: str, query: str) -> None:
    url = "rediss://:p%40ss@redis.example:6380/2"
    loaded = Settings.load(GOOD | {"REDIS_URL": url, "REDIS_TLS_VERIFY": verify})

    assert loaded.redis_connection_url() == f"{url}?{query}"


def test_several_orgs_replace_the_one() -> None:
    orgs = {
        "production": {"consumer_key": "a", "private_key": KEY, "username": "a@acme.example"},
        "partner-2": {
            "login_url": "https://test.salesforce.com",
            "consumer_key": "b",
            "private_key": KEY,
            "username": "b@acme.example",
            "user_consumer_key": "c",
            "reset_method": "password",
            "trusted_networks": ["10.0.0.0/8"],
        },
    }
    loaded = Settings.load(
        GOOD | {"SALESFORCE_ORGS": json.dumps(orgs), "SALESFORCE_PRIVATE_KEY": "replaced"}
    )

    first, second = loaded.orgs
    assert (first.name, first.consumer_key) == ("production", "a")
    assert (second.name, second.login_url) == ("partner-2", "https://test.salesforce.com")
    assert (second.user_consumer_key, second.reset_method) == ("c", ResetMethod.PASSWORD)
    assert second.user_private_key == second.private_key
    assert second.trusted_networks == (ip_network("10.0.0.0/8"),)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "isn't JSON"),
        ("[" * 100_000, "isn't JSON"),
        ('{"a": {}, "a": {}}', "names something twice"),
        ("{}", "JSON object"),
        ("[1]", "JSON object"),
        ('{"a": 1}', "JSON object"),
        ('{"Partner": {}}', "1 to 40 of a-z"),
        ('{"": {}}', "1 to 40 of a-z"),
        ('{"partner": {}}', "SALESFORCE_ORGS, partner, username is missing"),
        ('{"partner": {"pass": "x"}}', "SALESFORCE_ORGS, partner, pass isn't a setting of an org"),
        ('{"partner": {"private_key": 5}}', "partner, private_key should be a valid string"),
        ('{"partner": {"trusted_networks": 5}}', "trusted_networks should be text"),
    ],
)
def test_malformed_orgs(text: str, words: str) -> None:
    told = complaint(SALESFORCE_ORGS=text)

    assert words in told
    assert "Example: " in told


def test_an_error_repeats_no_secret_from_the_orgs() -> None:
    secret = "correct-horse-battery-staple"
    told = complaint(
        SALESFORCE_ORGS=json.dumps(
            {"partner": {"private_key": secret, "consumer_key": secret, "username": secret}}
        )
    )

    assert secret not in told


SECRETS: dict[str, Callable[[str], str]] = {
    "SLACK_BOT_TOKEN": lambda secret: f"xoxb_{secret}",
    "SLACK_APP_TOKEN": lambda secret: f"xapp_{secret}",
    "SALESFORCE_CONSUMER_KEY": str,
    "SALESFORCE_PRIVATE_KEY": lambda secret: f"-----BEGIN PRIVATE KEY-----\n{secret}",
    "SALESFORCE_USER_PRIVATE_KEY": str,
    "SALESFORCE_LOGIN_URL": lambda secret: f"https://me:{secret}@example.com",
    "SALESFORCE_ORGS": lambda secret: f'{{"partner": {{"private_key": "{secret}"}}}}',
    "REDIS_URL": lambda secret: f"http://:{secret}@redis.example",
    "ALERT_SECRET": lambda secret: f"whsec_{secret}",
    # Pasted into the wrong field.
    "IT_CHANNEL": lambda secret: f"xoxb-{secret}",
    "IT_APPROVERS": lambda secret: f"U1,xapp-{secret}",
    "PORT": lambda secret: f"redis://:{secret}@redis.example",
}


@given(
    names=st.sets(st.sampled_from(sorted(SECRETS)), min_size=1),
    secret=st.text("abcdefghijkABCDEFGHIJK0123456789", min_size=12, max_size=40),
)
@settings(deadline=None, max_examples=60)
def test_no_error_repeats_a_secret(names: set[str], secret: str) -> None:
    given_settings = GOOD | {"PORT": "x"} | {name: SECRETS[name](secret) for name in names}
    with pytest.raises(SettingsError) as caught:
        Settings.load(given_settings)

    assert secret not in str(caught.value)
    assert secret not in repr(caught.value.problems)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_the_settings_print_no_secret() -> None:
    printed = repr(
        Settings.load(GOOD | {"REDIS_URL": "redis://:hidden@h", "ALERT_SECRET": WEBHOOK})
    )

    for secret in (KEY.splitlines()[1], "xoxb-1-2-abc", "8f742231b10e", "hidden", WEBHOOK):
        assert secret not in printed
