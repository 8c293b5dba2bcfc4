"""Forms 01 and 02 of Appendix II of TT 15/2026/TT-BYT: that there is an epidemic in the commune, that it is over.

What the program does not know (number, province, other receivers) is left to be written by hand; the station's director
signs. The forms name nobody.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from tui_app.bootstrap import Workspace
from tui_app.clock import VIETNAM, from_wire
from tui_app.errors import UserError
from tui_app.i18n import t
from tui_app.papers.letterhead import Letterhead, day_parts
from tui_app.papers.pdf import BY_HAND, Paper
from tui_app.papers.words import moment_words
from tui_app.services.outbreaks import words
from tui_app.services.outbreaks.declaring import Outbreak, outbreak
from tui_app.services.station.unit_names import named_on
from tui_app.store.rows import table

FORMATS = ("pdf",)
Form = Literal["declared", "ended"]
_UNKNOWN = "…………"
_SIZE = 12.5  # points


def write_notice(workspace: Workspace, ident: str, form: Form) -> bytes:
    """Form 01 (``declared``) or 02 (``ended``) of an outbreak. Raises NotFound, NotOpened, UserError for form 02 of one
    that goes on."""
    with workspace.store.read() as c:
        found = outbreak(c, ident)
        unit = table("area").read(c, [found.area]).get(found.area)
    if form == "ended" and found.ended_on is None:
        raise UserError("outbreak.not_ended")
    made = from_wire((found.declared_at if form == "declared" else found.end_declared_at) or found_at(found))
    day = made.astimezone(VIETNAM).date()
    commune = str(named_on(unit.body, day).get("commune_name") or "") if unit else ""
    return _drawn(workspace, found, form, commune or _UNKNOWN, day)


def found_at(found: Outbreak) -> str:
    """The wire moment it was found, where nobody wrote when its form was made out."""
    return found.identified_at or f"{found.started_on.isoformat()}T00:00:00+07:00"


def _drawn(workspace: Workspace, found: Outbreak, form: Form, commune: str, day: date) -> bytes:
    now = workspace.clock()
    foot = t("outbreak.paper_foot", form=t(f"outbreak.paper_form_{form}"), at=moment_words(now))
    paper = Paper(t(f"outbreak.paper_{form}"), now, remark=foot)
    upper = commune.upper()
    committee, station = (t(f"outbreak.paper_{office}", commune=upper) for office in ("committee", "station"))
    paper.heading(Letterhead(committee, station, commune, day))
    paper.gap(4)
    paper.title(t("outbreak.paper_information"))
    paper.line(t(f"outbreak.paper_{form}"), size=_SIZE, bold=True, align="C", after=5)
    paper.line(t("outbreak.paper_by_circular"), size=_SIZE, after=1.5)
    if form == "ended":
        first = from_wire(found.declared_at or found_at(found)).astimezone(VIETNAM)
        by_first = t("outbreak.paper_by_first", commune=commune, **day_parts(first))
        paper.line(by_first, size=_SIZE, after=1.5)
    paper.line(t("outbreak.paper_by_facts"), size=_SIZE, after=1.5)
    says = t(f"outbreak.paper_says_{form}", commune=commune, province=_UNKNOWN)
    paper.line(says, size=_SIZE, after=3)
    for number, (label, value) in enumerate(_said(found, form), 1):
        told = t(
            "outbreak.paper_numbered", number=number, label=t(f"outbreak.{label}"), value=value or BY_HAND
        )
        paper.line(told, size=_SIZE, after=2)
    _close(paper, commune)
    return paper.write()


def _said(found: Outbreak, form: Form) -> list[tuple[str, str]]:
    if form == "ended":
        return [
            ("paper_disease", found.disease),
            ("paper_over", moment_words(found.over_at) if found.over_at else ""),
            ("paper_advice_end", found.end_recommendation),
        ]
    return [
        ("paper_disease", found.disease),
        ("paper_found", moment_words(found.identified_at) if found.identified_at else ""),
        ("paper_where", words.where(found)),
        ("paper_advice", found.recommendation),
    ]


def _close(paper: Paper, commune: str) -> None:
    """Who receives it on the left, who signs on the right."""
    receivers = [t("outbreak.paper_receivers"), t("outbreak.paper_receiver_chair", commune=commune)]
    receivers += [t(f"outbreak.paper_receiver_{name}", province=_UNKNOWN) for name in ("department", "cdc")]
    receivers += [t("outbreak.paper_receiver_other")] * 2 + [t("outbreak.paper_receiver_file")]
    paper.keep_together(50)
    paper.gap(6)
    top, half = paper.y, paper.width / 2
    paper.note("\n".join(receivers), half, size=10.5)
    hint = t("outbreak.paper_director_hint")
    paper.sign_at(paper.left + half, top, half, (t("outbreak.paper_director"),), hint=hint)
