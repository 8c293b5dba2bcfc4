"""What a level rests on in words, and as values for programs: inputs, lines that decided, what is missing."""

from __future__ import annotations

from typing import Any

from tui_app.clock import show_date
from tui_app.i18n import language, t
from tui_app.records.levels import LevelScale
from tui_app.rules.findings import Finding
from tui_app.rules.levels import LIMITS
from tui_app.rules.rule_set import RuleSet
from tui_app.services.judging.rule_sets import line_of, rule_sets
from tui_app.services.levels.counting import COUNTING
from tui_app.services.levels.inputs import Input, Origin, plain_value
from tui_app.services.levels.judging import Judged
from tui_app.services.levels.kept_words import kept_json, kept_words
from tui_app.services.levels.level_words import level_words, scale_words, share_words, years_words
from tui_app.services.levels.typed import InputKind
from tui_app.services.station.station_values import StationValue


def input_words(name: str, rules: RuleSet | None = None) -> str:
    """What an input is called: fixed ones by the catalogue, needs by the set that asks for them (``rules``)."""
    if name.startswith(LIMITS):
        return t("levels.limits_of", name=input_words(name.removeprefix(LIMITS), rules))
    for one in [rules] if rules else rule_sets():
        for need in one.level_need:
            if need.id == name:
                return str(getattr(need, language()))
    return t(f"levels.input_{name}")


def value_words(one: Input) -> str:
    """An input's value: ``87,5 %``, ``31``, có, ``4 6 ? 90* 12`` of earlier years; a dash where it is missing."""
    if one.value is None:
        return "–"
    if one.kind is InputKind.SHARE:
        return share_words(*one.value, typed=one.origin is Origin.TYPED)
    if one.kind is InputKind.YEARS:
        return years_words(str(plain_value(one)))
    if one.kind is InputKind.LEVEL:
        return level_words(LevelScale.COMMUNE_RISK_COLOUR, one.value)
    return yes_or_number(one.value)


def yes_or_number(value: Any) -> str:
    """Yes and no by their words; of a number thousands apart, of one that is not whole two decimals."""
    if isinstance(value, bool):
        return t("codes.yes" if value else "codes.no")
    if isinstance(value, int):
        return f"{value:,}".replace(",", "." if language() == "vi" else " ")
    return _number_words(f"{value:.2f}" if isinstance(value, float) else str(value))


def source_words(one: Input) -> str:
    """Where an input comes from, and as of when."""
    if one.kind is InputKind.YEARS:
        source = one.source or t("levels.from_nobody")
        return f"{one.value[0].year}–{one.value[-1].year}: {source}"
    if one.origin is Origin.MISSING:
        return t("levels.from_nobody")
    if one.origin is Origin.COUNTED and one.counted is not None and one.counted.first is not None:
        return t("levels.from_list_since", first=f"{one.counted.first:%d/%m}", date=show_date(one.as_of))
    if one.origin is Origin.COUNTED:
        said = t("levels.from_list", date=show_date(one.as_of))
        unsure = len(one.counted.share.ids["unsure"]) if one.counted and one.counted.share else 0
        return f"{said} · {t('coverage.count_unsure', count=unsure)}" if unsure else said
    said = t(f"levels.from_{one.origin}", source=one.source, date=show_date(one.as_of))
    return said if one.counted is None else f"{said} · {t('levels.list_says', value=counted_words(one))}"


def counted_words(one: Input) -> str:
    """What the lists say of an input that was typed in."""
    value = one.counted.value if one.counted else None
    return f"{value[0]}/{value[1]}" if isinstance(value, tuple) else str(value)


def missing_words(found: Judged) -> str:
    """What keeps a level from being told; empty when nothing does."""
    if not found.missing:
        return ""
    if found.rules is None:
        return t("levels.no_rules", date=show_date(found.day))
    return t("levels.lacks", names="; ".join(input_words(name, found.rules) for name in found.missing))


def finding_words(finding: Finding, rules: RuleSet | None) -> str:
    """A line of a rule set that decided: what it says, the value, the limit, what follows, and that nobody checked it
    where nobody did."""
    line = line_of(rules, finding) if rules else None
    said = [str(getattr(line, language())) if line else finding.rule]
    if value := _found_words(finding):
        said.append(value)
    if finding.limit:
        said.append(t("levels.limit", limit=_number_words(finding.limit)))
    if outcome := _outcome_words(finding):
        said.append("→ " + outcome)
    if not finding.verified:
        said.append(t("rules.unverified"))
    return " · ".join(said)


def _found_words(finding: Finding) -> str:
    if isinstance(finding.value, dict):
        return ", ".join(
            f"{t(f'levels.input_{name}')} {yes_or_number(value)}" for name, value in finding.value.items()
        )
    if finding.kind in ("level_need", "response_scenario") or finding.field.startswith("linked_"):
        return yes_or_number(finding.value)
    return ""


