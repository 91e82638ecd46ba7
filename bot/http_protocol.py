"""uvicorn's HTTP with an end: by itself it waits for a request however long, however large."""

import asyncio

import structlog
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

log = structlog.get_logger(__name__)

HEAD_LIMIT = 64 * 1024
"""Bytes of request line and headers, as far as they arrive in pieces. Slack's are below 2 KB."""

HEAD_PATIENCE = 10.0
"""Seconds from a connection, or the first byte of a request, to the end of its headers."""

BODY_PATIENCE = 15.0
"""Seconds from there to the end of the body, read by anybody or not; the doors answer sooner."""


class HttpProtocol(HttpToolsProtocol):
    """One connection. Whoever doesn't finish a request is cut off and holds up nobody else."""

    _timer: asyncio.TimerHandle | None = None
    _in_head = True
    _head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Wait for the first request."""
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what came, and count what belongs to a head that goes on."""
        super().data_received(data)
        if not self._in_head:
            return
        self._head_bytes += len(data)
        if self._head_bytes > HEAD_LIMIT:
            self._cut_off("head_too_large")

    def on_message_begin(self) -> None:
        """Wait for the rest of this head."""
        self._await_head()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Wait for the body, should there be one."""
        self._in_head = False
        self._cut_off_after(BODY_PATIENCE, "body_too_slow")
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Wait no longer: the request is here."""
        self._stop_timer()
        super().on_message_complete()

    def _await_head(self) -> None:
        self._in_head, self._head_bytes = True, 0
        self._cut_off_after(HEAD_PATIENCE, "head_too_slow")

    def _cut_off_after(self, seconds: float, error: str) -> None:
        self._stop_timer()
        self._timer = self.loop.call_later(seconds, self._cut_off, error)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _cut_off(self, error: str) -> None:
        self._stop_timer()
        if not self.transport.is_closing():
            log.info("http.connection_cut_off", error=error)
            self.transport.close()
