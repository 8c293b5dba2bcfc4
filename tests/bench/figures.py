"""Which figures there are: each group measures in this run and says what its limit is (design/house.md §7)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench import care_ward, coverage_bench, report_bench, risk_ward, roster_ward, ward
from tests.bench.firstload_bench import measure_first_load
from tests.bench.processes import fresh
from tests.bench.sync_bench import Peer, find_peer, measure_sync
from tests.bench.table import Figure, Limit, at_most, many, times_at_least, times_at_most

WARD, LARGE_WARD, MEMORY_WARD, LIST = 15_000, 100_000, 40_000, 20_000


@dataclass
class Run:
    """One run of the bench. ``folder``: for everything made on the way; ``quick``: fewer rounds and the smaller sizes;
    ``peer``: the folder with the peer of the sync comparison; ``raw``: what was measured, for the file."""

    folder: Path
    quick: bool
    peer: Path
    raw: dict[str, Any]

    def keep(self, name: str, measured: Any) -> Any:
        """Note what was measured as it came."""
        self.raw[name] = measured
        return measured


def startup(run: Run) -> list[Figure]:
    """The login screen against a hello-world application."""
    from tests.bench.startup_bench import measure_startup

    found: Any = run.keep("startup", measure_startup(3 if run.quick else 9))
    heavy = found["heavy_before_paint"]
    return [
        Figure(
            "login screen painted",
            found["login_ms"] / 1000,
            "s",
            found["hello_ms"] / 1000,
            "hello world",
            times_at_most(found["limit"]),
            f"loaded too early: {', '.join(heavy)}" if heavy else "",
        )
    ]


def unlock(run: Run) -> list[Figure]:
    """Password checked to the day's doors painted."""
    found = run.keep("unlock", fresh("tests.bench.roster_bench", ward.home(run.folder, WARD)))
    return [
        Figure(
            f"unlock to roster, {many(WARD)} persons",
            found["unlock_s"],
            "s",
            found["plain_s"],
            "its statement, plain SQLite",
            at_most(1.0),
            "from the checked password to the painted list, in the application; what it loads while the password is"
            f" typed is loaded; the statement alone takes {found['doors_s']:.2f} s in the encrypted file",
        )
    ]


def long_list(run: Run) -> list[Figure]:
    """First paint and paging of a list of 50 000 rows."""
    # in a process of its own, as in the application: the heap of the other measurements is not in its way
    found = run.keep("list", fresh("tests.bench.list_bench"))
    beside = f"DataTable, {many(found['table_rows'])} rows"
    rows = many(found["rows"])
    return [
        Figure(
            f"list of {rows} rows, first paint",
            found["first_paint_s"],
            "s",
            found["table_first_paint_s"],
            beside,
            at_most(0.4),
        ),
        Figure(
            f"list of {rows} rows, PgDn p95",
            found["pgdn_p95_ms"],
            "ms",
            found["table_pgdn_p95_ms"],
            beside,
            at_most(20),
        ),
    ]


def search(run: Run) -> list[Figure]:
    """Index search, and from the key to the painted hits."""
    from tests.bench.search_bench import measure_search

    figures = []
    for persons, limit in ((WARD, 50), (LARGE_WARD, 90)):
        if run.quick and persons > WARD:
            continue
        size = f"{many(persons)} persons"
        index = run.keep(f"search {persons}", measure_search(persons, 60 if run.quick else 200))
        keys = fresh("tests.bench.find_bench", ward.home(run.folder, persons), 12 if run.quick else 36)
        run.keep(f"find {persons}", keys)
        figures += [
            Figure(
                f"search key to repaint p95, {size}",
                keys["p95_ms"],
                "ms",
                index["like_p95_ms"],
                "LIKE scan, without paint",
                at_most(limit),
                f"{keys['keys']} keys in the Find screen, one after the other; median {keys['p50_ms']:.0f} ms",
            ),
            Figure(f"index search p95, {size}", index["p95_ms"], "ms", index["like_p95_ms"], "LIKE scan"),
        ]
    return figures


