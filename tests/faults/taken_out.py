"""Words that an erasure took out of records that stay: which may be missing, and which may be left nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from sync.texts import ALL, Text, named_texts, question

if TYPE_CHECKING:
    from tests.faults.ledger import Made
    from tests.faults.world import World

_NEVER = 1 << 60
_decode = msgspec.json.Decoder().decode


class TakenOut:
    """What the erasures in force took out, as the server has them at a quiet point."""

    def __init__(self, world: World, made: Iterable[Made]) -> None:
        self.world = world
        # field -> the erasures that name it; that emptied it, though they may be nowhere else; that a laptop obeyed
        self.by: dict[Text, set[str]] = {}
        self.remembered: dict[Text, set[str]] = {}
        self.ordered: dict[Text, set[str]] = {}
        rows = world.rows("SELECT id, body FROM record WHERE type = 'erasure' AND gone IS NULL")
        for ident, body in rows:
            for text in named_texts(_decode(body).get("texts")):
                self.by.setdefault(text, set()).add(ident)
                self.by.setdefault((*question(text), ALL), set()).add(ident)
        self.seqs: dict[tuple[Text, str], int] = {}  # the counter a record got by being emptied
        rows = world.rows("SELECT type, record, field, erasure, seq FROM erased_text")
        for kind, ident, field, erasure, seq in rows:
            self.remembered.setdefault((kind, ident, field), set()).add(erasure)
            self.seqs[(kind, ident, field), erasure] = int(seq)
        for laptop in world.laptops:
            for kind, ident, field, erasure in laptop.all("SELECT type, id, field, erasure FROM erased_text"):
                self.ordered.setdefault((kind, ident, field), set()).add(erasure)
        self.made = [one for one in made if any((one.type, one.record) == text[:2] for text in self.by)]

    def may_miss(self, made: Made, name: str) -> bool:
        """Whether a word was said by somebody who knew nothing of an erasure that took it out. One whose disk burnt
        and which a restored server no longer has goes on to hold; counters of before it say nothing after it. Nor can
        anybody give such a server back what the chief had erased here, though it then holds the erasure."""
        if not self.world.ledger.server_restores:
            return any(self._goes(made, name, known) for known in (self.by, self.remembered))
        return any(
            self._goes(made, name, known, by_row=False) for known in (self.by, self.remembered, self.ordered)
        )

    def _goes(self, made: Made, name: str, erasures: Mapping[Text, set[str]], *, by_row: bool = True) -> bool:
        """``by_row``: a row that has lost its words tells of an erasure too, though a cut pull brought no more."""
        return any(
            erasure not in made.knows
            and not (by_row and made.base_seq >= self.seqs.get((text, erasure), _NEVER))
            for text in ((made.type, made.record, name), (made.type, made.record, ALL))
            for erasure in erasures.get(text, ())
        )

    def left(self) -> list[str]:
        """Words that were taken out and are still somewhere, on the server or a laptop: in a row, an op, a question."""
        wrong = []
        for text in sorted(self.by):
            if text[2] != ALL:
                words = self._words(text)
                wrong += [
                    f"{word!r} of {text} is left in {place}" for place, word in self._found(text, words)
                ]
        return wrong

    def _words(self, text: Text) -> set[str]:
        """What was said of a field before, and by nobody since. Who changes words that were written since has them on a
        row that lost the others, also without having heard of the erasure."""
        gone: set[str] = set()
        kept: set[str] = set()
        blind: list[tuple[Any, Any]] = []
        for one in self.made:
            if (one.type, one.record) == text[:2] and text[2] in one.set:
                was, new = one.set[text[2]]
                if self._goes(one, text[2], self.by):
                    blind.append((was, new))
                elif isinstance(new, str):
                    kept.add(new)
        for was, new in blind:  # in the order in which they were made
            if was in kept and isinstance(new, str):
                kept.add(new)
            gone |= {word for word in (was, new) if isinstance(word, str) and word}
        return gone - kept

    def _found(self, text: Text, words: set[str]) -> Iterable[tuple[str, str]]:
        ids = (text[1], question(text)[1])
        held: list[tuple[str, Any]] = [
            ("the server's rows", self.world.rows(f"SELECT body FROM record WHERE id IN {ids!r}")),
            ("the server's ops", self.world.rows(f"SELECT changes FROM op WHERE record IN {ids!r}")),
        ]
        for laptop in self.world.laptops:
            row, asked = laptop.row(*text[:2]), laptop.row("conflict", ids[1])
            held += [
                (f"the rows of {laptop.user}", [(_text(one.body),) for one in (row, asked) if one]),
                (f"the ops of {laptop.user}", laptop.all(f'SELECT "set" FROM outbox WHERE record IN {ids!r}')),
                (f"what lies beneath with {laptop.user}", laptop.all(f"SELECT row FROM base WHERE id IN {ids!r}")),
                (f"what {laptop.user} set aside", laptop.all(f"SELECT row FROM lost_row WHERE id IN {ids!r}")),
            ]  # fmt: skip
        return [
            (place, word)
            for place, rows in held
            for word in words
            if any(_text(word) in str(said) for (said,) in rows)
        ]


def _text(value: Any) -> str:
    return str(msgspec.json.encode(value), "utf-8")
