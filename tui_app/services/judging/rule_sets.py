"""The rule sets this laptop judges with: those it came with and those that were installed here."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from contextlib import suppress
from datetime import date
from functools import cache, lru_cache
from threading import Lock
from typing import Any

from tui_app import i18n
from tui_app.clock import show_date
from tui_app.errors import NotFound
from tui_app.i18n import catalogue
from tui_app.rules.findings import Finding
from tui_app.rules.rule_set import RuleSet, RuleSets, load, load_words
from tui_app.rules.set_parts import Words
from tui_app.rules.set_text import BadRuleSet
from tui_app.settings import asset

_NOT_SETS = frozenset({"data_protection.toml", "vocabulary.toml"})
_reading = Lock()
"""The first screen asks in several threads at once: one reads the files (30 ms), the others wait for it."""

Installed = tuple[tuple[str, str], ...]
"""The id and text of each set installed here, oldest first."""


@cache
def shared_words() -> dict[str, Words]:
    """The words of codes that all sets share."""
    return load_words(asset("rule_sets", "vocabulary.toml").read_text(encoding="utf-8"))


@cache
def own_sets() -> tuple[RuleSet, ...]:
    """The sets the program came with."""
    files = sorted(asset("rule_sets", "vocabulary.toml").parent.glob("*.toml"))
    return tuple(
        load(file.read_text(encoding="utf-8"), file.name, shared_words())
        for file in files
        if file.name not in _NOT_SETS
    )


def installed(c: Any) -> Installed:
    """What is installed here and was not undone; a set installed again counts once, as it was last."""
    rows = c.execute("SELECT rule_set, text FROM installed_rule_set WHERE undone_at IS NULL ORDER BY id")
    return tuple({ident: (ident, text) for ident, text in rows}.values())


def rule_sets(c: Any = None) -> RuleSets:
    """All sets, for judging. Without a connection: those the program came with."""
    added = () if c is None else installed(c)
    with _reading:
        return together(fitting(added))


def text_of(c: Any, ident: str) -> str:
    """The TOML of a set as it was installed here, or came with the program. Raises NotFound."""
    own = dict(installed(c)) if c is not None else {}
    if ident in own:
        return own[ident]
    files = (file for file in asset("rule_sets", "vocabulary.toml").parent.glob("*.toml"))
    texts = (file.read_text(encoding="utf-8") for file in files if file.name not in _NOT_SETS)
    found = next((text for text in texts if tomllib.loads(text)["id"] == ident), None)
    if found is None:
        raise NotFound("rules.unknown_set", id=ident)
    return found


@lru_cache(8)
def fitting(added: Installed) -> Installed:
    """Those of the installed sets that can be used together: a newer program may bring sets that one no longer fits
    to, and the others must go on judging. What is left out is listed as unusable."""
    kept: Installed = ()
    for one in added:
        with suppress(BadRuleSet):
            together((*kept, one))
            kept = (*kept, one)
    return kept


@lru_cache(8)
def together(added: Installed) -> RuleSets:
    """The program's own sets and these; one with the id of an own set takes its place. Raises BadRuleSet."""
    sets = {one.id: one for one in own_sets()}
    for ident, text in added:
        sets[ident] = load(text, ident, shared_words())
    return RuleSets.of(sets.values(), shared_words())


def rule_words(sets: RuleSets, finding: Finding, language: str) -> str:
    """A finding for screens and papers: what was found and what that rests on."""
    return " · ".join(found_and_source(sets, finding, language))


def found_and_source(sets: RuleSets, finding: Finding, language: str) -> tuple[str, str]:
    """A finding with its sign, value and limit; and the document, that it was not checked where it was not, and where
    documents differ."""
    one = sets.sets.get(finding.rule_set)
    line = one and line_of(one, finding)
    words = catalogue(language, "rules")
    sign = str(getattr(line, language)) if line else words.get(finding.rule, finding.rule)
    document = (getattr(line, "document", "") or one.document) if one else finding.rule_set
    fields = ", ".join(input_word(name, language) for name in finding.field.split(", "))
    value = value_words(sets, finding.value, language, finding.field)
    found = words[_pattern(finding)].format(sign=sign, fields=fields, value=value, limit=finding.limit)
    source = [document] if finding.verified else [document, words["unverified"]]
    if one:
        source += [getattr(conflict, language) for conflict in one.conflict if finding.rule in conflict.lines]
    return found, " · ".join(source)