def save(run: Run) -> list[Figure]:
    """A household of five with screenings."""
    place = ward.copy_of(ward.home(run.folder, WARD))
    found = run.keep("save", fresh("tests.bench.save_bench", place, 50 if run.quick else 200))
    note = f"{found['saves']} saves; median {found['p50_ms']:.1f} ms, plain {found['plain_p50_ms']:.1f} ms"
    return [
        Figure(
            "save a household of five p95",
            found["p95_ms"],
            "ms",
            found["plain_p95_ms"],
            "plain SQLite, same rows and fsync",
            at_most(50),
            note,
        )
    ]


def memory(run: Run) -> list[Figure]:
    """The application after opening the roster of a large ward."""
    found = run.keep("memory", fresh("tests.bench.roster_bench", care_ward.home(run.folder, MEMORY_WARD)))
    size = f"{many(MEMORY_WARD)} persons, {many(care_ward.OBSERVATIONS)} observations"
    return [Figure(f"memory, {size}, roster open", found["rss_mib"], "MiB", limit=at_most(180))]


def care(run: Run) -> list[Figure]:
    """The F0 board of a ward in an epidemic, and a row of vital signs saved."""
    place = ward.copy_of(care_ward.home(run.folder, MEMORY_WARD))
    rounds, saves = (20, 40) if run.quick else (60, 200)
    found = run.keep("care", fresh("tests.bench.board_bench", place, rounds, saves))
    size = f"{found['lines']} on it, {many(MEMORY_WARD)} persons, {many(care_ward.OBSERVATIONS)} observations"
    board_note = (
        f"{size}; median {found['board_p50_ms']:.0f} ms; yesterday's as known then p95"
        f" {found['yesterday_p95_ms']:.0f} ms; {found['rss_mib']:.0f} MiB in RAM after reading it once"
    )
    save_note = (
        f"{found['saves']} rows, judged, one in ten with an alert; median {found['save_p50_ms']:.1f} ms,"
        f" plain {found['plain_save_p50_ms']:.1f} ms"
    )
    beside = "the same function, plain SQLite"
    return [
        Figure(
            "F0 board p95",
            found["board_p95_ms"],
            "ms",
            found["plain_p95_ms"],
            beside,
            at_most(150),
            board_note,
        ),
        Figure("vitals grid p95", found["grid_p95_ms"], "ms", limit=at_most(150)),
        Figure(
            "save one vitals row p95",
            found["save_p95_ms"],
            "ms",
            found["plain_save_p95_ms"],
            "plain SQLite, same rows and fsync",
            at_most(50),
            save_note,
        ),
    ]


def command(run: Run) -> list[Figure]:
    """F8 and the review of a day with 500 open cases."""
    place = ward.copy_of(care_ward.home(run.folder, MEMORY_WARD), "command")
    found = run.keep("command", fresh("tests.bench.command_bench", place, 20 if run.quick else 60))
    size = f"{many(MEMORY_WARD)} persons, {many(care_ward.OBSERVATIONS)} observations, {care_ward.OPEN} open cases"
    beside = "the same functions, plain SQLite, median"
    approved = f"{found['review_lines']} records; all approved in {found['approve_s']:.2f} s"
    return [
        Figure("F8 p95", found["f8_p95_ms"], "ms", found["f8_plain_p50_ms"], beside, at_most(300), size),
        Figure(
            "review of a day p95",
            found["review_p95_ms"],
            "ms",
            found["review_plain_p50_ms"],
            beside,
            at_most(300),
            approved,
        ),
        Figure(
            "look for flaws p95", found["flaws_p95_ms"], "ms", found["flaws_plain_p50_ms"], beside, note=size
        ),
    ]


