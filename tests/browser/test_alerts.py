"""Alerts can be tried in the sandbox with a secret of one's own, and there is no door without."""

import httpx
import pytest

from bot import sandbox_command

SECRET = "whsec_" + "c2FuZGJveC1zZWNyZXQtb2YtMzItYnl0ZXMtLi4uLi4="


@pytest.mark.parametrize(
    ("secret", "answer"), [(None, (404, "no_alert_secret")), (SECRET, (401, "not_signed"))]
)
async def test_the_environments_secret_opens_the_door(
    redis_url: str, monkeypatch: pytest.MonkeyPatch, secret: str | None, answer: tuple[int, str]
) -> None:
    monkeypatch.delenv("ALERT_SECRET", raising=False)
    if secret:
        monkeypatch.setenv("ALERT_SECRET", secret)
    async with (
        sandbox_command.building(redis_url, fixed_ports=False) as sandbox,
        httpx.AsyncClient() as http,
    ):
        said = await http.post(f"{sandbox.bot}/alerts", content=b"{}")
    assert (said.status_code, said.json()["error"]) == answer
