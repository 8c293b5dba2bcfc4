"""The referral slip (paper form 5.8) with its QR card: one sheet that goes along with the patient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tui_app import qr
from tui_app.bootstrap import Workspace
from tui_app.clock import VIETNAM, from_wire, to_wire
from tui_app.i18n import t
from tui_app.papers import words
from tui_app.papers.letterhead import letterhead
from tui_app.papers.pdf import BY_HAND, MISSING, Paper
from tui_app.papers.table import Column, Table
from tui_app.services.exchange import bundle_keys
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.station.unit_names import named_on
from tui_app.services.treatment import referral_card
from tui_app.services.treatment.medicine import Given
from tui_app.services.treatment.referral_slip import Slip, slip

FORMATS = ("pdf", "png", "txt")
KIND = "referral-slip"
_QR_SIDE = 50.0  # mm: a module of version 19, which a full slip takes, is then half a millimetre
_CARD = 60.0  # mm: as tall as who sends and signs beside it, where a station has a long name
_FINDINGS_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Made:
    """A slip. ``text``: of the card; ``version``: of its QR; ``fingerprint``: of the key that signed it."""

    body: bytes
    text: str
    version: int
    fingerprint: str


def write_slip(workspace: Workspace, referral: str, file_format: str = "pdf") -> Made:
    """The slip as pdf, its QR as png, or its text as txt; that it was made is noted first.

    Raises NotFound, NotOpened, UserError for a referral that was withdrawn.
    """
    at = workspace.clock()
    with workspace.store.write() as c:
        found = slip(c, referral)
        keys = bundle_keys.ensure(c)
        words.note_paper(c, workspace.user, to_wire(at), KIND, "person", found.person.id)
        sets = rule_sets(c)
    text = referral_card.sign(referral_card.fitted(referral_card.card(found, workspace.user)), keys.signing)
    modules = qr.modules(text)
    print_ = referral_card.fingerprint(keys.signing_public)
    if file_format == "pdf":
        body = _drawn(found, sets, modules, print_, workspace, at)
    else:
        body = qr.as_png(text) if file_format == "png" else text.encode() + b"\n"
    return Made(body, text, qr.version(modules), print_)


def _drawn(
    found: Slip, sets: Any, modules: list[list[bool]], print_: str, workspace: Workspace, made: Any
) -> bytes:
    referral, case, person = found.referral.body, found.case.body, found.person.body
    at = from_wire(referral["at"]).astimezone(VIETNAM)
    area = named_on(found.unit.body, at.date()) if found.unit else {}
    head = letterhead(area, at.date(), managed_by=case.get("managed_by", ""))
    paper = Paper(
        t("papers.slip_title"),
        made,
        remark=words.remark(made, found.referral.id, person.get("full_name", "")),
    )
    paper.heading(head)
    paper.title(t("papers.slip_title"), t("papers.slip_to", to=referral["sent_to"]))
    paper.facts([(t("papers.full_name"), person.get("full_name", "").upper())], columns=1, after=0)
    paper.facts(
        [
            (t("papers.birth"), words.birth_words(person, found.age)),
            (t("papers.sex"), words.coded("sex", person.get("sex"))),
            (t("papers.insurance"), person.get("insurance_number", "")),
            (t("papers.phone"), words.phone_words(person.get("phone"))),
        ],
        after=0,
    )
    paper.facts(
        [
            (t("papers.address"), words.address_words(found.household.body if found.household else {}, area)),
            (t("papers.risk"), words.risk_words(found.risk_groups, found.conditions)),
            (t("papers.diagnosis"), BY_HAND),
        ],
        columns=1,
    )
    paper.facts(
        [
            (t("papers.first_positive"), words.day_words(case.get("first_positive_on"))),
            (t("papers.illness_day"), MISSING if found.day is None else str(found.day)),
            (t("papers.severity"), words.graded("severity_grade", case, found.unverified)),
            (t("papers.risk_class"), words.graded("risk_class", case, found.unverified)),
            (t("papers.pregnant"), words.said(case.get("pregnant"))),
            (t("papers.doses"), words.number_words(case.get("basic_doses"))),
        ]
    )
    vitals = Table([*_vital_columns(), *_vital_columns()], _in_pairs(found))
    paper.table(vitals, section=t("papers.slip_vitals"))
    given = [_drug(one) for one in found.given]
    drugs = Table(
        [
            Column(t("papers.given_on"), 22, "C"),
            Column(t("papers.drug"), 60),
            Column(t("papers.quantity"), 22, "C"),
            Column(t("papers.days"), 14, "C"),
        ],
        given or [(MISSING, t("papers.nothing_given"), MISSING, MISSING)],
    )
    paper.table(drugs, section=t("papers.slip_given"))
    paper.section(t("papers.slip_reason"))
    paper.line(referral["reason"], bold=True, after=0.8)
    told = words.finding_words(sets, found.findings)
    for one in told[:_FINDINGS_SHOWN]:
        paper.line(f"• {one}", size=9)
    if more := len(told[_FINDINGS_SHOWN:]):
        paper.line(t("papers.more_findings", count=more), size=9)
    paper.gap(1)
    sender = [
        (t("papers.sent_from"), referral.get("sent_from", "")),
        (t("papers.transport"), referral.get("transport", "")),
        (t("papers.left_at"), words.moment_words(referral["at"])),
        (t("papers.sender"), workspace.user),
    ]
    _card(paper, modules, print_, sender)
    return paper.write()


def _vital_columns() -> list[Column]:
    return [
        Column(t("papers.vital"), 42),
        Column(t("papers.value"), 16, "C"),
        Column(t("papers.measured_at"), 30, "C"),
    ]


def _in_pairs(found: Slip) -> list[list[str]]:
    """The vital signs, two a line."""
    cells = [
        [words.vital_word(one.field), words.number_words(one.value), words.moment_words(one.at)]
        for one in found.vitals
    ]
    cells = cells or [[t("papers.nothing_measured"), MISSING, MISSING]]
    if len(cells) % 2:
        cells.append(["", "", ""])
    return [first + second for first, second in zip(cells[::2], cells[1::2], strict=True)]


def _card(paper: Paper, modules: list[list[bool]], print_: str, sender: Sequence[tuple[str, str]]) -> None:
    """The QR on the left, from where and by whom and where to sign on the right, kept together."""
    paper.keep_together(_CARD)
    left, top = paper.left, paper.y
    paper.qr(modules, left, top, _QR_SIDE)
    paper.facts(sender, size=10, inset=_QR_SIDE + 4, after=0)
    paper.at(left + _QR_SIDE + 4, paper.y + 0.5)
    paper.note(t("papers.card_words", fingerprint=print_), paper.width - _QR_SIDE - 4)
    paper.sign_at(
        left + _QR_SIDE + 4,
        paper.y + 1,
        paper.width - _QR_SIDE - 4,
        (t("papers.sign_sender"), t("papers.sign_receiver")),
    )


def _drug(one: Given) -> tuple[str, str, str, str]:
    quantity = " ".join(filter(None, (words.number_words(one.quantity), one.unit)))
    return words.day_words(one.on), one.words, quantity, words.number_words(one.days)
