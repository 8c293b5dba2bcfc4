"""Where a person is named in records that are about somebody or something else: those stay when the person is erased,
so whoever decides has to know, and may take the words out or write others."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sync import outbox
from sync.texts import DELETED_REASON, Text
from tui_app.i18n import t
from tui_app.records import BY_NAME, REGISTRY
from tui_app.services.people.values import MASKED, field_word, value_words, whose
from tui_app.services.requests.belongings import Belongings
from tui_app.store.rows import table
from tui_app.store.search_terms import national_phone
from tui_app.text import fold

SHORTEST = 6  # letters of a name or number that is told from other words
QUESTION = "conflict"
_NUMBERS = ("national_id", "citizen_id_old", "insurance_number", "phone")

_Hits = dict[tuple[str, str], dict[str, str]]  # record -> field -> what stands there


@dataclass(frozen=True, slots=True)
class Mention:
    """A record that names the person. ``about``: whose it is, empty where nobody's; ``fields``: where; ``texts``: what
    stands in each; ``reached``: whether this laptop may take it out there; ``deleted``: the record was deleted."""

    type: str
    id: str
    about: str
    fields: tuple[str, ...]
    texts: Mapping[str, str] = field(default_factory=dict)
    reached: bool = True
    deleted: bool = False

    def editable(self, name: str) -> str:
        """The words of a field as whoever writes them anew begins with; empty where they are not shown as they are."""
        text = self.texts.get(name, "")
        hidden = name in MASKED or is_list(self.type, name) or text == t("resolve.value_restricted")
        return "" if hidden else text

    def named(self) -> Iterator[Text]:
        """The fields, as an erasure names them."""
        return ((self.type, self.id, name) for name in self.fields)


def mentions(c: Any, found: Belongings) -> tuple[Mention, ...]:
    """The records on this laptop, except the person's own, that hold their whole name or one of their numbers, those
    that were deleted too; what was said before is not looked at. A question about a field counts as that field."""
    wanted = names_of(c, found.members)
    if not wanted:
        return ()
    own = set(found.keys)
    hits: _Hits = defaultdict(dict)
    for name in BY_NAME:
        _in_type(c, name, wanted, hits)
    _in_questions(c, wanted, hits)
    keys = [key for key in hits if key not in own]
    names, areas = whose(c, keys), _written(c)
    found_in = []
    for key in keys:
        area, deleted = _place(c, key)
        reached = key[0] != QUESTION and area in areas
        found_in.append(
            Mention(*key, names[key].name, tuple(hits[key]), hits[key], reached=reached, deleted=deleted)
        )
    return tuple(found_in)


def names_of(c: Any, members: Iterable[str]) -> tuple[str, ...]:
    """The names, of more than one word, and the numbers of these persons, folded: those that are told from other
    words."""
    found = forbidden_to_name(c, members)
    return tuple(word for word in found if len(word) >= SHORTEST and (" " in word or not word.isalpha()))


def forbidden_to_name(c: Any, members: Iterable[str]) -> tuple[str, ...]:
    """All their names and numbers, folded: what is written about an erasure, or instead of what it takes out, may hold
    none of them."""
    words: set[str] = set()
    for row in table("person").said(c, members).values():
        words.add(fold(str(row.body.get("full_name") or "")))
        words |= {fold(str(row.body[name])) for name in _NUMBERS if row.body.get(name)}
        if row.body.get("phone"):
            words.add(national_phone(row.body["phone"]))
    return tuple(words - {""})


def names_any(text: object, wanted: Iterable[str]) -> bool:
    """Whether a text holds one of the folded names or numbers."""
    said = fold(str(text))
    return any(word in said for word in wanted)


def _in_type(c: Any, type_name: str, wanted: tuple[str, ...], hits: _Hits) -> None:
    kind = REGISTRY[type_name]
    if not kind.words:
        return
    fields = [name for name in kind.fields if name in kind.words]
    columns = [f'"{name}"' for name in fields]
    fields.append(DELETED_REASON)
    # not a field of the type, so the laptop keeps it in ``extra``
    columns.append(f"CASE WHEN deleted THEN extra ->> '$.{DELETED_REASON}' END")
    said = " OR ".join(f"{column} IS NOT NULL" for column in columns)
    for ident, *texts in c.execute(f'SELECT id, {", ".join(columns)} FROM "{type_name}" WHERE {said}'):
        for name, text in zip(fields, texts, strict=True):
            if text and names_any(text, wanted):
                hits[type_name, ident][name] = _shown(type_name, name, text)


def _in_questions(c: Any, wanted: tuple[str, ...], hits: _Hits) -> None:
    """Questions whose values name the person: what is asked about goes with its field, where that holds words; why
    somebody deleted a record with the reason for that."""
    rows = c.execute(
        'SELECT id, record_type, record, field, "values" FROM conflict WHERE NOT deleted AND "values" IS NOT NULL'
    )
    for ident, type_name, record, name, values in rows.fetchall():
        if not names_any(values, wanted):
            continue
        kind, part = REGISTRY.get(type_name), "value"
        if name == "deleted":
            name, part = DELETED_REASON, "reason"
        if kind is None or name not in kind.words:
            hits[QUESTION, ident]["values"] = field_word(name, type_name)
        elif name not in hits[type_name, record]:
            said = [
                _shown(type_name, name, value[part])
                for value in json.loads(values)
                if isinstance(value.get(part), str)
            ]
            hits[type_name, record][name] = " / ".join(filter(None, said))


def _shown(type_name: str, name: str, text: Any) -> str:
    """Words as they are read, of a list those of its parts; numbers masked, and nothing that tells of a restricted
    condition."""
    if not is_list(type_name, name):
        return value_words(type_name, name, text, hide=True, restricted=False)
    parts = json.loads(text)
    return " / ".join(str(part.get("text", part)) if isinstance(part, dict) else str(part) for part in parts)


def is_list(type_name: str, name: str) -> bool:
    """Whether a field holds a list, which goes as a whole."""
    column = BY_NAME[type_name].__table__.columns.get(name)  # type: ignore[attr-defined]
    return column is not None and type(column.type).__name__ == "JSON"


def _written(c: Any) -> set[str]:
    """The areas in which this laptop may write."""
    held = c.execute("SELECT area FROM cursor WHERE mode IN ('write', ?)", (outbox.LOCAL,))
    return {area for (area,) in held}


def _place(c: Any, key: tuple[str, str]) -> tuple[str, bool]:
    """The area of a record, and whether it was deleted."""
    found = c.execute(f'SELECT area, deleted FROM "{key[0]}" WHERE id = ?', (key[1],)).fetchone()
    return (str(found[0]), bool(found[1])) if found else ("", False)
