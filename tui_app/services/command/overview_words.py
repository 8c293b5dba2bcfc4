"""The chief's numbers, teams, laptops and flaws in words."""

from __future__ import annotations

from tui_app.clock import show_moment
from tui_app.i18n import t
from tui_app.services.command.laptops import LaptopLine
from tui_app.services.command.numbers import Number
from tui_app.services.command.quality import Flaw
from tui_app.services.command.teams import NOBODY, TeamLine

_BARS = "▁▂▃▄▅▆▇█"
_PLAIN_BARS = "._-=+*#@"
UNKNOWN = "–"


def name(number: Number) -> str:
    """What is counted."""
    return t(f"command.number_{number.name}")


def value(number: Number) -> str:
    """The number, a part with its whole; a dash where it cannot be worked out."""
    return _of(number.value, number.of)


def yesterday(number: Number) -> str:
    """The number of the day before."""
    return t("command.yesterday", value=of_yesterday(number))


def of_yesterday(number: Number) -> str:
    """The same without words."""
    return _of(number.yesterday, number.of_yesterday)


def line(number: Number, *, plain: bool = False) -> str:
    """A bar a day, the oldest first, from nothing to the most there was; a dash where it is not known."""
    bars = _PLAIN_BARS if plain else _BARS
    most = max((count for count in number.line if count is not None), default=0)
    return "".join(UNKNOWN if count is None else _bar(count, most, bars) for count in number.line)


def team_name(who: str) -> str:
    """A team's name, or that nobody has it."""
    return t("command.nobody") if who == NOBODY else who


def doors(line: TeamLine) -> str:
    """How many doors of those it was given are done; a dash where it was given none."""
    return f"{len(line.done)}/{len(line.given)}" if line.given else UNKNOWN


def team(line: TeamLine) -> str:
    """A team on one line."""
    return t(
        "command.team_line",
        who=team_name(line.who),
        doors=doors(line),
        visits=len(line.visits),
        readings=len(line.readings),
        followed=len(line.followed),
        danger=len(line.danger),
        late=len(line.late),
        undecided=len(line.undecided),
    )


def laptop(line: LaptopLine) -> str:
    """A laptop on one line."""
    return t(
        "command.laptop_line",
        user=laptop_user(line),
        seen=laptop_seen(line),
        unsent=UNKNOWN if line.unsent is None else line.unsent,
        units=laptop_units(line),
    ).rstrip(" ·")


def laptop_user(line: LaptopLine) -> str:
    """Whose it is; which one is this."""
    return t("command.this_laptop", user=line.user).strip() if line.own else line.user


def laptop_units(line: LaptopLine) -> str:
    """The units it works in."""
    return t("command.everywhere") if line.everywhere else ", ".join(line.units)


def laptop_seen(line: LaptopLine) -> str:
    """When it last synced."""
    return show_moment(line.seen) if line.seen else t("command.never_synced")


def flaw(one: Flaw) -> str:
    """A flaw with how many records have it."""
    return f"{t(f'command.flaw_{one.name}')}: {len(one.ids)}"


def _of(count: int | None, of: int | None) -> str:
    if count is None:
        return UNKNOWN
    return str(count) if of is None else f"{count}/{of}"


def _bar(count: int, most: int, bars: str) -> str:
    return bars[0] if not most else bars[min(len(bars) - 1, -(-count * (len(bars) - 1) // most))]
