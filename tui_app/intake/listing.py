"""A file of persons, read whole: grids, headings, rows, households, likeness. The database is not touched."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from datetime import date
from pathlib import Path

from sync import collector
from tui_app.errors import BadFile
from tui_app.intake.body import SheetRows
from tui_app.intake.households import HouseholdBuilder, set_walk_order
from tui_app.intake.likeness import duplicates_within
from tui_app.intake.persons import RowReader
from tui_app.intake.plan import Conversion, ImportPlan, PlannedColumn
from tui_app.intake.sheet import Grid, column_name, read_grids
from tui_app.intake.wordings import KINDS, normal_title

_HOUSEHOLD_COLUMNS = frozenset(("household_head", "relation_to_head", "household_code"))


def read_mapping(path: Path, kinds: Collection[str] = KINDS) -> dict[str, str]:
    """A ``--map`` file: TOML lines ``"column title" = "field"``, as normal title -> kind, one of ``kinds``.

    Raises BadFile for a file that is no such TOML or names a field that does not exist.
    """
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise BadFile("import.file_missing", name=path.name) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError):
        raise BadFile("import.map_unreadable", name=path.name) from None
    mapping: dict[str, str] = {}
    for title, kind in written.items():
        if not isinstance(kind, str):
            raise BadFile("import.map_unreadable", name=path.name)
        if kind not in kinds:
            raise BadFile("import.map_field", field_name=kind, known=", ".join(sorted(kinds)))
        mapping[normal_title(title)] = kind
    return mapping


def read_list(
    path: Path, today: date, mapping: Mapping[str, str] | None = None, *, strict: bool = True
) -> ImportPlan:
    """Read a list of persons. ``today``: the day of the import, no birth may be after it; ``mapping``: normal titles to
    kinds, as `read_mapping` gives them; ``strict``: a title of it that the list lacks is a mistake.

    Raises BadFile when the file cannot be used at all; wrong rows are in the plan.
    """
    with (
        collector.resting()
    ):  # 15 000 persons make a million objects, none in cycles: the search took 2 s of 5.4 s
        return _read_list(path, today, mapping or {}, strict)


def _read_list(path: Path, today: date, mapping: Mapping[str, str], strict: bool) -> ImportPlan:
    digest, grids = read_grids(path)
    plan = ImportPlan(path.name, digest)
    titles: set[str] = set()
    for grid in grids:
        if grid.hidden:
            plan.skipped_sheets.append((grid.name, "import.sheet_hidden"))
        elif not any(cell is not None for row in grid.rows for cell in row):
            plan.skipped_sheets.append((grid.name, "import.sheet_empty"))
        elif not _read_sheet(grid, today, mapping, plan, titles):
            plan.skipped_sheets.append((grid.name, "import.sheet_no_header"))
    if not plan.sheets:
        raise BadFile("import.no_header", name=path.name)
    for title in mapping if strict else ():
        if title not in titles:
            raise BadFile("import.map_column", column=title)
    set_walk_order(plan.households)
    plan.duplicates_in_file = duplicates_within(plan.households)
    return plan


def _read_sheet(
    grid: Grid, today: date, mapping: Mapping[str, str], plan: ImportPlan, titles: set[str]
) -> bool:
    rows = SheetRows(grid, mapping)
    builder = HouseholdBuilder(grid.name)
    heading = None
    for body in rows:
        if body.heading is not heading:
            heading = body.heading
            builder.household_style = any(column.kind in _HOUSEHOLD_COLUMNS for column in heading.columns)
        if body.block is not None or body.titled is not None:
            builder.household_style = True
        reader = RowReader(grid.name, body.row, today, body.cells)
        person = reader.read(body.heading.name_column)
        plan.bad_rows += reader.bad
        builder.add(body, reader, person)
    if not rows.headings:
        return False
    plan.sheets.append(grid.name)
    plan.conversions += [
        Conversion(grid.name, column_name(one.column), one.font, one.samples) for one in grid.converted
    ]
    plan.households += builder.finish()
    plan.bad_rows += builder.bad_rows
    plan.skipped_rows += rows.skipped
    plan.header_rows[grid.name] = [heading.first_row + 1 for heading in rows.headings]
    seen: set[tuple[str, str]] = set()
    for heading in rows.headings:
        for column in heading.columns:
            titles.update(normal_title(part) for part in (column.title, *column.title.split(" – ")))
            place = (column_name(column.index), column.title)
            if place not in seen:
                seen.add(place)
                plan.columns.append(PlannedColumn(grid.name, *place, column.kind))
    return True
