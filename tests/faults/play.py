"""One run from one seed: a few people type into the same records over a link that fails."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from tests.faults.deeds import TYPED, Deeds
from tests.faults.wire import Fault, Trouble
from tests.faults.world import UNITS, Laptop, World

PATHS = ("/v1/push", "/v1/push", "/v1/push", "/v1/pull", "/v1/pull", "/v1/scope", "/v1/snapshot")
BY_HAND = 0.35  # of the runs
ERASING = 0.25  # likewise
TAKING_OUT = 0.3  # likewise
SHIFTS = (-3 * 86400, -7200, -240, 240, 7200, 3 * 86400)


@dataclass(frozen=True)
class Outcome:
    """What a run came to. ``wrong``: empty when everything is accounted for."""

    seed: int
    figures: Counter[str]
    wrong: list[str]


def play(world: World, seed: int) -> Outcome:
    """Put the world back to its beginning and play the run of ``seed`` in it."""
    world.begin()
    random, deeds, hand = Random(seed), Deeds(world), Random(f"by hand {seed}")
    chief, words = Random(f"erasing {seed}"), Random(f"taking out {seed}")
    figures: Counter[str] = Counter()
    try:
        by_hand = hand.random() < BY_HAND
        erasing, taking_out = chief.random() < ERASING, words.random() < TAKING_OUT
        streams = (hand if by_hand else None, chief if erasing else None, words if taking_out else None)
        _live(world, deeds, random, *streams)
        wrong = world.settle()
        if by_hand and not wrong:  # files that were forgotten in a pocket
            for _ in range(hand.randrange(4)):
                _by_hand(deeds, world.laptops, hand)
            wrong = world.settle()
    except Exception as error:  # noqa: BLE001 - whatever it is, the seed has to be told
        wrong = [f"{type(error).__name__}: {error}"]
    ledger = world.ledger
    figures.update(
        edits=deeds.edits,
        conflicts=ledger.open + ledger.settled + ledger.resolved,
        held=ledger.held,
        rejected=ledger.rejected,
        resolved=deeds.decided,
        cuts=deeds.cuts,
        restores=world.restores,
        rescoped=world.rescoped,
        repaired=world.repairs,
        files=world.sticks.carried,
        erased=ledger.erased,
        emptied=ledger.emptied,
        lost=ledger.lost,
    )
    return Outcome(seed, figures, wrong)


def _live(
    world: World,
    deeds: Deeds,
    random: Random,
    hand: Random | None,
    chief: Random | None,
    words: Random | None,
) -> None:
    laptops = world.laptops
    files = random.random() < 0.4
    if files:
        world.loads_by_file(True)
        laptops[-1].start_empty()
    deeds.person(laptops[0], random.choice(UNITS))
    if random.random() < 0.7:
        deeds.person(laptops[-1], "01")
    if random.random() < 0.7:
        for laptop in laptops:
            deeds.sync(laptop, _faults(random) if files else [])
    scoped = random.random() < 0.4
    copied = random.random() < 0.3
    for laptop in laptops if copied else ():
        deeds.copy(laptop)
    reborn = random.random() < 0.25
    if reborn:
        world.back_up()
    for _ in range(random.randrange(6, 16)):
        laptop = random.choice(laptops)
        laptop.tries = random.choice((1, 1, 3))
        if hand is not None and hand.random() < 0.7:
            _by_hand(deeds, laptops, hand)
        if chief is not None and chief.random() < 0.2:
            deeds.erase(laptops[0], chief.randrange(4))
        if words is not None and words.random() < 0.3:
            deeds.take_out(laptops[0], words.randrange(6), anew=words.random() < 0.5)
        deed = random.random()
        if deed < 0.32:
            deeds.sync(laptop, _faults(random))
        elif deed < 0.40:
            _meet(deeds, laptops, random)
        elif deed < 0.46:
            _decide(deeds, laptops, random)
        elif deed < 0.50:
            deeds.again(laptop, random.randrange(8))
        elif deed < 0.52:
            deeds.answer_lost(*random.sample(laptops, 2), 0, random.sample(TYPED, 1))
        elif deed < 0.54:
            laptop.clock.off = timedelta(seconds=random.choice(SHIFTS))
        elif deed < 0.56 and scoped:
            deeds.too_late(laptop, 0, random.sample(TYPED, 1))
        elif deed < 0.60 and copied:
            if laptop.copies and random.random() < 0.6:
                deeds.restore_laptop(laptop, random.randrange(4))
            else:
                deeds.copy(laptop)
            _type(deeds, laptop, random)
        elif deed < 0.64 and reborn:
            chance = random.random()
            if chance < 0.5:
                world.back_up()
            elif chance < 0.6 and world.backups:
                deeds.sync(laptop, [], lambda: deeds.restore_server(random.randrange(4)))
            else:
                deeds.restore_server(random.randrange(4))
            _type(deeds, laptop, random)
        elif deed < 0.68 and scoped:
            unit = random.choice(UNITS)
            (deeds.withdraw if random.random() < 0.6 else deeds.give)(laptop, unit)
        else:
            _type(deeds, laptop, random)


def _meet(deeds: Deeds, laptops: list[Laptop], random: Random) -> None:
    """Two laptops write into the same field without knowing of each other."""
    names = random.sample(TYPED, random.choice((1, 2)))
    pair = random.sample(laptops, 2)
    for laptop in pair:
        deeds.edit(laptop, 0, names)
    for laptop in pair:
        if random.random() < 0.6:
            deeds.sync(laptop, _faults(random))


def _by_hand(deeds: Deeds, laptops: list[Laptop], hand: Random) -> None:
    """Some steps of files on their way, mostly the last one's; in between their laptop types, or finds a link."""
    laptop = laptops[0] if hand.random() < 0.7 else hand.choice(laptops)
    for _ in range(hand.choice((1, 2, 3))):
        which = -1 if hand.random() < 0.7 else hand.randrange(100)
        step = hand.random()
        if step < 0.25:
            deeds.write_file(laptop)
        elif step < 0.5:
            deeds.carry_file(which)
        elif step < 0.75:
            deeds.bring_answer(which)
        elif step < 0.88:
            deeds.edit(laptop, 0, hand.sample(TYPED, 1))
        elif step < 0.92:
            deeds.restore_server(hand.randrange(4))  # does nothing where there is no backup
        else:
            deeds.sync(laptop, [])


