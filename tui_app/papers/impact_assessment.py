"""The assessment of impact of processing personal data (DPIA; Luật 91/2025; rules §4, duty 14): a template.

What the program knows of itself is printed: what it keeps and how much, who sees it, how it is protected, how long it
is kept. What only the station knows is left to be written by hand; the station answers for it and sends it.
"""

from __future__ import annotations

import tomllib
from datetime import date
from typing import Any

from tui_app.bootstrap import Workspace
from tui_app.clock import today
from tui_app.i18n import t
from tui_app.papers.letterhead import station_head
from tui_app.papers.pdf import BY_HAND
from tui_app.papers.privacy_rules import Sections, begun, deadline_lines, keeping_lines, unverified_line
from tui_app.papers.table import Column, Table
from tui_app.rules.breach import BreachNotice, breach_notice
from tui_app.services.access import gate
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.requests import register
from tui_app.settings import asset

_SIZE = 10.5  # points
_LINE = "…" * 46  # across the sheet
_BY_HAND = ("controller", "officer", "operator", "begun_on")
_KEPT = ("identity", "health", "care", "support", "journal")
_COUNTED = {"identity": "person", "health": "case", "care": "observation", "support": "support_need"}
_COUNTED |= {"journal": "access_entry"}
_RECEIVERS = ("team", "station", "server", "district", "nobody")
_MEASURES = ("encrypted", "passwords", "roles", "masked", "journal", "papers", "lost", "erasing", "copies")
_TO_DO = ("appoint", "notice", "users", "places", "backups", "exercise")
_RISKS = ("lost_laptop", "wrong_eyes", "paper_lost", "wrong_person", "server_broken", "kept_too_long")


def write_assessment(workspace: Workspace) -> bytes:
    """The template as PDF. Raises NotOpened unless a chief."""
    day = today(workspace.clock)
    with workspace.store.read() as c:
        gate.check_chief(c, type_name=register.TYPE)
        sets, head = rule_sets(c), station_head(c, day)
        counts = {name: _count(c, kind) for name, kind in _COUNTED.items()}
        asked = register.requests(c, day)
    paper = begun(workspace, t("privacy_papers.assessment"), t("privacy_papers.assessment_under"), head)
    parts = Sections(paper, _SIZE)
    parts.write("parties", [t(f"privacy_papers.field_{name}", by=BY_HAND) for name in _BY_HAND])
    parts.write("purposes", [t("privacy_papers.say_purposes"), t("privacy_papers.say_ground")])
    paper.table(_kept(counts), section=parts.heading("kept_kinds"))
    paper.table(_receivers(), section=parts.heading("receivers"))
    parts.write("kept", [f"• {line}" for line in keeping_lines(sets, day)])
    parts.write("measures", [f"• {t(f'privacy_papers.measure_{name}')}" for name in _MEASURES])
    parts.write("to_do", [f"□ {t(f'privacy_papers.to_do_{name}')}" for name in _TO_DO])
    paper.table(_risks(), section=parts.heading("risks"))
    late = sum(one.next_due is not None and one.next_due < day for one in asked)
    going = sum(one.is_open for one in asked)
    told = t("privacy_papers.requests", all=len(asked), open=going, late=late)
    parts.write("subjects", [told, *(f"• {line}" for line in deadline_lines(sets, day))])
    parts.write("breach", [_breach(day)])
    parts.write("conclusion", [_LINE] * 3)
    if said := unverified_line(sets, day):
        paper.note(said, paper.width, size=8.5)
    paper.signatures((t("privacy_papers.made_by"), t("reports.sign_chief")))
    return paper.write()


def _count(c: Any, type_name: str) -> int:
    return int(c.execute(f'SELECT count(*) FROM "{type_name}" WHERE NOT deleted').fetchone()[0])


def _kept(counts: dict[str, int]) -> Table:
    return Table(
        [
            Column(t("privacy_papers.col_kept"), 5),
            Column(t("privacy_papers.col_for"), 5),
            Column(t("privacy_papers.col_sensitive"), 1.6, "C"),
            Column(t("privacy_papers.col_count"), 1.6, "R"),
        ],
        [
            [
                t(f"privacy_papers.kept_{name}"),
                t(f"privacy_papers.for_{name}"),
                t(f"privacy_papers.sensitive_{name}"),
                str(counts[name]),
            ]
            for name in _KEPT
        ],
    )


def _receivers() -> Table:
    columns = [Column(t("privacy_papers.col_receiver"), 3), Column(t("privacy_papers.col_receives"), 9)]
    rows = [[t(f"privacy_papers.{what}_{name}") for what in ("receiver", "receives")] for name in _RECEIVERS]
    return Table(columns, rows)


def _risks() -> Table:
    """What may go wrong and what stands against it; how likely and how bad the station judges by hand."""
    columns = [
        Column(t("privacy_papers.col_risk"), 4),
        Column(t("privacy_papers.col_against"), 6),
        Column(t("privacy_papers.col_likely"), 1.5, "C"),
        Column(t("privacy_papers.col_bad"), 1.5, "C"),
    ]
    rows = [
        [t(f"privacy_papers.risk_{name}"), t(f"privacy_papers.against_{name}"), "", ""] for name in _RISKS
    ]
    return Table(columns, rows, tall=8)


def _breach(day: date) -> str:
    listed = tomllib.loads(asset("rule_sets", "data_protection.toml").read_text(encoding="utf-8"))
    rule: BreachNotice | None = breach_notice(listed, day)
    if rule is None:
        return t("privacy_papers.breach_unknown")
    return t(
        "privacy_papers.breach",
        hours=rule.hours,
        authority=rule.authority,
        form=rule.form or "…………",
        document=rule.document,
    )
