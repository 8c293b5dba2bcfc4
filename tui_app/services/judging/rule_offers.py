"""Rule sets from a file or from the server: what is offered, who would be judged otherwise, installing and undoing."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import date
from typing import Any

from tui_app.clock import to_wire
from tui_app.errors import NotFound, NotOpened
from tui_app.rules.rule_set import RuleSet, load
from tui_app.rules.set_text import BadRuleSet
from tui_app.services.exchange import bundle_keys
from tui_app.services.judging.rule_sets import fitting, installed, own_sets, shared_words, together
from tui_app.store.engine import CHIEF, Store

SERVER = "server"
"""The ``source`` of a set that came from the server; other sources are file names."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A set the server sent that is not what is used here. ``usable``: its signature and its text were right."""

    rule_set: str
    text: str
    published_on: str
    usable: bool
    problem: str = ""


def offers(c: Any) -> list[Offer]:
    """The sets the server offers, newest first; one with a wrong signature is listed, never used."""
    used = {**{one.id: None for one in own_sets()}, **dict(installed(c))}
    keys = bundle_keys.server(c)
    rows = c.execute(
        "SELECT rule_set, text, signature, max(published_on) FROM rule_set"
        " WHERE NOT deleted AND withdrawn IS NOT 1 GROUP BY rule_set, text ORDER BY 4 DESC, 1"
    )
    found = []
    for ident, text, signature, published_on in rows:
        if used.get(ident) == text:
            continue
        problem = "" if keys and _signed(keys.signing, str(text), str(signature)) else "rules.bad_signature"
        found.append(Offer(str(ident), str(text), str(published_on or ""), not problem, problem))
    return found


def offered(c: Any, ident: str) -> Offer:
    """The offer with this id. Raises NotFound, also when its signature is wrong."""
    found = next((offer for offer in offers(c) if offer.rule_set == ident), None)
    if found is None:
        raise NotFound("rules.no_offer", id=ident)
    if not found.usable:
        raise NotFound(found.problem, id=ident)
    return found


def _signed(key: str, text: str, signature: str) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(base64.b64decode(key)).verify(
            base64.b64decode(signature), text.encode()
        )
    except (InvalidSignature, ValueError):
        return False
    return True


def check_chief(c: Any) -> None:
    """Let through the station chief, who decides by which rules the station judges. Raises NotOpened."""
    if c.execute("SELECT gonha_role()").fetchone()[0] != CHIEF:
        raise NotOpened("rules.chief_only", "role", "rule_set")


def check_text(c: Any, text: str, name: str) -> RuleSet:
    """The set of a text, fitting to all that is used here. Raises BadRuleSet."""
    found = load(text, name, shared_words())
    together((*fitting(installed(c)), (found.id, text)))
    return found


def install(store: Store, who: str, text: str, source: str) -> RuleSet:
    """Judge by this set from now on. What was judged before stays as it was. Raises BadRuleSet, NotOpened."""
    with store.write() as c:
        check_chief(c)
        found = check_text(c, text, source)
        c.execute(
            "INSERT INTO installed_rule_set (rule_set, text, source, at, who) VALUES (?, ?, ?, ?, ?)",
            (found.id, text, source, to_wire(store.clock()), who),
        )
    return found


def undo(store: Store, who: str, ident: str) -> None:
    """Judge without the set last installed under this id, as before it. A set that only fitted with it is listed as
    unusable from then on. Raises NotFound, NotOpened."""
    with store.write() as c:
        check_chief(c)
        row = c.execute(
            "SELECT id FROM installed_rule_set WHERE rule_set = ? AND undone_at IS NULL ORDER BY id DESC",
            (ident,),
        ).fetchone()
        if row is None:
            raise NotFound("rules.not_installed", id=ident)
        c.execute(
            "UPDATE installed_rule_set SET undone_at = ?, undone_by = ? WHERE id = ?",
            (to_wire(store.clock()), who, row[0]),
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the list of sets. ``state``: own, installed, replaced_own (an own set under another text), available,
    bad_signature; ``subjects``: what it judges; ``lines``, ``unverified``: how many there are, and how many of them
    nobody read in the document; ``judges_today``: whether it is in force without being asked for."""

    id: str
    document: str
    vi: str
    en: str
    effective_from: date
    effective_to: date | None
    profile: tuple[str, ...]
    state: str
    verified: bool
    mark: str
    local: bool
    subjects: tuple[str, ...]
    lines: int
    unverified: int
    judges_today: bool


def entries(c: Any, day: date) -> list[Entry]:
    """All sets, those that judge and those that are offered. Without a connection: those the program came with."""
    added = () if c is None else installed(c)
    used = fitting(added)
    sets = together(used)
    own = {one.id for one in own_sets()}
    states = {ident: "replaced_own" if ident in own else "installed" for ident, _ in used}
    judging = {one.id for held in sets.held if held.on(day) for one in (held.rule_set,) if one.default}
    found = [_entry(one, states.get(one.id, "own"), one.id in judging) for one in sets]
    for offer in [] if c is None else offers(c):
        try:
            one = load(offer.text, offer.rule_set, shared_words())
        except BadRuleSet:
            continue
        found.append(_entry(one, "available" if offer.usable else "bad_signature", False))
    return found


def unusable(c: Any) -> list[str]:
    """The ids of installed sets that do not fit to this program any more and judge nothing."""
    added = installed(c)
    return [ident for ident, _ in added if ident not in dict(fitting(added))]


def _entry(one: RuleSet, state: str, judges: bool) -> Entry:
    lines = [part for _, part in one.parts()]
    return Entry(
        id=one.id,
        document=one.document,
        vi=one.vi,
        en=one.en,
        effective_from=one.effective_from,
        effective_to=one.effective_to,
        profile=one.profile,
        state=state,
        verified=one.verified,
        mark=one.mark,
        local=one.local is not None,
        subjects=tuple(dict.fromkeys(cover.subject for cover in one.covers)),
        lines=len(lines),
        unverified=sum(not one.sure(line) for line in lines),
        judges_today=judges,
    )