def _outcome_words(finding: Finding) -> str:
    if finding.kind == "level_need":
        return t(f"levels.target_{finding.outcome}")
    if finding.kind == "transmission":
        return t("levels.step", step=finding.outcome)
    if finding.outcome == "missing":
        return t("levels.not_computable")
    return level_words(finding.kind, finding.outcome)


def _number_words(text: str) -> str:
    return text.replace(".", ",") if language() == "vi" else text


def choice_words(one: StationValue) -> str:
    """A choice of the station that a level depends on, and since when and by whom."""
    said = f"{t(f'station.{one.name}')}: {t(f'station.{one.name}_{one.value}')}"
    if one.as_of is None:
        return f"{said} ({t('station.usual')})"
    return f"{said} ({', '.join(filter(None, (show_date(one.as_of), one.source)))})"


def document_words(found: Judged) -> str:
    """The document a level is judged by; empty where there is none."""
    if found.rules is None:
        return ""
    said = found.rules.document
    return said if found.rules.verified else f"{said} · {t('rules.unverified')}"


def figure_words(found: Judged) -> str:
    """The figures a level stands on, the count beside the rate; empty where there are none."""
    said = []
    for finding in found.findings:
        value = finding.value
        if finding.kind == "response_scenario":
            said.append(t("levels.figure_cases", count=value))
        elif finding.kind in ("transmission", "death_target"):
            rate = _number_words(f"{value['rate']:.2f}")
            said.append(t("levels.figure_rate", count=value[finding.field], rate=rate))
        elif finding.kind == "care_capacity":
            able, limit = value["care_capacity"], finding.limit.removeprefix("≥ ")
            said.append(t("levels.figure_households", able=able, required=limit))
        elif finding.kind == "epidemic_threshold":
            count = value[finding.field] if isinstance(value, dict) else value
            said.append(t("levels.figure_limit", count=count, limit=_number_words(finding.limit)))
    return "; ".join(said)


def how_words(found: Judged) -> list[str]:
    """How each input that comes from the lists was counted."""
    return [
        t(f"levels.how_{one.name}")
        for one in found.inputs
        if one.origin is Origin.COUNTED and one.name in COUNTING
    ]


def due_words(found: Judged) -> str:
    """By when the level is to be set again; empty where nothing asks for it."""
    if found.due_on is None:
        return ""
    return t("levels.overdue" if found.day > found.due_on else "levels.due", date=show_date(found.due_on))


def judged_json(found: Judged) -> dict[str, Any]:
    """A scale for programs; counts only, nobody's id."""
    return {
        "scale": found.scale,
        "subject": found.subject,
        "date": found.day.isoformat(),
        "level": found.level,
        "words": level_words(found.scale, found.level),
        "missing": list(found.missing),
        "rule_set": found.rules.id if found.rules else None,
        "document": found.rules.document if found.rules else None,
        "verified": None if found.rules is None else found.verified,
        "findings": [finding.kept() for finding in found.findings],
        "inputs": [input_json(one) for one in found.inputs],
        "choices": {one.name: one.value for one in found.choices},
        "before": found.before and kept_json(found.before),
        "set": found.now and kept_json(found.now),
        "due_on": found.due_on.isoformat() if found.due_on else None,
    }


def input_json(one: Input) -> dict[str, Any]:
    """An input for programs."""
    value = one.value
    share = one.kind is InputKind.SHARE and value is not None
    return {
        "name": one.name,
        "value": {"numerator": value[0], "denominator": value[1]} if share else plain_value(one),
        "origin": one.origin.value,
        "source": one.source or None,
        "as_of": one.as_of.isoformat() if one.as_of else None,
        "from": one.counted.first.isoformat() if one.counted and one.counted.first else None,
        "listed": one.counted.value if one.counted and one.record else None,
    }


def lines(found: Judged) -> list[str]:
    """A scale with everything it rests on, for a terminal."""
    level = f"{scale_words(found.scale)}: {level_words(found.scale, found.level)}"
    said = [" · ".join(filter(None, (level, figure_words(found))))]
    if missing := missing_words(found):
        said.append(f"  {missing}")
    said += [f"  {finding_words(finding, found.rules)}" for finding in found.findings]
    said += [
        f"  {input_words(one.name, found.rules)}: {value_words(one)} [{source_words(one)}]"
        for one in found.inputs
    ]
    said += [f"  {one}" for one in (*map(choice_words, found.choices), *how_words(found))]
    if found.before:
        level = kept_words(found.before)
        said.append(f"  {t('levels.before', date=show_date(found.before.day), level=level)}")
    if found.now:
        said.append(f"  {t('levels.set_today', level=kept_words(found.now))}")
    if due := due_words(found):
        said.append(f"  {due}")
    return [*said, f"  {document_words(found)}"] if found.rules else said
