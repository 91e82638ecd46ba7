import re
from datetime import timedelta

from sandbox.salesforce.app import create_app
from sandbox.salesforce.clients import JwtClient
from sandbox.salesforce.credentials import make_security_token
from sandbox.salesforce.seed import BOT_APP, RESETTABLE, USER_APP, acme, partner
from sandbox.salesforce.soql.execute import execute
from sandbox.serving import serving
from tests.unit.sandbox.salesforce_org import Clock, acme_now, soql

USER_ID = re.compile(r"005[A-Za-z0-9]{12}([A-Za-z0-9]{3})?")


def test_the_people_are_found_as_they_should_be() -> None:
    org, _ = acme_now()
    by_email = [u.username for u in org.users.values() if u.email == "carl@acme.example"]
    assert len(org.users) >= 12
    assert by_email == ["carl@acme.example.prod", "carl.dev@acme.example.prod"]
    assert org.person("una").federation_identifier == "una@acme.example"
    assert org.person("una").email != "una@acme.example"
    assert org.user("DANA@acme.example").email == "d.miller@elsewhere.example"
    assert not org.person("pia").is_active
    assert org.person("omar").may("ApiUserOnly")
    assert all(USER_ID.fullmatch(user_id) for user_id in org.users)
    assert len({user.security_token for user in org.users.values()}) == len(org.users)


def test_the_user_app_may_act_as_no_admin() -> None:
    for org in (acme(Clock()), partner(Clock())):
        holders = [user for user in org.users.values() if user.holds(RESETTABLE)]
        assert holders
        assert not any(user.may("ManageUsers", "ModifyAllData") for user in holders)
        assert not org.bot_user.holds(RESETTABLE)


def test_ninety_days_of_logins_grow_with_time() -> None:
    org, clock = acme_now()
    rows = org.logins_of[org.person("ada").id]
    assert [row.id for row in rows] == sorted(row.id for row in rows)
    assert [row.time for row in rows] == sorted(row.time for row in rows)
    assert clock.now - timedelta(days=90) < rows[0].time < clock.now - timedelta(days=88)
    programs = {row.client.application: row.source_ip for row in rows}
    assert programs == {
        "Data Loader": "203.0.113.20",
        "Acme ETL": "198.51.100.7",
        "dataloader.io": "192.0.2.44",
        "Outlook": "203.0.113.80",
        "Acme Sync": "198.51.100.30",
        "Payroll": "10.20.0.5",
        "N/A": "198.51.100.20",
        "Browser": "203.0.113.20",
    }


def test_the_history_shows_each_kind_of_login_as_its_program_makes_it() -> None:
    org, _ = acme_now()
    kinds = {
        (row.client.application, row.client.login_type, row.client.login_subtype)
        for row in org.logins_of[org.person("ada").id]
    }
    assert {
        ("Acme Sync", "Remote Access 2.0", None),
        ("Payroll", "Other Apex API", None),
        ("N/A", "Chatter Communities External User", None),
    } < kinds


def test_a_job_of_each_minute_hides_the_weekly_one_unless_it_is_grouped() -> None:
    org, _ = acme_now()
    mia = org.person("mia")
    where = f"WHERE UserId = '{mia.id}' AND LoginTime = LAST_N_DAYS:90"
    newest = soql(
        "Application, LoginTime", "LoginHistory", f"{where} ORDER BY LoginTime DESC LIMIT 2000"
    )
    grouped = soql("Application, COUNT(Id) logins", "LoginHistory", f"{where} GROUP BY Application")
    rows = execute(org, org.bot_user, newest, "").records
    groups = execute(org, org.bot_user, grouped, "").records
    assert {row["Application"] for row in rows} == {"Minute Poller"}
    assert rows[-1]["LoginTime"] > "2026-03-03T02:00"
    counts = {row["Application"]: row["logins"] for row in groups}
    assert counts == {"Minute Poller": 2880, "Weekly Export": 13, "Browser": 1}


def test_two_orgs_share_nobody_but_addresses() -> None:
    one, other = acme(Clock()), partner(Clock())
    assert other.user("ada@acme.example.partner").email == one.person("ada").email
    assert one.bot_consumer_key != other.bot_consumer_key
    assert one.bot_private_key_pem != other.bot_private_key_pem
    assert one.bot_private_key_pem != one.user_app_private_key_pem


def test_tokens_look_like_tokens() -> None:
    for _ in range(200):
        token = make_security_token()
        assert re.fullmatch(r"[A-Za-z0-9]{24,25}", token)
        assert all(re.search(kind, token) for kind in ("[a-z]", "[A-Z]", "[0-9]"))


async def test_the_keys_open_both_apps() -> None:
    org, clock = acme_now()
    async with serving(create_app(org)) as origin:
        bot = JwtClient(
            origin, org.bot_consumer_key, org.bot_private_key_pem, org.bot_user.username, clock
        )
        ada = JwtClient(
            origin,
            org.user_app_consumer_key,
            org.user_app_private_key_pem,
            "ada@acme.example",
            clock,
        )
        crossed = JwtClient(
            origin, org.bot_consumer_key, org.user_app_private_key_pem, org.bot_user.username, clock
        )
        results = [await each.login() for each in (bot, ada, crossed)]
    assert [each.ok for each in results] == [True, True, False]
    assert results[2].error == "invalid_grant: invalid assertion"
    shown = [row.client for row in org.logins[-2:]]
    assert [(row.login_type, row.login_subtype) for row in shown] == [
        ("Remote Access 2.0", None)
    ] * 2
    assert [row.application for row in shown] == [BOT_APP, USER_APP]
