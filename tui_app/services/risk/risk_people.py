"""Everybody of a ward who is on a risk list on a day, read once, so that a list can be looked at from every side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from tui_app.rules.age import Age, age_on
from tui_app.rules.risk import ELDERLY, LIVES_WITH, DayRules
from tui_app.services.access.access import masked
from tui_app.text import fold, place_words

OVERDUE, UNDER_DOSED, DOSES_UNKNOWN, IN_NEED, FORGOTTEN, AGE_UNSURE = (
    "overdue",
    "under_dosed",
    "doses_unknown",
    "in_need",
    "forgotten",
    "age_unsure",
)
STATES = (FORGOTTEN, OVERDUE, IN_NEED, UNDER_DOSED, DOSES_UNKNOWN)
"""What narrows a list of persons at risk and is no group by itself. ``forgotten``: an open need, no contact (S3 §2)."""
NARROWS = frozenset(STATES)


@dataclass(slots=True)
class Door:
    """A household as lists show it."""

    address: str
    alley: str
    unit: str
    phone: str | None
    head: str | None

    @property
    def place(self) -> str:
        """Number, street and alley."""
        return place_words(self.address, self.alley)


@dataclass(slots=True)
class RiskPerson:
    """Somebody on a list.

    ``mask``: bits of groups and states; ``unsure``: of groups that cannot be known; ``written``: of groups somebody put
    them into; ``needs``: kinds of their open needs, ``house_needs``: of the household's; ``contact_at``: wire moment of
    the last contact within the days asked for, None for none; ``doses``: None for not known; ``carer``: in words.
    """

    book: RiskBook = field(repr=False)
    person: str
    household: str
    area: str
    full_name: str
    birth_date: str | None
    birth_year: int | None
    sex: str
    own_phone: str | None
    carer: str
    mask: int
    unsure: int
    written: int
    doses: int | None
    contact_at: str | None
    needs: tuple[str, ...]
    house_needs: tuple[str, ...]

    @property
    def groups(self) -> tuple[str, ...]:
        """Codes of the groups, without states."""
        return tuple(code for code in self.book.rules.codes(self.mask) if code not in NARROWS)

    @property
    def named_groups(self) -> tuple[str, ...]:
        """The groups a list names: of the ages the highest, which says that somebody is old as well; that somebody at
        risk lives with another is left out."""
        ages = [code for code in self.book.age_groups if self.has(code)]
        said_old = bool(self.written & self.book.rules.bits[ELDERLY])
        hidden = {*ages[:-1], AGE_UNSURE, *([ELDERLY] if ages and not said_old else [])}
        if self.at_risk:
            hidden.add(LIVES_WITH)
        return tuple(code for code in self.groups if code not in hidden)

    @property
    def unsure_groups(self) -> tuple[str, ...]:
        """Codes of the groups that cannot be known."""
        return self.book.rules.codes(self.unsure)

    def has(self, code: str) -> bool:
        """Whether a group or state holds."""
        return bool(self.mask & self.book.rules.bits.get(code, 0))

    @property
    def at_risk(self) -> bool:
        """Whether a group itself puts them at risk, and not only what follows from others or an age flag."""
        return bool(self.mask & self.book.rules.core)

    @property
    def age(self) -> Age | None:
        """On the day of the list."""
        born = date.fromisoformat(self.birth_date) if self.birth_date else None
        return age_on(self.book.rules.day, born, self.birth_year)

    @property
    def door(self) -> Door:
        """Where they live."""
        return self.book.doors.get(self.household, _NOWHERE)

    @property
    def phone(self) -> str:
        """Their own or the household's telephone, masked but for its tail."""
        number = self.own_phone or self.door.phone
        return masked(number) if number else ""

    @property
    def words(self) -> str:
        """What a filter looks at, folded, a space before each word."""
        found = self.book.folded.get(self.person)
        if found is None:
            door = self.door
            found = " " + fold(" ".join(filter(None, (self.full_name, door.address, door.alley, door.unit))))
            self.book.folded[self.person] = found
        return found


_NOWHERE = Door("", "", "", None, None)


@dataclass
class RiskBook:
    """All persons of any list on a day, in walking order.

    ``overdue_days``: after how many days without contact somebody is overdue; ``carers_unknown``: persons at risk whose
    carer is written in words that name nobody of the household; ``counted``: how many persons have each mask, where
    there are counts only and nobody is named.
    """

    rules: DayRules
    overdue_days: int
    doors: Mapping[str, Door]
    people: list[RiskPerson] = field(default_factory=list)
    carers_unknown: int = 0
    folded: dict[str, str] = field(default_factory=dict)
    counted: Counter[int] | None = None

    @cached_property
    def kinds(self) -> Counter[int]:
        """How many persons have each mask: a ward has a few hundred masks, so whatever is asked of all is asked of
        them."""
        return Counter(one.mask for one in self.people) if self.counted is None else self.counted

    @cached_property
    def age_groups(self) -> tuple[str, ...]:
        """The age flags, the lowest first."""
        rules = sorted((rule for rule, _ in self.rules.edges), key=lambda rule: rule.from_years or 0)
        return tuple(dict.fromkeys(rule.group for rule in rules))

    def choose(
        self, chosen: Collection[str] = (), *, words: Iterable[str] = (), any_of: bool = False
    ) -> list[RiskPerson]:
        """Those who have all that is chosen; of several ages one is enough, and with ``any_of`` one of the groups.

        Without a group: everybody at risk. ``words``: folded; each begins a word of name or address.
        """
        wanted = self._wanted(chosen, any_of)
        met = {mask for mask in self.kinds if wanted.met(mask)}
        found = [one for one in self.people if one.mask in met]
        for word in words:
            found = [one for one in found if f" {word}" in one.words]
        return found

    def counts(
        self, codes: Iterable[str], chosen: Collection[str] = (), *, words: Collection[str] = ()
    ) -> Counter[str]:
        """For each code how many would be shown with it chosen besides the others; an age stands for itself."""
        people = self.people
        for word in words:
            people = [one for one in people if f" {word}" in one.words]
        kinds = Counter(one.mask for one in people) if words else self.kinds
        found = Counter[str]()
        for code in codes:
            others = set(chosen) - set(self.age_groups) if code in self.age_groups else set(chosen)
            wanted = self._wanted(others | {code}, False)
            found[code] = sum(many for mask, many in kinds.items() if wanted.met(mask))
        return found

    def how_many(self, chosen: Collection[str] = ()) -> int:
        """How many have all that is chosen, also where nobody is named."""
        wanted = self._wanted(chosen, False)
        return sum(many for mask, many in self.kinds.items() if wanted.met(mask))

    def _wanted(self, chosen: Collection[str], any_of: bool) -> _Wanted:
        mask, ages = self.rules.mask, set(self.age_groups)
        groups = {code for code in chosen if code not in NARROWS}
        every = mask(set(chosen) & NARROWS)
        if not groups:
            return _Wanted(every, (self.rules.core,))
        if any_of:
            return _Wanted(every, (mask(groups),))
        some = [mask(groups & ages)] if groups & ages else []
        some += [mask([code]) for code in groups - ages]
        return _Wanted(every, tuple(some))


@dataclass(frozen=True, slots=True)
class _Wanted:
    """``every``: bits that must all be there; ``some``: of each of these one bit at least."""

    every: int
    some: tuple[int, ...]

    def met(self, mask: int) -> bool:
        return mask & self.every == self.every and all(mask & one for one in self.some)
