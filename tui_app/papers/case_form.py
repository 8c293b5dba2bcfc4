"""The form of a case (Mẫu 01 Phụ lục I QĐ 97/QĐ-PB) to be signed and sent: it names a person, so that it is made is
noted first. What is not recorded says so."""

from __future__ import annotations

import io
from datetime import datetime

from tui_app.bootstrap import Workspace
from tui_app.clock import VIETNAM, from_wire, show_date, to_wire
from tui_app.i18n import t
from tui_app.papers import words
from tui_app.papers.letterhead import Letterhead, letterhead
from tui_app.papers.pdf import SIGNATURES, Paper
from tui_app.papers.sheets import Column, write_table
from tui_app.services.reports.case_form import PARTS, CaseForm, case_form

FORMATS = ("pdf", "xlsx")
KIND = "case-form"
_REPORTER = 32.0  # mm
_WIDE = frozenset(
    {"full_name", "address", "workplace", "left_on", "sampled", "test_kind", "test_result", "history"}
)
"""Fields that take a line of their own."""


def write_case_form(workspace: Workspace, case: str, file_format: str) -> bytes:
    """The form of a case as pdf or xlsx. Raises NotFound, NotOpened."""
    now = workspace.clock()
    with workspace.store.write() as c:
        form = case_form(c, case, now)
        words.note_paper(c, workspace.user, to_wire(now), KIND, "person", form.person)
    head = letterhead(form.commune, now.astimezone(VIETNAM).date(), managed_by=form.managed_by)
    if file_format == "pdf":
        return _drawn(form, head, workspace.user, now)
    out = io.BytesIO()
    said = {t(f"forms.field_{name}"): text or t("forms.not_recorded") for name, text in form.fields.items()}
    write_table(
        out,
        file_format,
        title=t("forms.title"),
        heading=head,
        columns=[Column(t("forms.col_field"), width=34), Column(t("forms.col_words"), width=60)],
        rows=[*said.items(), *_reporter(form, head, workspace.user, now)],
        notes=[t("forms.disease"), t("forms.form")],
    )
    return out.getvalue()


def _drawn(form: CaseForm, head: Letterhead, who: str, now: datetime) -> bytes:
    foot = t("outbreak.paper_foot", form=t("forms.form"), at=words.moment_words(now))
    foot = f"{words.short_code(form.case)} · {foot}"
    paper = Paper(t("forms.title"), now, remark=foot)
    paper.heading(head)
    paper.title(t("forms.title"), t("forms.disease"))
    for part, names in PARTS.items():
        paper.section(t(f"forms.part_{part}"))
        pairs: list[tuple[str, str]] = []
        for name in names:
            pair = t(f"forms.field_{name}"), form.fields[name] or t("forms.not_recorded")
            if name in _WIDE:
                _put(paper, pairs)
                paper.facts([pair], columns=1, after=0)
            else:
                pairs.append(pair)
        _put(paper, pairs)
    paper.section(t("forms.part_reporter"), _REPORTER + SIGNATURES)
    paper.facts(_reporter(form, head, who, now), columns=1, after=0)
    paper.signatures((t("forms.sign_reporter"), t("papers.sign_stamp")))
    return paper.write()


def _put(paper: Paper, pairs: list[tuple[str, str]]) -> None:
    """Draw what was gathered side by side, and forget it."""
    if pairs:
        paper.facts(pairs, after=0)
        pairs.clear()


def _reporter(form: CaseForm, head: Letterhead, who: str, now: datetime) -> list[tuple[str, str]]:
    moment = words.moment_words(form.diagnosed_at)
    if not form.exact:
        day = from_wire(form.diagnosed_at).astimezone(VIETNAM).date()
        moment = t("forms.diagnosed_day", date=show_date(day))
    lines = [(t("forms.diagnosed"), moment)]
    if form.due is not None:
        due = words.moment_words(form.due[0])
        lines.append((t("forms.due"), t("forms.overdue", at=due) if now > form.due[0] else due))
    return [
        *lines,
        (t("forms.made"), words.moment_words(now)),
        (t("forms.reporter"), who),
        (t("forms.office"), f"{head.office}, {head.place}"),
    ]
