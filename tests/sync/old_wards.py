"""Three wards of Quận 11 as they were before 01/07/2025, and the table that made new ones of them (rules §3.7).

Phú Thọ 27226 ← Phường 15, Phường 11, part of Phường 8; Bình Thới 27232 ← part of Phường 8. The code 27226 was Phường
11's own: the same code, another area.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from sync.server.area_table import read_table
from sync.server.areas import areas_import
from sync.server.conversion import convert
from sync.server.converted import Conversion
from sync.server.database import Database
from tui_app.records import REGISTRY

EFFECTIVE = date(2025, 7, 1)
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
OLD_AREAS = (
    "commune_code,commune_name,unit_code,unit_name",
    "27226,Phường 11,01,Khu phố 1",
    "27226,Phường 11,02,Khu phố 2",
    "27217,Phường 15,01,Khu phố 1",
    "27235,Phường 8,01,Khu phố Một",
    "27235,Phường 8,02,Khu phố Hai",
)
TITLES = "Tên Xã mới,Mã Xã mới,Tên Xã cũ,Mã Xã cũ,Ghi chú"
TABLE = (
    "Đơn vị hành chính từ ngày 01/7/2025,,Trước ngày 01/7/2025,,",
    TITLES,
    "THÀNH PHỐ HỒ CHÍ MINH,,,,",
    "Phường Phú Thọ,27226,Phường 11,27226,Nhập toàn bộ",
    "Phường Phú Thọ,27226,Phường 15,27217,Nhập toàn bộ",
    "Phường Phú Thọ,27226,Phường 8,27235,Nhập một phần",
    "Phường Bình Thới,27232,Phường 8,27235,Nhập một phần",
)


def load(database: Database, *lines: str) -> None:
    """The old wards, or other units."""
    assert areas_import(database, REGISTRY, lines or OLD_AREAS, now=NOW).problems == []


def taken(
    database: Database, *lines: str, on: date = EFFECTIVE, dry_run: bool = False, **codes: str
) -> Conversion:
    """What comes of a table."""
    other = {ours.lstrip("c"): theirs for ours, theirs in codes.items()}
    read = read_table(lines or TABLE)
    return convert(
        database, REGISTRY, read, on, "QĐ 19/2025/QĐ-TTg", other_codes=other, dry_run=dry_run, now=NOW
    )
