"""The embedded Valkey: one program at a time, nothing lost, no orphan left behind."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from valkey import Valkey

from bot import embedded
from bot.embedded import EmbeddedValkey, EmbeddedValkeyError

PROJECT = Path(embedded.__file__).parent.parent

# Starts a server, says so, and waits to be killed.
HOLDER = """
import sys
from pathlib import Path
from bot.embedded import EmbeddedValkey
print(EmbeddedValkey(Path(sys.argv[1])).start(), flush=True)
sys.stdin.read()
"""


def hold(directory: Path) -> subprocess.Popen[str]:
    program = subprocess.Popen(  # noqa: S603 - this file's own program
        [sys.executable, "-c", HOLDER, str(directory)],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert program.stdout is not None
    assert program.stdout.readline().startswith("unix://")
    return program


def end(program: subprocess.Popen[str], how: int) -> None:
    program.send_signal(how)
    program.communicate(timeout=10)


def process_id(url: str) -> int:
    with Valkey.from_url(url) as client:
        return int(client.info("server")["process_id"])


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_data_survives_a_restart(tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path) as url, Valkey.from_url(url) as client:
        client.set("kept", "yes")
    assert not (tmp_path / "valkey.sock").exists()

    with EmbeddedValkey(tmp_path) as url, Valkey.from_url(url) as client:
        assert client.get("kept") == b"yes"


def test_it_is_durable_private_and_off_the_network(tmp_path: Path) -> None:
    directory = tmp_path / "new" / "data"

    with EmbeddedValkey(directory) as url, Valkey.from_url(url) as client:
        config = client.config_get("*")
        assert config["appendonly"] == "yes"
        assert config["appendfsync"] == "always"
        assert config["maxmemory-policy"] == "noeviction"
        assert config["port"] == "0"
        assert mode(directory) == 0o700
        assert mode(directory / "valkey.sock") == 0o700
        for path in directory.iterdir():
            assert mode(path) & 0o077 == 0, path


def test_a_second_program_is_refused_and_the_first_unharmed(tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path) as url:
        second = EmbeddedValkey(tmp_path)
        with pytest.raises(EmbeddedValkeyError, match="Another program is using the data in"):
            second.start()
        second.stop()

        with Valkey.from_url(url) as client:
            assert client.ping()


def test_starting_twice_is_refused(tmp_path: Path) -> None:
    server = EmbeddedValkey(tmp_path)
    with server, pytest.raises(EmbeddedValkeyError, match="started already"):
        server.start()


def test_the_server_of_a_killed_program_is_used_again(tmp_path: Path) -> None:
    program = hold(tmp_path)
    orphan = process_id(f"unix://{tmp_path}/valkey.sock")
    end(program, signal.SIGKILL)

    with EmbeddedValkey(tmp_path, append_fsync="everysec") as url:
        assert process_id(url) == orphan
        with Valkey.from_url(url) as client:
            assert client.config_get("appendfsync") == {"appendfsync": "everysec"}
    assert not (tmp_path / "valkey.sock").exists()


def test_program_and_server_killed_together_lose_nothing(tmp_path: Path) -> None:
    program = hold(tmp_path)
    url = f"unix://{tmp_path}/valkey.sock"
    with Valkey.from_url(url) as client:
        client.set("kept", "yes")
    orphan = process_id(url)
    end(program, signal.SIGKILL)
    os.kill(orphan, signal.SIGKILL)

    # The dead server's socket is still there.
    with EmbeddedValkey(tmp_path) as url, Valkey.from_url(url) as client:
        assert client.get("kept") == b"yes"
        assert process_id(url) != orphan


def test_a_ctrl_c_reaches_the_program_and_not_its_server(tmp_path: Path) -> None:
    program = hold(tmp_path)
    url = f"unix://{tmp_path}/valkey.sock"
    server = process_id(url)
    os.killpg(program.pid, signal.SIGINT)
    program.communicate(timeout=10)

    with EmbeddedValkey(tmp_path) as url:
        assert process_id(url) == server


@pytest.mark.parametrize("name", ["x" * 120, "a b%c?d#é"])
def test_any_directory_will_do(tmp_path: Path, name: str) -> None:
    directory = tmp_path / name
    with EmbeddedValkey(directory) as url, Valkey.from_url(url) as client:
        assert client.ping()
        assert (directory / "valkey.sock").is_socket()


def test_a_long_directorys_shortcut_is_private_and_removed(tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path / ("x" * 120)) as url:
        shortcut = Path(url.removeprefix("unix://")).parent.parent
        assert mode(shortcut) == 0o700
    assert not shortcut.exists()


def test_a_relative_directory_stays_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    server = EmbeddedValkey(Path(".data"))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    with server:
        assert (tmp_path / ".data" / "valkey.sock").is_socket()


def test_a_directory_that_everyone_can_write_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)

    with pytest.raises(EmbeddedValkeyError, match="chmod 700"):
        EmbeddedValkey(tmp_path).start()


def test_a_file_in_the_directorys_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")

    with pytest.raises(EmbeddedValkeyError, match=r"DATA_DIR .*data can't be used"):
        EmbeddedValkey(tmp_path / "data").start()


def test_a_server_that_cannot_start_names_its_log(tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path) as url, Valkey.from_url(url) as client:
        client.set("kept", "yes")
    manifest = tmp_path / "appendonlydir" / "appendonly.aof.manifest"
    manifest.write_text("nonsense")

    with pytest.raises(EmbeddedValkeyError, match=r"stopped while starting. See .*valkey.log"):
        EmbeddedValkey(tmp_path).start()


def test_a_machine_without_the_binary_is_told_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "get_binary_path", _nowhere)

    with pytest.raises(EmbeddedValkeyError, match="REDIS_URL=redis://localhost:6379"):
        EmbeddedValkey(tmp_path).start()


def test_stopping_is_harmless_before_and_after(tmp_path: Path) -> None:
    server = EmbeddedValkey(tmp_path)
    server.stop()
    with server:
        pass
    server.stop()
    with server as url, Valkey.from_url(url) as client:
        assert client.ping()


def _nowhere() -> Path:
    return Path("/nowhere/valkey-server")
