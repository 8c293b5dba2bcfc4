"""Words about an erased person in records of others: what the chief lets stand there instead."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sync.texts import Text
from tui_app.errors import FieldProblem, InvalidFields
from tui_app.records import REGISTRY
from tui_app.records.validation import checked, required
from tui_app.services.requests.mentions import Mention, is_list, names_any
from tui_app.store.work import Work
from tui_app.text import clean

Decisions = Mapping[Text, str | None]
"""Field -> the words that shall stand there, "" for none; None to leave what stands there. A field that is not named
stays as it is too."""


def decided(named_in: Iterable[Mention], decisions: Decisions, wanted: Iterable[str]) -> dict[Text, str]:
    """What is taken out, with the words that come instead. Raises InvalidFields: for a field that does not name the
    person or cannot be reached, words that name them, none where there have to be some."""
    reached = {text for one in named_in if one.reached for text in one.named()}
    words = {text: clean(new) for text, new in decisions.items() if new is not None}
    problems = [one for text, new in words.items() if (one := _problem(text, new, reached, wanted))]
    if problems:
        raise InvalidFields(problems)
    return words


def problem_of(
    named_in: Iterable[Mention], text: Text, new: str, wanted: Iterable[str]
) -> FieldProblem | None:
    """Why these words may not stand there, None when they may."""
    reached = {text for one in named_in if one.reached for text in one.named()}
    return _problem(text, clean(new), reached, wanted)


def removed_by_default(named_in: Iterable[Mention]) -> Decisions:
    """Nothing stands where the person was named, as far as that can be: a field that a record must have stays."""
    texts = [text for one in named_in if one.reached for text in one.named()]
    return {text: "" for text in texts if text[2] not in required(text[0])}


def undecided(named_in: Iterable[Mention], decisions: Decisions) -> int:
    """Of how many fields that can be reached nobody said yet what becomes of them."""
    return sum(text not in decisions for one in named_in if one.reached for text in one.named())


def _problem(text: Text, new: str, reached: set[Text], wanted: Iterable[str]) -> FieldProblem | None:
    type_name, _, field = text
    key = ""
    if text not in reached:
        key = "requests.not_named"
    elif new and is_list(type_name, field):
        key = "requests.list_goes_whole"
    elif not new and field in required(type_name):
        key = "requests.text_required"
    elif names_any(new, wanted):
        key = "requests.text_names"
    if key:
        return FieldProblem(field, key).of(type_name)
    try:
        checked(type_name, {field: new or None}, new=False)
    except InvalidFields as refused:
        return refused.problems[0]
    return None


def left_of(named_in: Iterable[Mention], taken: Iterable[Text]) -> tuple[Mention, ...]:
    """The mentions that stay."""
    gone = set(taken)
    left = []
    for one in named_in:
        fields = tuple(field for field in one.fields if (one.type, one.id, field) not in gone)
        if fields:
            left.append(replace(one, fields=fields, texts={field: one.texts[field] for field in fields}))
    return tuple(left)


def by_area(c: Any, taken: Iterable[Text]) -> dict[str, list[Text]]:
    """area -> what is taken out of records there."""
    areas: dict[str, list[Text]] = defaultdict(list)
    for text in sorted(taken):
        (area,) = c.execute(f'SELECT area FROM "{text[0]}" WHERE id = ?', (text[1],)).fetchone()
        areas[area].append(text)
    return areas


def reword(work: Work, words: Mapping[Text, str]) -> None:
    """Write the new words, once the old ones are out: also into a record that is made once."""
    for (type_name, ident, field), new in words.items():
        if not new:
            continue
        if REGISTRY[type_name].append_only:
            work.settle(type_name, ident, checked(type_name, {field: new}, new=False))
        else:
            work.change(type_name, ident, {field: new})
