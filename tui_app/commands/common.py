"""What every command shares: unlocking, asking for a password, printing for people or for programs."""

from __future__ import annotations

import argparse
import getpass
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from tui_app.bootstrap import Workspace, open_workspace
from tui_app.errors import BadFile, NotFound, NotOpened, UserError
from tui_app.i18n import t
from tui_app.services.station.whole_file import whole_file
from tui_app.settings import Places, home
from tui_app.store import vault

Arguments = argparse.Namespace
BAR = 24  # letters
_DAY_FIRST = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII).fullmatch


def places() -> Places:
    """The workspace this command works on."""
    return Places(home())


def say(key: str, **params: Any) -> None:
    """A message for the person, on stderr."""
    print(t(key, **params), file=sys.stderr, flush=True)


def tell(text: str) -> None:
    """Finished words for the person, on stderr."""
    print(text, file=sys.stderr, flush=True)


def put(text: str) -> None:
    """A line of the answer, on stdout."""
    print(text)


def put_json(answer: Any) -> None:
    """The answer for a program: one JSON object on stdout."""
    sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
    sys.stdout.buffer.flush()


def add_login(parser: argparse.ArgumentParser) -> None:
    """The options that say who works, so that no terminal is needed."""
    parser.add_argument("--user", metavar="NAME", help=t("cli.help_user"))
    parser.add_argument("--password-file", type=Path, metavar="FILE", help=t("cli.help_password_file"))


def add_json(parser: argparse.ArgumentParser) -> None:
    """``--json``."""
    parser.add_argument("--json", action="store_true", help=t("cli.help_json"))


def password(arguments: Arguments, *, new: bool = False) -> str:
    """The password from ``--password-file`` (its first line) or a prompt; a new one is asked for twice."""
    if arguments.password_file is not None:
        return read_secret(arguments.password_file)
    first = prompt("cli.ask_new_password" if new else "cli.ask_password")
    if new and prompt("cli.ask_again") != first:
        raise NotFound("cli.passwords_differ")
    return first


def day_of(text: str | None) -> date | None:
    """A day given as an option, 2022-03-14 or 14/03/2022. Raises UserError."""
    if not text:
        return None
    try:
        found = _DAY_FIRST(text)
        return date(int(found[3]), int(found[2]), int(found[1])) if found else date.fromisoformat(text)
    except ValueError as error:
        raise UserError("cli.bad_day", day=text) from error


def read_secret(file: Path) -> str:
    """The first line of a file. Raises BadFile when it cannot be read or is empty."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadFile("cli.cannot_read", file=str(file), reason=type(error).__name__) from error
    if not text.strip():
        raise BadFile("cli.empty_secret", file=str(file))
    return text.splitlines()[0]


def prompt(key: str) -> str:
    """A secret typed at the terminal, unseen. Raises NotFound without a terminal."""
    if not sys.stdin.isatty():
        raise NotFound("cli.no_terminal")
    return getpass.getpass(t(key) + " ", stream=sys.stderr)


def user(arguments: Arguments) -> str:
    """Who works: ``--user``, or the only user there is. Raises NotFound when several could be meant."""
    if arguments.user:
        return str(arguments.user)
    known = vault.users(places())
    if len(known) != 1:
        raise NotFound("cli.which_user", users=", ".join(u.name for u in known))
    return known[0].name


@contextmanager
def unlocked(arguments: Arguments) -> Iterator[Workspace]:
    """The workspace, unlocked for one command. That it was refused a named record is noted."""
    workspace = open_workspace(places(), user(arguments), password(arguments))
    from tui_app.services.access import access, lease

    try:
        lease.note_time(workspace.store)
        yield workspace
    except NotOpened as refused:
        access.note_refused(
            workspace.store, workspace.user, refused.reason, refused.record_type, refused.record
        )
        raise
    finally:
        workspace.close()


@contextmanager
def progress_bar(subject: str) -> Iterator[Callable[[str, int, int], None]]:
    """A line on stderr that says how far a long job is, at a terminal only; gone when the job is done.

    Yields a function of stage, done and total (0: not known). Words: ``<subject>.stage_<stage>``.
    """
    if not sys.stderr.isatty():
        yield lambda stage, done, total: None
        return

    def show(stage: str, done: int, total: int) -> None:
        filled = BAR * done // total if total else 0
        bar = "█" * filled + "░" * (BAR - filled) if total else ""
        counts = t("cli.progress", done=grouped(done), total=grouped(total)) if total else ""
        print(f"\r\x1b[K{t(f'{subject}.stage_{stage}')} {bar} {counts}", end="", file=sys.stderr, flush=True)

    try:
        yield show
    finally:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def grouped(number: int) -> str:
    """A count with a space between thousands."""
    return f"{number:,}".replace(",", " ")


@contextmanager
def output(file: Path | None) -> Iterator[Any]:
    """Bytes to a file that appears whole or not at all, or to stdout. Raises BadFile when it cannot be written."""
    if file is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    with whole_file(file) as stream:
        yield stream


def lines_of(what: str) -> list[tuple[int, dict[str, Any]]]:
    """The objects of a file, a line each, with their numbers. Raises BadFile before anything is saved."""
    import msgspec

    try:
        text = sys.stdin.read() if what == "-" else Path(what).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadFile("cli.cannot_read", file=what, reason=type(error).__name__) from error
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                found.append((number, msgspec.json.decode(line, type=dict[str, Any])))
            except msgspec.DecodeError as error:
                raise BadFile("care.bad_line", line=number) from error
    return found