def day_roster(run: Run) -> list[Figure]:
    """The roster of the day with 500 open cases, and on the day of a sweep over the whole ward."""
    homes = (care_ward.home(run.folder, MEMORY_WARD), roster_ward.home(run.folder, MEMORY_WARD))
    found = run.keep("roster", fresh("tests.bench.day_roster_bench", *homes, 20 if run.quick else 60))
    size = f"{many(MEMORY_WARD)} persons, {many(care_ward.OBSERVATIONS)} observations"
    return [
        Figure(
            "roster of the day p95",
            found["roster_p95_ms"],
            "ms",
            found["plain_p95_ms"],
            "the same function, plain SQLite",
            at_most(150),
            f"{found['roster_lines']} lines, {size}; median {found['roster_p50_ms']:.0f} ms, of processor time"
            f" {found['roster_cpu_ms']:.0f} ms",
        ),
        Figure(
            "roster on the day of a sweep p95",
            found["sweep_p95_ms"],
            "ms",
            note=f"{found['sweep_lines']} lines, half of the doors knocked on; median"
            f" {found['sweep_p50_ms']:.0f} ms, of processor time {found['sweep_cpu_ms']:.0f} ms",
        ),
    ]


def f0(run: Run) -> list[Figure]:
    """The F0 board and the vitals grid with 500 open cases."""
    place = ward.copy_of(care_ward.home(run.folder, MEMORY_WARD), "f0")
    found = run.keep("f0", fresh("tests.bench.f0_bench", place))
    size = f"{care_ward.OPEN} cases"
    alone = "its query alone"
    return [
        Figure(
            f"F0 board, key to paint, {size}",
            found["board_s"],
            "s",
            found["board_query_s"],
            alone,
            at_most(0.4),
        ),
        Figure(
            f"vitals grid, key to paint, {size}",
            found["grid_s"],
            "s",
            found["grid_query_s"],
            alone,
            at_most(0.4),
        ),
        Figure(
            "vitals grid, key to repaint p95",
            found["key_p95_ms"],
            "ms",
            limit=at_most(20),
            note=f"median {found['key_p50_ms']:.1f} ms",
        ),
        Figure(
            "vitals grid, Enter to the saved row painted p95",
            found["row_p95_ms"],
            "ms",
            limit=at_most(50),
            note=f"with preview, judgement, alert, draft ended; median {found['row_p50_ms']:.1f} ms",
        ),
    ]


def scan(run: Run) -> list[Figure]:
    """From a scanner's line to the record it means."""
    found = run.keep("scan", fresh("tests.bench.scan_bench", ward.home(run.folder, MEMORY_WARD)))
    size = f"{many(MEMORY_WARD)} persons"
    return [
        Figure(f"label to its record, {size}", found["label_ms"], "ms", limit=at_most(150)),
        Figure(f"card to whom it means, {size}", found["card_ms"], "ms", limit=at_most(50)),
    ]


def duplicates(run: Run) -> list[Figure]:
    """The queue of double records, and merging two of them."""
    place = ward.copy_of(ward.home(run.folder, WARD), "duplicates")
    found = run.keep(
        "duplicates", fresh("tests.bench.duplicates_bench", place, 750, 20 if run.quick else 100)
    )
    note = (
        f"{found['found']} of {found['planted']} double records found, {found['others']} other pairs;"
        f" {found['queue_cpu_s']:.1f} s of processor time"
    )
    return [
        Figure(
            f"double records, {many(found['persons'])} persons",
            found["queue_s"],
            "s",
            limit=at_most(5.0),
            note=note,
        ),
        Figure("doubles of one person p95", found["card_p95_ms"], "ms"),
        Figure("merge two persons p95", found["merge_p95_ms"], "ms"),
    ]


def vaccination(run: Run) -> list[Figure]:
    """Coverage of a large ward, and the lists of who is to be vaccinated."""
    place = coverage_bench.home(run.folder, MEMORY_WARD)
    found = run.keep("coverage", fresh("tests.bench.coverage_bench", place, 8 if run.quick else 20))
    size = f"{many(found['persons'])} persons, {many(found['doses'])} doses"
    return [
        Figure(
            f"coverage by five plans p95, {size}",
            found["coverage_p95_ms"],
            "ms",
            found["read_p50_ms"],
            "only reading the rows",
            at_most(500),
            f"median {found['coverage_p50_ms']:.0f} ms, {found['coverage_cpu_ms']:.0f} ms of processor time",
        ),
        Figure(
            "vaccination lists, all four",
            found["lists_p50_ms"],
            "ms",
            found["read_p50_ms"],
            "only reading the rows",
        ),
    ]


