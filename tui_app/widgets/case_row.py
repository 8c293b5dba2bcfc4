"""One line of a person's F0 tab: what, what is said of it, when; and in full why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from tui_app.clock import VIETNAM, from_wire, show_date
from tui_app.i18n import language, t
from tui_app.rules.findings import Finding
from tui_app.rules.rule_set import RuleSets
from tui_app.services.judging.findings import open_findings
from tui_app.services.judging.rule_sets import rule_words
from tui_app.widgets.rows import Column, Row
from tui_app.widgets.symbols import State, Tone


@dataclass(frozen=True, slots=True)
class CaseRow:
    """``kind``, ``ident``: the record it is about, or a word for what it says; ``why``: what it rests on, a line a
    rule; ``leads``: whether the list shows the first of them behind what is said; ``tone``: how it is coloured."""

    kind: str
    ident: str
    what: str
    said: str
    when: str = ""
    why: tuple[str, ...] = ()
    state: State | None = None
    tone: Tone = ""
    leads: bool = False

    @property
    def key(self) -> str:
        """Its key in the list."""
        return f"{self.kind}:{self.ident}"

    def row(self) -> Row:
        """As the list shows it."""
        said = " · ".join((self.said, *self.why[:1])) if self.leads else self.said
        return Row(self.key, (self.what, said, self.when), self.state, self.tone)


def columns() -> list[Column]:
    """What, said, when; they stand in 80 cells."""
    return [
        Column("what", t("case.column_what"), width=18),
        Column("said", t("case.column_said"), width=34, flex=1),
        Column("when", t("case.column_when"), width=11),
    ]


def findings_of(kept: Any) -> list[Finding]:
    """Kept findings without those of a restricted condition, and without which of two values counted."""
    return [one for one in open_findings(kept or ()) if one.kind != "measurement"]


def why_lines(sets: RuleSets, findings: Iterable[Finding]) -> tuple[str, ...]:
    """Each finding with rule, value, limit, document, set, and that nobody read it there where nobody did."""
    return tuple(
        f"{rule_words(sets, one, language())} · {t('case.of_set', rule=one.rule, rule_set=one.rule_set)}"
        for one in findings
    )


def short_moment(at: str | None) -> str:
    """``20/02 09:05`` in Viet Nam."""
    return from_wire(at).astimezone(VIETNAM).strftime("%d/%m %H:%M") if at else ""


def short_day(on: date | str | None) -> str:
    """``20/02/2022``, empty when it is not known."""
    return show_date(on) if on else ""