def _pattern(finding: Finding) -> str:
    if finding.outcome == "ask":
        return "finding_ask"
    if finding.rule == "all_criteria" or finding.outcome == "none_any_more":  # no input decides
        return "finding_sign"
    if isinstance(finding.value, dict):  # says each field by itself
        return "finding_values"
    return "finding_codes" if finding.limit in ("", "0", "≥ 1") else "finding"


def line_of(one: RuleSet, finding: Finding) -> Any:
    """The part of a set a finding came from, or None."""
    named = ((getattr(part, "id", None) or getattr(part, "code", None), part) for _, part in one.parts())
    return next((part for name, part in named if name == finding.rule), None)


def value_words(sets: RuleSets, value: Any, language: str, name: str = "") -> str:
    """An input for people: codes by their words, days and numbers as people write them, several with their fields.
    ``name``: of the field it is a value of."""
    if isinstance(value, dict):
        return ", ".join(
            f"{input_word(name, language)} {value_words(sets, one, language, name)}"
            for name, one in value.items()
        )
    if isinstance(value, list):
        return ", ".join(sets.word(code, language) for code in value) or "–"
    if isinstance(value, bool):
        return str(catalogue(language, "codes")["yes" if value else "no"])
    if isinstance(value, str):
        return _text_words(sets, value, language, name)
    return "?" if value is None else f"{value}".replace(".", "," if language == "vi" else ".")


def _text_words(sets: RuleSets, text: str, language: str, name: str) -> str:
    with suppress(ValueError):
        return show_date(date.fromisoformat(text))
    if name == "record_type":
        return str(catalogue(language, "types").get(text, text))
    return str(catalogue(language, "codes").get(f"{name}_{text}") or sets.word(text, language))


def code_words(one: RuleSet, code: str, language: str) -> str:
    """A code for people, as a set or all sets say it."""
    found = one.words.get(code) or shared_words().get(code)
    return code if found is None else str(getattr(found, language))


def input_word(name: str, language: str) -> str:
    """An input of a rule for people."""
    own = catalogue(language, "rules").get(f"input_{name}")
    return own or catalogue(language, "fields").get(name, name)


def outcome_word(kind: str, outcome: str) -> str:
    """A grade, a class or another outcome for people, in the language in use."""
    codes, own = catalogue(i18n.language(), "codes"), catalogue(i18n.language(), "rules")
    prefix = {"severity": "severity_grade", "risk_class": "risk_class"}.get(kind)
    return codes.get(f"{prefix}_{outcome}") or own.get(f"outcome_{outcome}", outcome)


def unsure_words(sets: RuleSets, unsure: Iterable[str], language: str, *, documents: bool = True) -> str:
    """The rules of `Judgement.unsure` for people: what each is about, and with ``documents`` whose it is."""
    said = []
    for name in unsure:
        ident, _, rule = name.partition("/")
        one = sets.sets.get(ident)
        part = one and next((part for _, part in one.parts() if getattr(part, "id", None) == rule), None)
        sign = str(getattr(part, language)) if one and part else name
        said.append(f"{sign} ({one.document})" if one and part and documents else sign)
    return ", ".join(dict.fromkeys(said))


def unsaid_words(
    sets: RuleSets, unsure: Iterable[str], not_judged: Iterable[str], *, documents: bool = True
) -> list[str]:
    """What of a `Judgement` could not be said and what it needs, in the language in use; empty when all was said."""
    rules = unsure_words(sets, unsure, i18n.language(), documents=documents)
    kinds = ", ".join(i18n.t(f"rules.kind_{kind}") for kind in not_judged)
    said = [i18n.t("rules.unsure", rules=rules)] if rules else []
    return [*said, i18n.t("rules.not_judged", kinds=kinds)] if kinds else said


def kind_words(finding: Finding) -> str:
    """What a finding is about and what follows from it, in the language in use: ``nguy cơ → rất cao``."""
    kind = i18n.t(f"rules.kind_{finding.kind}")
    return f"{kind} → {outcome_word(finding.kind, finding.outcome)}" if finding.outcome else kind


def mark_word(sets: RuleSets, finding: Finding) -> str:
    """How sure a finding is, as rules §0 marks it."""
    one = sets.sets.get(finding.rule_set)
    line = line_of(one, finding) if one else None
    return "" if one is None else one.mark_of(line) if line else one.mark