def levels(run: Run) -> list[Figure]:
    """Every level of a large ward: today, with its cases; and on a day of QĐ 4800, with its doses."""
    rounds = 8 if run.quick else 20
    care = care_ward.home(run.folder, MEMORY_WARD)
    doses = coverage_bench.home(run.folder, MEMORY_WARD)
    today = run.keep("levels", fresh("tests.bench.levels_bench", care, rounds))
    past = run.keep("levels-4800", fresh("tests.bench.levels_bench", doses, rounds, "2022-01-20"))
    return [
        Figure(
            f"every level p95, {many(MEMORY_WARD)} persons, {what}",
            found["judged_p95_ms"],
            "ms",
            limit=at_most(1000),
            note=f"median {found['judged_p50_ms']:.0f} ms, {found['judged_cpu_ms']:.0f} ms of processor time",
        )
        for what, found in ((f"{care_ward.OPEN} open cases", today), ("vaccination counted", past))
    ]


def risk(run: Run) -> list[Figure]:
    """F5 with any chips, in a ward and in a large one."""
    figures = []
    for persons in (WARD, MEMORY_WARD):
        place = ward.copy_of(risk_ward.home(run.folder, persons), "f5")
        found = run.keep(f"risk-{persons}", fresh("tests.bench.risk_bench", place))
        size = f"{many(persons)} persons"
        figures += [
            Figure(
                f"F5, a chip to the list it leaves p95, {size}",
                found["chip_p95_ms"],
                "ms",
                limit=at_most(150),
                note=f"median {found['chip_p50_ms']:.0f} ms; {many(found['listed'])} on any list",
            ),
            Figure(
                f"F5, reading the lists, {size}",
                found["read_ms"],
                "ms",
                found["plain_read_ms"],
                "the same function, plain SQLite",
                at_most(150) if persons == WARD else None,
                f"{found['read_cpu_ms']:.0f} ms of processor time; key to paint {found['open_s']:.2f} s",
            ),
        ]
    return figures


def reports(run: Run) -> list[Figure]:
    """Reports of a large ward in an epidemic: counted now, as known a month ago, filed."""
    place = ward.copy_of(report_bench.home(run.folder, MEMORY_WARD), "filing")
    found = run.keep("reports", fresh("tests.bench.report_bench", place, 8 if run.quick else 20))
    size = f"{many(MEMORY_WARD)} persons, {many(care_ward.OBSERVATIONS)} observations"
    figures = [
        Figure(
            f"{name} report p95, {size}",
            found[f"{name}_p95_ms"],
            "ms",
            found[f"{name}_plain_p95_ms"],
            "the same function, plain SQLite",
            at_most(1000),
            f"median {found[f'{name}_p50_ms']:.0f} ms; as known a month ago p95"
            f" {found[f'{name}_past_p95_ms']:.0f} ms",
        )
        for name in ("daily", "weekly", "periodic")
    ]
    filing = f"{found['file_bytes'] / 1000:.0f} kB that travel"
    return [
        *figures,
        Figure("daily report filed", found["file_ms"], "ms", limit=at_most(1000), note=filing),
        Figure("deadlines of two weeks", found["due_ms"], "ms", limit=at_most(150)),
    ]


def forms(run: Run) -> list[Figure]:
    """The form of an outbreak, of a case, and the weekly vaccination report of a large ward."""
    care = ward.copy_of(report_bench.home(run.folder, MEMORY_WARD), "outbreak")
    doses = coverage_bench.home(run.folder, MEMORY_WARD)
    found = run.keep("forms", fresh("tests.bench.forms_bench", care, doses, 8 if run.quick else 20))
    size = f"{many(MEMORY_WARD)} persons"
    names = {
        "outbreak": f"report of an outbreak of 60 days p95, {size}",
        "outbreak_days": "its numbers by day and unit p95",
        "case_form": "form of a case p95",
        "vaccination_weekly": f"weekly vaccination report p95, {size}",
    }
    return [
        Figure(words, found[f"{name}_p95_ms"], "ms", limit=at_most(1000)) for name, words in names.items()
    ]


