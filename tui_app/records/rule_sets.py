"""Rule sets that the server hands to laptops: the text, and the signature that says whose it is."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from tui_app.records.base import Record, plain


class RuleSetText(Record, table=True):
    """A rule set as text. ``rule_set``: its id; ``text``: TOML as in `assets/rule_sets`; ``signature``: Ed25519 over
    the UTF-8 text by the server's signing key, base64. It judges nothing until somebody here has installed it."""

    __tablename__ = "rule_set"
    server_written: ClassVar[bool] = True

    rule_set: str | None = plain(required=True)
    text: str | None = plain(required=True)
    signature: str | None = plain(required=True)
    published_on: date | None = plain()
    withdrawn: bool | None = plain()
