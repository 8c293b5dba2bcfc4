"""How somebody stands with vaccination on a day, by the rules in force on that day (domain/rules.md §1.2, §2.11)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from tui_app.rules.age import age_on
from tui_app.rules.doses import Given, given, last_day
from tui_app.rules.findings import Finding
from tui_app.rules.follow_up import months_later
from tui_app.rules.held import Held
from tui_app.rules.rule_set import RuleSet
from tui_app.rules.vaccine_day import DayRules
from tui_app.rules.vaccine_facts import DoseState, DoseStatus, Infection, VaccineFacts
from tui_app.rules.vaccine_parts import DoseRule, InfectionRule, Programme


def status(rules: DayRules, facts: VaccineFacts, *, explain: bool = True) -> DoseStatus:
    """How somebody stands on the day of the rules. Where the age may be on both sides of an edge and the two answers
    differ, there is none. Without ``explain`` it comes without findings, which takes half the time."""
    day = rules.day
    known = given(facts.doses, day, rules.vaccines, facts.reported)
    age = age_on(day, facts.birth_date, facts.birth_year)
    if age is None:
        return _held_back(_Judge(rules, facts, known, 0, explain).unknown("age"), facts, day)
    found = _Judge(rules, facts, known, age.low_months, explain).judged()
    if (
        age.high_months != age.low_months
        and found != _Judge(rules, facts, known, age.high_months, explain).judged()
    ):
        found = _Judge(rules, facts, known, age.low_months, explain).unknown("age")
    return _held_back(found, facts, day)


def _held_back(found: DoseStatus, facts: VaccineFacts, day: date) -> DoseStatus:
    """What keeps somebody from a dose goes before when it is due."""
    if found.state is DoseState.NOT_IN_PROGRAMME:
        return found
    if facts.contraindicated:
        return replace(found, state=DoseState.CONTRAINDICATED, next_due=None, overdue_since=None)
    until = facts.postponed_until
    if until is not None and until > day and found.state is not DoseState.COMPLETE:
        later = None if found.next_due is None else max(found.next_due, until)
        return replace(found, state=DoseState.POSTPONED, next_due=later, overdue_since=None)
    return found


@dataclass(frozen=True, slots=True)
class _Judge:
    """One person at one age. ``months``: completed."""

    rules: DayRules
    facts: VaccineFacts
    known: Given
    months: int
    explain: bool

    def judged(self) -> DoseStatus:
        """The state, with the rules that say so."""
        band = self._fitting(self.rules.programme)
        if band is None or band[1].when_guided:
            outside = self._band(*band) if band else ()
            return self._said(DoseState.NOT_IN_PROGRAMME, findings=outside)
        findings = (*self._band(*band), *self._basic())
        complete = self.known.basic_complete
        if self._recorded() == "none":
            return self.unknown("not_recorded", findings=findings[:1])
        if complete is None:
            return self.unknown(*self._why_unknown(), findings=findings)
        if not complete:
            due, why = self._basic_due()
            return self._next("basic", due, (*findings, *why))
        return self._after_basic(findings)

    def unknown(self, *why: str, findings: tuple[Finding, ...] = ()) -> DoseStatus:
        """Chưa rõ, and of what."""
        return self._said(DoseState.UNSURE, unsure=why, findings=findings)

    # ---- the basic doses

    def _why_unknown(self) -> tuple[str, ...]:
        found = []
        if self.known.said > len(self.known.doses):
            found.append("doses")
        if any(one.given_on is None for one in self.known.doses):
            found.append("given_on")
        if any(one.product not in self.rules.vaccines for one in self.known.basic):
            found.append("product")
        return tuple(found) or ("product",)

    def _basic(self) -> tuple[Finding, ...]:
        known, products = self.known, self.rules.products
        if products is None or known.needed is None or not self.explain:
            return ()
        named = [
            self.rules.vaccines[one.product] for one in known.basic if one.product in self.rules.vaccines
        ]
        deciding = max(named, key=lambda one: one.basic_doses, default=None)
        fewest, most = known.needed
        outcome = {True: "basic_complete", False: "basic_missing", None: "unsure"}[known.basic_complete]
        return (
            Finding(
                kind="vaccination",
                rule=deciding.id if deciding else products.vaccine[0].id if fewest == most else "any_product",
                rule_set=products.id,
                field="basic_given",
                value=len(known.basic),
                limit=f"≥ {fewest}" if fewest == most else f"≥ {fewest}–{most}",
                verified=products.sure(deciding) if deciding else products.verified,
                outcome=outcome,
            ),
        )

    def _basic_due(self) -> tuple[date | None, tuple[Finding, ...]]:
        """The first day of the next basic dose: after the last one, or since the person belongs to the programme."""
        if not self.known.basic:
            return min(self._belongs_since(), default=self.rules.day), ()
        last, products = last_day(self.known.basic), self.rules.products
        if last is None or products is None:
            return last, ()
        given_last = next(one for one in self.known.basic if one.given_on == last)
        product = self.rules.vaccines.get(given_last.product or "")
        if product is None or product.basic_days is None:  # it may be any of them: by then each would be due
            longest = [one.basic_days for one in self.rules.vaccines.values() if one.basic_days is not None]
            return last + timedelta(days=max(longest, default=0)), ()
        due = last + timedelta(days=product.basic_days)
        if not self.explain:
            return due, ()
        found = _found(
            products, product, "days_since_dose", last.isoformat(), f"≥ {product.basic_days}", "basic"
        )
        return due, (found,)

    def _belongs_since(self) -> Iterator[date]:
        """The first day in each age band of the programme that the person has been in."""
        born = self.facts.birth_date or date(self.facts.birth_year or self.rules.day.year, 12, 31)
        for _, band in self.rules.programme:
            first = max(band.since, months_later(born, band.from_months))
            grown = None if band.below_months is None else months_later(born, band.below_months)
            if not band.when_guided and first <= self.rules.day and (grown is None or first < grown):
                yield first

    # ---- after them

    def _after_basic(self, findings: tuple[Finding, ...]) -> DoseStatus:
        known = self.known
        boosters = len(known.booster)
        primary = (*known.basic, *known.additional)
        if not boosters and not known.additional and not known.others:
            line = self._fitting(
                self.rules.additional, lambda one: bool(set(one.conditions) & self.facts.conditions)
            )
            if line:
                return self._by_rule(line, last_day(known.basic), findings)
        wanted = "booster_1" if boosters == 0 else "booster_2"
        line = self._fitting(self.rules.booster, lambda one: one.dose == wanted) if boosters < 2 else None
        if known.others and line:
            return self.unknown("dose_type", findings=findings)
        if line is None:
            if known.partly:
                return self.unknown(*self._why_unknown(), findings=findings)
            return self._said(DoseState.COMPLETE, complete=True, findings=findings)
        return self._by_rule(line, last_day(known.booster or primary), findings)

    def _by_rule(
        self, line: tuple[Held, DoseRule], since: date | None, findings: tuple[Finding, ...]
    ) -> DoseStatus:
        held, rule = line
        if since is None or self.known.said > len(self.known.doses):
            return self.unknown(*self._why_unknown(), findings=findings)
        due = (
            months_later(since, rule.months)
            if rule.months is not None
            else since + timedelta(days=rule.days or 0)
        )
        if not self.explain:
            return self._next(rule.dose, due, ())
        unit, count = ("months", rule.months) if rule.months is not None else ("days", rule.days)
        found = _found(held.rule_set, rule, f"{unit}_since_dose", since.isoformat(), f"≥ {count}", rule.dose)
        return self._next(rule.dose, due, (*findings, found))

    def _next(self, dose: str, due: date | None, findings: tuple[Finding, ...]) -> DoseStatus:
        """The state by the day the next dose is due, moved by an infection after the last dose."""
        basic = dose == "basic"
        if due is None:
            return self.unknown("given_on", findings=findings)
        infection = self._last_infection()
        if infection is not None:
            if infection.ended_on is None:
                return self._said(
                    DoseState.INFECTED, next_dose=dose, complete=False if basic else None, findings=findings
                )
            line = self._fitting(self.rules.infection, lambda one: not one.doses or dose in one.doses)
            if line is not None:
                moved, found = self._after(infection, *line)
                due, findings = max(due, moved), (*findings, found)
        day = self.rules.day
        late = None
        if self.rules.watch and due <= day:
            late = due + timedelta(days=self.rules.watch[1].overdue_after_days + 1)
        state = (
            DoseState.WAITING if due > day else DoseState.OVERDUE if late and late <= day else DoseState.DUE
        )
        return self._said(
            state,
            complete=state is DoseState.WAITING and not basic,
            next_dose=dose,
            next_due=due,
            overdue_since=late if state is DoseState.OVERDUE else None,
            findings=(*findings, *self._late(due)) if state is DoseState.OVERDUE else findings,
        )

    def _late(self, due: date) -> tuple[Finding, ...]:
        if self.rules.watch is None or not self.explain:
            return ()
        one, line = self.rules.watch
        found = _found(
            one, line, "days_since_due", due.isoformat(), f"> {line.overdue_after_days}", "overdue"
        )
        return (found,)

    def _last_infection(self) -> Infection | None:
        """The last infection after the last dose; one before it kept nobody from that dose."""
        if not self.facts.infections:
            return None
        last = max((one.given_on for one in self.known.doses if one.given_on), default=date.min)
        after = [one for one in self.facts.infections if last < one.first_positive_on <= self.rules.day]
        found = max(after, key=lambda one: one.first_positive_on, default=None)
        if found is not None and found.ended_on is not None and found.ended_on > self.rules.day:
            return Infection(found.first_positive_on)
        return found

    def _after(self, infection: Infection, held: Held, rule: InfectionRule) -> tuple[date, Finding]:
        recovered = rule.counted_from == "recovery"
        since = infection.ended_on if recovered and infection.ended_on else infection.first_positive_on
        limit = f"≥ {rule.months}" if rule.up_to_months is None else f"{rule.months}–{rule.up_to_months}"
        return months_later(since, rule.months), _found(
            held.rule_set,
            rule,
            f"months_since_{rule.counted_from}",
            since.isoformat(),
            limit,
            "after_infection",
        )

    # ---- what is shared

    def _fitting(self, lines: Any, fits: Callable[[Any], bool] = lambda one: True) -> Any:
        """The first line for this age that fits."""
        return next(
            (
                (held, line)
                for held, line in lines
                if _in(held, self.months) and _in(line, self.months) and fits(line)
            ),
            None,
        )

    def _band(self, held: Held, band: Programme) -> tuple[Finding, ...]:
        if not self.explain:
            return ()
        above = f"≥ {band.from_months // 12}"
        found = _found(
            held.rule_set,
            band,
            "age_years",
            self.months // 12,
            above if band.below_months is None else f"{above}, < {band.below_months // 12}",
            "when_guided" if band.when_guided else "in_programme",
        )
        return (found,)

    def _recorded(self) -> str:
        known = self.known
        if known.doses or known.said:
            return "partly" if known.partly else "whole"
        return "whole" if self.facts.known_none or self.facts.reported == 0 else "none"

    def _said(self, state: DoseState, **more: Any) -> DoseStatus:
        known, recorded = self.known, self._recorded()
        return DoseStatus(
            state=state,
            basic_given=len(known.basic),
            basic_needed=known.needed[1] if known.needed and known.needed[0] == known.needed[1] else None,
            additional=len(known.additional),
            booster=len(known.booster),
            basic_complete=None if recorded == "none" else known.basic_complete,
            recorded=recorded,
            last_dose_on=max((one.given_on for one in known.doses if one.given_on), default=None),
            **more,
        )


def _in(banded: Any, months: int) -> bool:
    return bool(
        banded.from_months <= months and (banded.below_months is None or months < banded.below_months)
    )


def _found(one: RuleSet, part: Any, field: str, value: Any, limit: str, outcome: str) -> Finding:
    return Finding(
        kind="vaccination",
        rule=part.id,
        rule_set=one.id,
        field=field,
        value=value,
        limit=limit,
        verified=one.sure(part),
        outcome=outcome,
    )
