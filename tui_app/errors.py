"""The one error tree of the laptop. Each leaf is something a caller can act on.

An error carries a catalogue key and its parameters, never a finished sentence: the words are chosen
where the error is shown, in the language of the person who reads it. The catalogue entry says what
happened, what is safe, and what to do next. Parameters must not hold personal data, because messages reach logs.
"""

from __future__ import annotations

from typing import Any, ClassVar


class GonhaError(Exception):
    """Something was refused or failed. ``key`` names the catalogue entry, ``params`` fill it.

    ``exit_code``: what a command returns (1 refused, 3 no link, 4 something waits for a person).
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, key: str, **params: Any) -> None:
        super().__init__(key)
        self.key = key
        self.params = params

    def __str__(self) -> str:
        from tui_app.i18n import t

        return t(self.key, **self.params)


class VaultError(GonhaError):
    """The encrypted workspace cannot be opened or changed."""


class WrongPassword(VaultError):
    """The password opens no slot of this user. ``wait_seconds`` must pass before the next try."""


class VaultMissing(VaultError):
    """There is no workspace in this folder."""


class VaultBroken(VaultError):
    """The key file or the database is damaged; the data key is not to blame."""


class VaultTooNew(VaultError):
    """The workspace was written by a newer version of the program."""


class VaultBusy(VaultError):
    """Another process is changing the workspace."""


class UserError(GonhaError):
    """A user cannot be added, removed or changed."""


class InvalidFields(GonhaError):
    """One or more field values were refused at the border.

    ``problems``: one FieldProblem a field; the rest of the record was not looked at twice.
    """

    def __init__(self, problems: list[FieldProblem]) -> None:
        super().__init__("errors.invalid_fields", count=len(problems))
        self.problems = problems

    def __str__(self) -> str:
        return "; ".join(str(problem) for problem in self.problems)


class FieldProblem:
    """Why a value of one field was refused. ``key`` names what is wrong and the remedy; ``record_type``: whose field
    it is, as types may call one field otherwise, empty when that is not known."""

    __slots__ = ("field", "key", "params", "record_type")

    def __init__(self, field: str, key: str, **params: Any) -> None:
        self.field = field
        self.key = key
        self.params = params
        self.record_type = ""

    def of(self, record_type: str) -> FieldProblem:
        """The same of a field of this type."""
        same = FieldProblem(self.field, self.key, **self.params)
        same.record_type = record_type
        return same

    def __str__(self) -> str:
        from tui_app.i18n import catalogue, language, t

        own = catalogue(language(), "fields").get(f"{self.record_type}_{self.field}")
        return t(self.key, field=own or t(f"fields.{self.field}"), **self.params)

    def __repr__(self) -> str:
        return f"FieldProblem({self.field!r}, {self.key!r})"


class NotFound(GonhaError):
    """No such record, user, file or import."""


class NotOpened(GonhaError):
    """A named record may not be shown to this user now. Whoever shows this error also notes the refusal.

    ``reason``: lease or role; ``record_type``, ``record``: what was asked for, empty for many at once.
    """

    def __init__(self, key: str, reason: str, record_type: str = "", record: str = "", **params: Any) -> None:
        super().__init__(key, **params)
        self.reason = reason
        self.record_type = record_type
        self.record = record


class LawKeeps(GonhaError):
    """What somebody asked to delete has to be kept: the message says by which rule and until when."""


class BadFile(GonhaError):
    """A file given by the user cannot be used at all (rows that fail are reported one by one instead)."""


class BundleRefused(BadFile):
    """A file carried by hand was refused as a whole; nothing was changed."""


class SyncRefused(GonhaError):
    """The server answered and refused."""


class NoLink(GonhaError):
    """The server was not reached, or what answered was not our server. Nothing is lost."""

    exit_code = 3


class Waiting(GonhaError):
    """The work was done, but something waits for a person."""

    exit_code = 4
