"""What follows from what people decided about records that may be one: a pure function of the set of decisions.

No order and no clock counts: laptops that hold the same decisions and the same records show the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tui_app.records.identity import MergeVerdict


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision, as far as it matters here."""

    id: str
    verdict: str
    kept: str
    merged: str
    undoes: str | None = None

    @property
    def pair(self) -> frozenset[str]:
        """The two records it is about."""
        return frozenset((self.kept, self.merged))


def standing(decisions: Iterable[Decided]) -> list[Decided]:
    """Those that say one or two, and that no decision takes back."""
    known = list(decisions)
    gone = {one.undoes for one in known if one.verdict == MergeVerdict.UNDONE}
    said = (MergeVerdict.SAME, MergeVerdict.NOT_SAME)
    return [one for one in known if one.verdict in said and one.id not in gone and one.kept != one.merged]


def disputes(decisions: Iterable[Decided]) -> list[frozenset[str]]:
    """Groups of records about which people disagree: somebody says that two are one, somebody that they are not.

    A pair that is called both, or a group joined over others of which two are called not the same.
    """
    pairs, groups = _split(standing(decisions))
    return sorted([*pairs, *groups], key=sorted)


def shown_as(decisions: Iterable[Decided], live: frozenset[str]) -> dict[str, str]:
    """Record -> the one that is shown in its place. ``live``: the records that are here and not deleted.

    Records about which people disagree are shown apart until that is settled. Of a group the one shown was kept and
    never merged; where there are several, or people merged in opposite ways, the smallest id.
    """
    stand = standing(decisions)
    pairs, disputed = _split(stand)
    same = [one for one in stand if one.verdict == MergeVerdict.SAME and one.pair not in pairs]
    kept, merged = {one.kept for one in same}, {one.merged for one in same}
    answer: dict[str, str] = {}
    for group in _groups(one.pair for one in same):
        here = group & live
        if not here or group in disputed:
            continue
        shown = min(here & kept - merged or here & kept or here)
        answer |= {one: shown for one in group if one != shown}
    return answer


def _split(stand: list[Decided]) -> tuple[set[frozenset[str]], set[frozenset[str]]]:
    apart = {one.pair for one in stand if one.verdict == MergeVerdict.NOT_SAME}
    same = {one.pair for one in stand if one.verdict == MergeVerdict.SAME}
    groups = _groups(same - apart)
    return same & apart, {group for group in groups if any(pair <= group for pair in apart)}


def _groups(pairs: Iterable[frozenset[str]]) -> list[frozenset[str]]:
    of: dict[str, set[str]] = {}
    for pair in pairs:
        joined = set(pair).union(*(of.get(one, ()) for one in pair))
        for one in joined:
            of[one] = joined
    return list({frozenset(group) for group in of.values()})
