"""The end of a process: in time whatever hangs, and by itself where nothing does."""

import subprocess
import sys

HANGS = "import threading; threading.Thread(target=threading.Event().wait).start()"


def ran(*lines: str) -> tuple[int, str]:
    """Run a program that hangs at its end; give its code and its last words."""
    program = "\n".join(["from bot import leaving, logs", "logs.configure('INFO', 'json')", *lines])
    ended = subprocess.run(  # noqa: S603  our own program
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    return ended.returncode, ended.stdout + ended.stderr


def test_a_thread_that_hangs_holds_no_process_that_is_done() -> None:
    assert ran(HANGS, "print('done')", "leaving.at_once()") == (0, "done\n")


def test_a_process_without_one_ends_as_ever() -> None:
    lines = ("import atexit; atexit.register(print, 'at exit')", "leaving.at_once()")
    assert ran(*lines) == (0, "at exit\n")


def test_whatever_hangs_the_process_ends_at_the_latest_then() -> None:
    code, said = ran("leaving.AT_THE_LATEST = 0.05", "leaving.at_the_latest()", HANGS)
    assert code == 1
    assert "process.stopped_hard" in said
