"""What comparing a list came to, in words and as values for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tui_app.clock import show_date
from tui_app.codes import code_word
from tui_app.i18n import t
from tui_app.rules.rule_set import RuleSets
from tui_app.services.people.values import field_word
from tui_app.services.vaccination.dose_differences import Difference
from tui_app.services.vaccination.reconciling import Compared, Reconciliation
from tui_app.services.vaccination.vaccination_words import product_word


def difference_words(sets: RuleSets, one: Difference) -> str:
    """One difference: what is here and what is there, field by field."""
    said = []
    for name, (here, there) in one.fields.items():
        word = field_word(name, "person" if one.kind == "person" else "vaccination_dose")
        if one.kind in ("differs", "person"):
            pair = f"{_value(sets, name, here)} → {_value(sets, name, there)}"
        else:
            pair = _value(sets, name, there if here is None else here)
        said.append(f"{word}: {pair}")
    return t(f"reconcile.difference_{one.kind}", fields="; ".join(said), on=show_date(one.on))


def short_words(one: Compared) -> str:
    """A row in a few words: how many doses differ, or why it is a question."""
    if one.why:
        return t(one.why)
    counts = {
        kind: sum(each.kind == kind for each in one.differences)
        for kind in ("only_there", "differs", "only_here", "person")
    }
    if one.state == "only_here":
        return t("reconcile.doses_here", count=len(one.here.doses) if one.here else 0)
    if one.state == "only_there":
        return t("reconcile.doses_there", count=len(one.listed.doses) if one.listed else 0)
    return " · ".join(t(f"reconcile.count_{kind}", count=count) for kind, count in counts.items() if count)


def row_lines(sets: RuleSets, one: Compared) -> Iterator[str]:
    """All that is known of a row."""
    if one.here is not None:
        yield t("reconcile.here", name=one.here.full_name, birth=one.here.birth, unit=one.here.unit)
    if one.why:
        yield t(one.why)
    for candidate in one.candidates:
        yield t("reconcile.candidate", name=candidate.full_name, birth=candidate.birth, unit=candidate.unit)
    for difference in one.differences:
        yield difference_words(sets, difference)


def reconciliation_json(found: Reconciliation) -> dict[str, Any]:
    """For a program: rows by their number, persons by id; cells that could not be read by name, not by content."""
    return {
        "file": found.listed.file_name,
        "columns": [
            {"column": column, "title": title, "field": kind} for column, title, kind in found.listed.columns
        ],
        "rows": [
            {
                "row": one.key,
                "state": one.state,
                "why": one.why or None,
                "person": one.here.person if one.here else None,
                "candidates": [candidate.person for candidate in one.candidates],
                "differences": [
                    {
                        "kind": each.kind,
                        "row": each.row or None,
                        "dose": each.dose,
                        "fields": {
                            name: {"here": here, "there": there}
                            for name, (here, there) in each.fields.items()
                        },
                    }
                    for each in one.differences
                ],
            }
            for one in found.rows
        ],
        "bad_rows": [
            {"sheet": bad.sheet, "row": bad.row, "cell": bad.cell, "problem": str(bad.problem)}
            for bad in found.listed.bad_rows
        ],
    }


def _value(sets: RuleSets, name: str, value: Any) -> str:
    if value is None or value == "":
        return "–"
    match name:
        case "given_on":
            return show_date(value)
        case "product":
            return product_word(sets, str(value))
        case "dose_type":
            return code_word("dose_type", str(value))
        case _:
            return str(value)
