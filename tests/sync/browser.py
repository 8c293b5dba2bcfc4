"""A real browser without a window: Debian's chromium, driven over WebDriver's plain HTTP."""

from __future__ import annotations

import base64
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx

NEEDED = ("chromium", "chromedriver")
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # what the protocol calls a reference to an element
_ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",  # as root there is none
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # whatever a page names, nothing else is reached
)


def missing() -> str:
    """Which program a machine lacks, empty for none."""
    return next((name for name in NEEDED if shutil.which(name) is None), "")


class Browser:
    """One window."""

    def __init__(self, http: httpx.Client, session: str) -> None:
        self._http, self._session = http, session

    def open(self, url: str) -> None:
        """Go somewhere and wait until it is loaded."""
        self._ask("url", url=url)

    def fill(self, selector: str, text: str) -> None:
        """Type into a field."""
        self._ask(f"element/{self._element(selector)}/value", text=text)

    def click(self, selector: str) -> None:
        """Click on something."""
        self._ask(f"element/{self._element(selector)}/click")

    def wait_for(self, selector: str) -> None:
        """Until it is there; the driver looks again, for ten seconds at most. Raises AssertionError."""
        self._element(selector)

    def text(self, selector: str) -> str:
        """What is read there."""
        return str(self._get(f"element/{self._element(selector)}/text"))

    def run(self, script: str) -> Any:
        """What a script of the test says of the page; the page itself has none."""
        return self._ask("execute/sync", script=script, args=[])

    def size(self, width: int, height: int) -> None:
        """The window's size in pixels."""
        self._ask("window/rect", width=width, height=height)

    def picture(self, file: Path) -> None:
        """The window as a PNG."""
        file.write_bytes(base64.b64decode(self._get("screenshot")))

    def paper(self) -> bytes:
        """The page as it prints, a PDF."""
        return base64.b64decode(self._ask("print", background=False, shrinkToFit=False))

    def messages(self) -> list[str]:
        """What the browser complained of since it was last asked."""
        return [str(one["message"]) for one in self._ask("se/log", type="browser")]

    @property
    def url(self) -> str:
        """Where it is."""
        return str(self._get("url"))

    def _element(self, selector: str) -> str:
        return str(self._ask("element", using="css selector", value=selector)[_ELEMENT])

    def _ask(self, path: str, **body: Any) -> Any:
        return _value(self._http.post(f"/session/{self._session}/{path}", json=body))

    def _get(self, path: str) -> Any:
        return _value(self._http.get(f"/session/{self._session}/{path}"))


@contextmanager
def browser(folder: Path, *, scripts: bool = True) -> Iterator[Browser]:
    """A browser that forgets everything afterwards. ``folder``: its profile; ``scripts``: whether pages may run any."""
    port = _free_port()
    driver = subprocess.Popen(
        ["chromedriver", f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        transport = httpx.HTTPTransport(retries=8)  # until it listens
        with httpx.Client(transport=transport, base_url=f"http://127.0.0.1:{port}", timeout=60) as http:
            options: dict[str, Any] = {
                "args": [*_ARGUMENTS, f"--user-data-dir={folder}"],
                "prefs": {} if scripts else {"profile.managed_default_content_settings.javascript": 2},
            }
            patience = {"implicit": 10_000, "pageLoad": 30_000}
            wanted = {
                "timeouts": patience,
                "goog:chromeOptions": options,
                "goog:loggingPrefs": {"browser": "ALL"},
            }
            session = _value(http.post("/session", json={"capabilities": {"alwaysMatch": wanted}}))[
                "sessionId"
            ]
            try:
                yield Browser(http, session)
            finally:
                with suppress(httpx.HTTPError):
                    http.delete(f"/session/{session}")
    finally:
        driver.terminate()
        driver.wait(10)


def _value(answer: httpx.Response) -> Any:
    value = answer.json()["value"]
    assert answer.status_code == 200, value
    return value


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])
