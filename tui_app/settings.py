"""Where the workspace lives and how the person at this laptop likes it shown. Standard library only.

Settings hold nothing personal: they are a plain file, outside the encrypted database.
"""

from __future__ import annotations

import os
import re
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from tui_app.errors import BadFile

ASSETS = Path(__file__).resolve().parent.parent / "assets"

CHOICES: Mapping[str, tuple[str, ...]] = {
    "language": ("vi", "en"),
    "symbols": ("unicode", "ascii"),
    "input_method": ("none", "telex", "vni"),
}
LOCK_MINUTES = range(1, 241)
_THEME = re.compile(r"[a-z][a-z0-9-]{0,39}")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def asset(*parts: str) -> Path:
    """The path of a file that comes with the program, as ``asset("samples", "ward.xlsx")``."""
    return ASSETS.joinpath(*parts)


def home() -> Path:
    """The folder of this user's workspace: ``GONHA_HOME``, or the platform's place for user data."""
    chosen = os.environ.get("GONHA_HOME")
    if chosen:
        return Path(chosen).expanduser().absolute()
    import platformdirs

    return Path(platformdirs.user_data_dir("gonha", appauthor=False))


@dataclass(frozen=True)
class Places:
    """The files of one workspace. Nothing is created until `prepare`."""

    home: Path

    @property
    def vault(self) -> Path:
        """Users and their sealed keys; no person of the ward."""
        return self.home / "vault.json"

    @property
    def vault_copy(self) -> Path:
        """The same as `vault`, written after it: without the keys the database is lost."""
        return self.home / "vault.copy.json"

    @property
    def database(self) -> Path:
        """The encrypted database."""
        return self.home / "gonha.db"

    @property
    def settings(self) -> Path:
        """Language, theme and the like."""
        return self.home / "settings.toml"

    @property
    def backups(self) -> Path:
        """Safety copies the program makes by itself."""
        return self.home / "backups"

    @property
    def vault_lock(self) -> Path:
        """Held while keys are read or changed."""
        return self.home / "vault.lock"

    @property
    def last_user(self) -> Path:
        """A mark of who unlocked it last; see `tui_app.store.last_user`."""
        return self.home / "last-user"

    @property
    def sync_lock(self) -> Path:
        """Held during one exchange with the server."""
        return self.home / "sync.lock"

    def prepare(self) -> None:
        """Create the home folder for its owner alone (0700). A folder that exists keeps its rights."""
        if not self.home.is_dir():
            self.home.parent.mkdir(parents=True, exist_ok=True)
            self.home.mkdir(mode=0o700, exist_ok=True)


@dataclass(frozen=True)
class Settings:
    """What the person chose. ``lock_minutes``: minutes without a key before the screen locks, 1–240.

    ``unknown`` keeps entries of a newer version, so that an older one does not drop them.
    """

    language: str = "vi"
    theme: str = "gonha"
    symbols: str = "unicode"
    input_method: str = "none"
    lock_minutes: int = 10
    unknown: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def with_(self, **changes: Any) -> Settings:
        """A changed copy. Raises BadFile for a value the file would not be allowed to hold."""
        for key, value in changes.items():
            _check(key, value, "settings.toml", 0)
        return replace(self, **changes)


NAMES = tuple(item.name for item in fields(Settings) if item.name != "unknown")


def read_settings(path: Path) -> Settings:
    """The settings in ``path``, or the defaults when there is no file.

    Raises BadFile naming the line and the key of the first value that cannot be used.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Settings()
    except UnicodeDecodeError as error:
        raise BadFile("vault.settings_unreadable", file=path.name, detail=str(error.reason)) from error
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadFile("vault.settings_unreadable", file=path.name, detail=str(error)) from error
    for key, value in values.items():
        if key in NAMES:
            _check(key, value, path.name, _line_of(text, key))
    known = {key: value for key, value in values.items() if key in NAMES}
    return Settings(**known, unknown={key: value for key, value in values.items() if key not in NAMES})


def write_settings(path: Path, settings: Settings) -> None:
    """Replace the file in one step; a crash leaves the old one or the new one."""
    lines = [f"{name} = {_toml(getattr(settings, name))}" for name in NAMES]
    # Entries of a newer version that are more than one value (tables) are not ours to re-write line by line.
    lines += [
        f"{key} = {_toml(value)}"
        for key, value in settings.unknown.items()
        if _BARE_KEY.fullmatch(key) and isinstance(value, str | bool | int | float)
    ]
    write_atomically(path, ("\n".join(lines) + "\n").encode())


def write_atomically(path: Path, content: bytes) -> None:
    """Replace ``path`` by ``content`` with rights 0600, on the disk before this returns.

    A kill or a power cut at any moment leaves the old file or the new one. Raises OSError (disk full, no
    right).
    """
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Put renames inside ``folder`` on the disk. Windows has no such call and does it by itself."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _check(key: str, value: Any, file: str, line: int) -> None:
    if key in CHOICES:
        allowed = ", ".join(CHOICES[key])
        good = isinstance(value, str) and value in CHOICES[key]
    elif key == "lock_minutes":
        allowed = f"{LOCK_MINUTES.start}–{LOCK_MINUTES.stop - 1}"
        good = isinstance(value, int) and not isinstance(value, bool) and value in LOCK_MINUTES
    elif key == "theme":
        allowed = "a-z 0-9 -"
        good = isinstance(value, str) and _THEME.fullmatch(value) is not None
    else:
        allowed, good = ", ".join(NAMES), False
    if not good:
        shown = str(value)[:40]
        raise BadFile("vault.settings_value", file=file, line=line, name=key, value=shown, allowed=allowed)


def _line_of(text: str, key: str) -> int:
    found = re.search(rf"^[ \t]*[\"']?{re.escape(key)}[\"']?[ \t]*=", text, re.MULTILINE)
    return text.count("\n", 0, found.start()) + 1 if found else 0


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        escaped = "".join(
            f"\\u{ord(c):04x}" if ord(c) < 32 or ord(c) == 127 else {'"': '\\"', "\\": "\\\\"}.get(c, c)
            for c in value
        )
        return f'"{escaped}"'
    return str(value)
