"""Which browser the tests and the pictures use: a Chromium that is on this machine already."""

import os
import shutil
from pathlib import Path

from playwright.async_api import Browser, Playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ON_MACOS = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")

_ARGUMENTS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Nothing but this machine: a name that is asked for all the same isn't found.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]

MISSING = "browser tests are left out: there is no Chromium here (apt-get install chromium)"


def executable() -> str | None:
    """Return the path of a Chromium, if there is one."""
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    return found or (str(_ON_MACOS) if _ON_MACOS.exists() else None)


def is_required() -> bool:
    """Whether a missing browser is a fault: so it is in continuous integration."""
    return os.environ.get("BROWSER") == "required"


async def launch(playwright: Playwright, path: str) -> Browser:
    """Start it. In a container it has no sandbox of its own, and root may not have one."""
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    return await playwright.chromium.launch(executable_path=path, args=[*_ARGUMENTS, *root])