def _decide(deeds: Deeds, laptops: list[Laptop], random: Random) -> None:
    """One or two people decide the same conflict, perhaps differently."""
    pair = random.sample(laptops, random.choice((1, 2)))
    for laptop in pair:
        deeds.sync(laptop, [])
    which = random.randrange(8)
    for laptop in pair:
        deeds.resolve(laptop, which, random.randrange(4))


def _type(deeds: Deeds, laptop: Laptop, random: Random) -> None:
    deed, who = random.random(), random.choice((0, 0, 1, 2, 3))
    if deed < 0.12:
        deeds.person(laptop, random.choice(UNITS))
    elif deed < 0.22:
        deeds.visit(laptop, random.choice(UNITS))
    elif deed < 0.30:
        deeds.delete(laptop, who)
    elif deed < 0.36:
        deeds.revive(laptop, who)
    elif deed < 0.42:
        deeds.move(laptop, who, random.choice(UNITS))
    else:
        deeds.edit(laptop, who, random.sample(TYPED, random.choice((1, 1, 2, 3))))


def _faults(random: Random) -> list[Fault]:
    if random.random() < 0.45:
        return []
    return [
        Fault(random.choice(list(Trouble)), random.choice(PATHS), random.randrange(4000))
        for _ in range(random.choice((1, 1, 2)))
    ]