def importing(run: Run) -> list[Figure]:
    """A list from the file to saved records."""
    figures = []
    for size in ("sample", str(LIST)):
        found = run.keep(f"import {size}", fresh("tests.bench.import_bench", size))
        persons = f"{many(found['persons'])} persons"
        name = f"import, the sample list, {persons}" if size == "sample" else f"import, {persons}"
        reading = "openpyxl, reading only"
        figures.append(Figure(name, found["seconds"], "s", found["openpyxl_s"], reading, at_most(30)))
    figures.append(
        Figure("memory while importing them", found["rss_mib"], "MiB", limit=at_most(400 / 1.048576))
    )
    return figures


def sync(run: Run) -> list[Figure]:
    """Push and pull against the peer."""
    peer = find_peer(run.peer, run.folder)
    figures: list[Figure] = []
    for count in (10_000,) if run.quick else (10_000, 50_000):
        found = run.keep(f"sync {count}", measure_sync(peer, count, 1 if run.quick else 3, run.folder))
        figures += sync_figures(found, peer)
    return figures


def sync_figures(found: dict[str, Any], peer: Peer | None) -> list[Figure]:
    """The lines of one size."""
    size = f"{many(found['n'])} records"
    ours, theirs = found["ours"], found.get("peer")
    beside = "PouchDB" if peer else "peer not available"

    def line(name: str, unit: str, key: str, by: float = 1.0, limit: Any = None, modes: Any = None) -> Figure:
        def summed(side: Any) -> float:
            return float(sum(side[mode][key] for mode in modes)) / by

        return Figure(f"{name}, {size}", summed(ours), unit, theirs and summed(theirs), beside, limit)

    return [
        line("push", "docs/s", "docs_per_s", 1, times_at_least(3), ("push",)),
        line("push, bytes on the wire", "MB", "wire_bytes", 1e6, times_at_most(1 / 6), ("push",)),
        line("pull", "docs/s", "docs_per_s", 1, times_at_least(6), ("pull",)),
        line("pull, bytes on the wire", "MB", "wire_bytes", 1e6, times_at_most(1 / 2), ("pull",)),
        line("CPU of both ways, both processes", "s", "cpu_s", 1, times_at_most(1 / 8), ("push", "pull")),
        line("most memory of the pulling laptop", "MB", "maxrss_mb", 1, None, ("pull",)),
    ]


def first_load(run: Run) -> list[Figure]:
    """A ward on a fresh laptop."""
    found = run.keep("first load", measure_first_load(WARD, 1 if run.quick else 3, run.folder))
    ward_of = f"{many(WARD)} persons, {many(found['rows'])} rows"
    return [
        Figure("first load, usable", found["usable_s"], "s", limit=at_most(2), note=ward_of),
        Figure("first load, whole", found["whole_s"], "s", limit=at_most(8)),
        Figure("first load, bytes on the wire", found["bytes"] / 1e6, "MB", limit=at_most(6)),
    ]


def server(run: Run) -> list[Figure]:
    """What one server process takes in, on each database."""
    from tests.bench.server_bench import measure_server

    count, rounds = (6_000, 1) if run.quick else (30_000, 3)
    found = run.keep("server", measure_server(count, rounds, run.folder))
    bare, beside = found["bare"]["ops_per_s"], "bare upsert of one JSON parameter, one writer"
    laptops, at_once = found["laptops"], found["bare at once"]["ops_per_s"]
    how = f"one process, {laptops} laptops at once, batches of {found['batch']}, {many(count)} ops, fsync on"

    def line(kind: str, title: str, limit: Limit | None, note: str = "") -> Figure:
        return Figure(f"server into {title}", found[kind]["ops_per_s"], "ops/s", bare, beside, limit, note)

    return [
        line("postgresql", "PostgreSQL", Limit(10_000, least=True), how),
        line("postgresql", "PostgreSQL, against bare", times_at_least(1 / 2)),
        line(
            "sqlite", "SQLite", None, f"{many(laptops)} bare writers at once: {many(round(at_once))} rows/s"
        ),
    ]


