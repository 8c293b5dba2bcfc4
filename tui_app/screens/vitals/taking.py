"""Taking a reading, wherever it is typed: the second SpO2 is asked for, the row saved, the alert answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, TypeVar

from tui_app.clock import VIETNAM, from_wire
from tui_app.errors import GonhaError
from tui_app.i18n import language, t
from tui_app.screens.frame.base import WorkScreen
from tui_app.screens.frame.draft_keeper import DraftKeeper
from tui_app.screens.vitals.alert import AlertScreen
from tui_app.screens.vitals.saved_readings import Saved, SavedReading, forget_saved, last_saved, note_saved
from tui_app.screens.vitals.spo2_again import Again, Spo2AgainScreen
from tui_app.services.care.refusals import CannotUndo
from tui_app.services.cases import observing
from tui_app.services.cases.observing import Recorded, Vitals
from tui_app.services.judging.rule_sets import rule_sets, rule_words, unsaid_words
from tui_app.services.people.cards import live_row
from tui_app.services.station import drafts
from tui_app.store.engine import Store

T = TypeVar("T")
U = TypeVar("U")
DANGER = "danger_sign"
CORRECTED = "reading"  # why an observation is amended when somebody types over it


Taken = Callable[[Recorded, Vitals], None]  # what was saved, with the second SpO2


@dataclass(frozen=True, slots=True)
class Reading:
    """What is to be saved. ``slot``: the half-day it answers, else the present one; ``amends``: the observation it
    corrects, which held ``before``; ``draft``: key of the draft that ends with the save, written by ``keeper``."""

    case: str
    name: str
    vitals: Vitals
    slot: tuple[date, str] | None = None
    amends: str = ""
    before: Vitals | None = None
    draft: str = ""
    keeper: DraftKeeper[dict[str, str]] | None = None


@dataclass(frozen=True, slots=True)
class _Kept:
    """``at``: wire moment it counts as measured at; ``unsaid``: what the rules could not say of it."""

    recorded: Recorded
    at: str
    unsaid: str


@dataclass(frozen=True, slots=True)
class _AskAgain:
    why: str
    window: tuple[int, int]


class TakingScreen(WorkScreen[T]):
    """A screen that saves readings. Of the last one ``taken_at``: the wire moment it counts as measured at; ``unsaid``:
    what could not be judged, with whose it is, to be shown until the next one is saved; empty when all was."""

    taken_at = ""
    unsaid = ""

    def open_held(self, job: Callable[[Any], U], show: Callable[[U], None]) -> None:
        """Read what is to be typed into; keys typed meanwhile wait for it."""
        hold, store = self.app.hold_keys(), self.workspace.store
        hold.__enter__()

        def read() -> U:
            with store.read() as c:
                return job(c)

        # not exclusive: a worker cancelled before it begins would never let the keys go
        self._run(read, show, "open", exclusive=False, finally_=lambda: hold.__exit__(None, None, None))

    def take(self, reading: Reading, then: Taken, refused: Callable[[], None] = lambda: None) -> None:
        """Save a reading; typed keys wait. ``then`` comes once the alert it opened, or that still waits, is answered.

        A SpO2 that the rules call a danger sign is measured again first. ``refused``: it was not saved; why is shown.
        """
        store, who = self.workspace.store, self.workspace.user

        def done(answer: _Kept | _AskAgain | GonhaError) -> None:
            if isinstance(answer, _AskAgain):
                self._ask_again(reading, answer, then, refused)
            else:
                self._took(reading, answer, then, refused)

        self.save(_tried(lambda: _asks_again(store, reading) or _record(store, who, reading)), done)

    def _ask_again(
        self, reading: Reading, asked: _AskAgain, then: Taken, refused: Callable[[], None]
    ) -> None:
        store, who = self.workspace.store, self.workspace.user

        def answered(again: Again | None) -> None:
            both = reading
            if again is not None:
                vitals = replace(reading.vitals, spo2_repeat=again.spo2, spo2_repeat_after=again.after)
                both = replace(reading, vitals=vitals)
            job = _tried(lambda: _record(store, who, both))
            self.save(job, lambda answer: self._took(both, answer, then, refused))

        first = reading.vitals.spo2 or 0
        self.app.push_screen(Spo2AgainScreen(reading.name, first, asked.why, asked.window), answered)

    def _took(
        self, reading: Reading, kept: _Kept | GonhaError, then: Taken, refused: Callable[[], None]
    ) -> None:
        if isinstance(kept, GonhaError):
            self.app.show_error(kept)
            refused()
            return
        self.unsaid = t("f0.unsaid", name=reading.name, what=kept.unsaid) if kept.unsaid else ""
        answer, self.taken_at = kept.recorded, kept.at
        who = self.workspace.user
        saved = SavedReading(answer.observation, reading.case, reading.name, who, reading.before)
        note_saved(self.app, saved)
        alert = answer.alert or answer.waits  # a correction that leaves the danger asks again for the answer
        if alert is None:
            then(answer, reading.vitals)
        else:
            self.app.push_screen(AlertScreen(alert), lambda _: then(answer, reading.vitals))

    def say_saved(self, recorded: Recorded, name: str, found: str) -> None:
        """Confirm a save, unless how its alert was answered is being confirmed."""
        if recorded.alert is None and recorded.waits is None:
            self.app.say(t("f0.saved", name=name, found=found))

    def take_back(self, then: Callable[[Saved], None]) -> None:
        """Take what was saved last in this session back, a reading or a call nobody answered."""
        saved = last_saved(self.app)
        if saved is None:
            self.app.say(t("f0.nothing_to_undo"))
            return
        store = self.workspace.store

        def job() -> None:
            try:
                saved.take_back(store)
            except CannotUndo:  # undone elsewhere: the next Ctrl+Z is for the save before it
                forget_saved(self.app, saved)
                raise

        def done(_: None) -> None:
            forget_saved(self.app, saved)
            self.app.say(saved.words())
            then(saved)

        self.save(job, done)


def _tried(job: Callable[[], U]) -> Callable[[], U | GonhaError]:
    """The job with its refusal as an answer, so that who asked hears of it."""

    def tried() -> U | GonhaError:
        try:
            return job()
        except GonhaError as error:
            return error

    return tried


def _record(store: Store, who: str, reading: Reading) -> _Kept:
    """Save and end the draft; for a thread."""
    if reading.keeper is not None:
        reading.keeper.close()
    try:
        if reading.amends:
            recorded = observing.amend_vitals(store, who, reading.amends, reading.vitals, CORRECTED)
        else:
            recorded = observing.record_vitals(store, who, reading.case, reading.vitals, slot=reading.slot)
    except BaseException:
        if reading.keeper is not None:
            reading.keeper.reopen()
        raise
    if reading.draft:
        drafts.discard(store, reading.draft)
    with store.read() as c:
        sets, at = rule_sets(c), str(live_row(c, "observation", recorded.observation).body["at"])
    said = recorded.judgement
    return _Kept(recorded, at, "; ".join(unsaid_words(sets, said.unsure, said.not_judged, documents=False)))


def _asks_again(store: Store, reading: Reading) -> _AskAgain | None:
    """What to ask when SpO2 is a danger sign that was measured once; None else."""
    if reading.vitals.spo2 is None or reading.vitals.spo2_repeat is not None:
        return None
    with store.read() as c:
        moment = _moment_of(c, reading, store.clock())
        judged = observing.preview(c, reading.case, reading.vitals, moment)
        found = next((one for one in judged.findings if one.kind == DANGER and one.field == "spo2"), None)
        if found is None:
            return None
        sets = rule_sets(c)
    judging = sets.part("repeated_spo2", moment.astimezone(VIETNAM).date())
    if judging is None or judging.repeated_spo2 is None:
        return None
    repeated = judging.repeated_spo2
    window = (repeated.from_seconds, repeated.to_seconds)
    return _AskAgain(rule_words(sets, found, language()), window)


def _moment_of(c: Any, reading: Reading, now: datetime) -> datetime:
    """When it will be judged: a correction at the moment of what it corrects, a late sheet in its own half-day."""
    if reading.amends:
        return from_wire(str(live_row(c, "observation", reading.amends).body["at"]))
    return observing.moment_of(c, reading.slot, now)