def district(run: Run) -> list[Figure]:
    """The pages of a province on both databases."""
    found = run.keep("district", fresh("tests.bench.district_bench", run.folder, 6 if run.quick else 20))
    size = f"{many(found['communes'])} communes, {many(found['reports'])} reports"
    titles = {
        "board": "who has reported",
        "kind": "figures of a kind",
        "commune": "one commune",
        "csv": "its file",
    }
    return [
        Figure(
            f"district page, {title} p95, {base}",
            found[base][f"{page}_p95_ms"],
            "ms",
            found[base]["read_p50_ms"],
            "only reading a day's reports",
            at_most(200),
            f"{size}; median {found[base][f'{page}_p50_ms']:.0f} ms, first {found[base][f'{page}_first_ms']:.0f} ms,"
            f" {found[base][f'{page}_cpu_ms']:.0f} ms of processor time, {found[base][f'{page}_kib']:.0f} KiB;"
            f" p95 for two readers at once while rows are written {found[base]['together_p95_ms'][page]:.0f} ms",
        )
        for base in ("sqlite", "postgresql")
        for page, title in titles.items()
    ] + [
        Figure(
            f"district page, first after a batch, {base}",
            max(found[base]["after_batch_ms"]),
            "ms",
            found[base]["board_p50_ms"],
            "the page without one",
            at_most(200),
            f"{size}; {many(found['communes'])} new versions; the worst of {len(found[base]['after_batch_ms'])}",
        )
        for base in ("sqlite", "postgresql")
    ]


def slow_link(run: Run) -> list[Figure]:
    """A daily delta over a link of 128 kbit/s."""
    from tests.bench.slowlink_bench import DELTA, SHAPE, measure_slow_link

    found = run.keep("slowlink", measure_slow_link(run.folder))
    note = (
        f"{SHAPE.rate * 8 / 1000:.0f} kbit/s each way, {SHAPE.delay * 2000:.0f} ms there and back,"
        f" {SHAPE.loss * 100:.0f} % of the packets sent twice; by the proxy of tests.faults"
    )
    return [
        Figure(
            f"{mode} of a daily delta, {DELTA} records",
            found[mode]["wall_s"],
            "s",
            limit=at_most(15),
            note=note,
        )
        for mode in ("push", "pull")
    ]


def sweep(run: Run) -> list[Figure]:
    """A sweep of a ward counted, as Hôm nay and the report need it."""
    place = ward.copy_of(ward.home(run.folder, WARD), "sweep")
    found = run.keep("sweep", fresh("tests.bench.sweep_bench", place, 5 if run.quick else 15))
    size = f"{many(found['households'])} households, {many(found['persons'])} persons"
    note = f"{many(found['asked'])} asked; a unit's report filed in {found['file_max_ms']:.0f} ms"
    return [
        Figure(
            f"sweep counted, {size}",
            found["count_p50_ms"],
            "ms",
            found["plain_p50_ms"],
            "its visits and answers alone",
            at_most(500),
            note,
        ),
        Figure("a sweep in one unit, above a visit sheet", found["door_p50_ms"], "ms", limit=at_most(150)),
    ]


GROUPS: dict[str, Callable[[Run], list[Figure]]] = {
    "startup": startup,
    "unlock": unlock,
    "list": long_list,
    "search": search,
    "save": save,
    "memory": memory,
    "care": care,
    "f0": f0,
    "command": command,
    "roster": day_roster,
    "scan": scan,
    "duplicates": duplicates,
    "sweep": sweep,
    "coverage": vaccination,
    "levels": levels,
    "risk": risk,
    "reports": reports,
    "forms": forms,
    "import": importing,
    "sync": sync,
    "slowlink": slow_link,
    "firstload": first_load,
    "server": server,
    "district": district,
}
