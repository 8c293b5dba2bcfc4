"""The server's tables, in words that SQLite, PostgreSQL and Citus all understand.

Every table that grows with the work carries ``commune`` in its key: the distribution column. No triggers,
no sequences, no unique key without ``commune`` there. ``device``, ``invite`` and ``server_state`` are
small and would be reference tables. Moments are wire text, which sorts; digests are decimal text, because
they need 64 unsigned bits.
"""

from __future__ import annotations

from dataclasses import dataclass

MIGRATIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "0001_first_tables",
        (
            "CREATE TABLE server_state (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
            """CREATE TABLE area_head (
                commune TEXT NOT NULL, area TEXT NOT NULL,
                seq BIGINT NOT NULL, gen TEXT NOT NULL, digest TEXT NOT NULL, updated TEXT NOT NULL,
                PRIMARY KEY (commune, area))""",
            """CREATE TABLE record (
                commune TEXT NOT NULL, area TEXT NOT NULL, type TEXT NOT NULL, id TEXT NOT NULL,
                seq BIGINT NOT NULL, deleted SMALLINT NOT NULL, gone TEXT,
                body TEXT NOT NULL, marks TEXT NOT NULL,
                at TEXT NOT NULL, who TEXT NOT NULL, device TEXT NOT NULL, updated TEXT NOT NULL,
                PRIMARY KEY (commune, area, type, id))""",
            "CREATE INDEX record_seq ON record (commune, area, seq)",
            """CREATE TABLE op (
                commune TEXT NOT NULL, id TEXT NOT NULL, area TEXT NOT NULL,
                device TEXT NOT NULL, n BIGINT NOT NULL, type TEXT NOT NULL, record TEXT NOT NULL,
                changes TEXT NOT NULL, base_seq BIGINT NOT NULL,
                at TEXT NOT NULL, who TEXT NOT NULL, corrected TEXT NOT NULL, received TEXT NOT NULL,
                result TEXT NOT NULL, reason TEXT NOT NULL, field TEXT NOT NULL,
                seq BIGINT NOT NULL, receipt TEXT NOT NULL,
                PRIMARY KEY (commune, id))""",
            "CREATE INDEX op_device ON op (commune, device, n)",
            """CREATE TABLE device (
                id TEXT PRIMARY KEY, user_name TEXT NOT NULL, role TEXT NOT NULL, label TEXT NOT NULL,
                public_key TEXT NOT NULL, token_hash TEXT NOT NULL UNIQUE, scope_epoch BIGINT NOT NULL,
                created TEXT NOT NULL, seen TEXT NOT NULL, revoked TEXT)""",
            """CREATE TABLE area_grant (
                commune TEXT NOT NULL, device TEXT NOT NULL, area TEXT NOT NULL,
                mode TEXT NOT NULL, since TEXT NOT NULL, until TEXT,
                PRIMARY KEY (commune, device, area))""",
            "CREATE INDEX area_grant_device ON area_grant (device)",
            """CREATE TABLE invite (
                code_hash TEXT PRIMARY KEY, user_name TEXT NOT NULL, role TEXT NOT NULL, areas TEXT NOT NULL,
                created TEXT NOT NULL, expires TEXT NOT NULL, used TEXT, device TEXT)""",
        ),
    ),
    (
        "0002_forks_keys_history_refusals",
        (
            # parent: the device whose disk this one's was copied from
            "ALTER TABLE device ADD COLUMN parent TEXT",
            "ALTER TABLE device ADD COLUMN signing_key TEXT NOT NULL DEFAULT ''",
            # the counter at which a restored server began its present history
            "ALTER TABLE area_head ADD COLUMN restored_seq BIGINT NOT NULL DEFAULT 0",
            "CREATE INDEX op_record ON op (commune, record, type)",
            """CREATE TABLE refusal (
                commune TEXT NOT NULL, id TEXT NOT NULL, at TEXT NOT NULL, device TEXT NOT NULL,
                route TEXT NOT NULL, kind TEXT NOT NULL, area TEXT NOT NULL,
                PRIMARY KEY (commune, id))""",
        ),
    ),
    (
        "0003_bundles",
        (
            # files that were carried here by hand; small, a reference table like `device`
            """CREATE TABLE bundle (
                device TEXT NOT NULL, id TEXT NOT NULL, received TEXT NOT NULL, ops BIGINT NOT NULL,
                PRIMARY KEY (device, id))""",
        ),
    ),
    (
        "0004_moving",
        (
            # records on their way from one area to another; empty but for moments
            """CREATE TABLE moving (
                commune TEXT NOT NULL, area TEXT NOT NULL, type TEXT NOT NULL, record TEXT NOT NULL,
                op TEXT NOT NULL, to_commune TEXT NOT NULL, to_area TEXT NOT NULL,
                at TEXT NOT NULL, corrected TEXT NOT NULL, who TEXT NOT NULL, device TEXT NOT NULL,
                PRIMARY KEY (commune, area, type, record))""",
        ),
    ),
    (
        "0005_narrow_indexes",
        (
            # Ids of areas, devices and records are unique everywhere, so these do without the commune. No two indexes
            # of a table begin alike: a planner that has not counted the rows yet cannot take the wrong one for as
            # good, and read a whole area for each record of a push.
            "DROP INDEX record_seq",
            "CREATE INDEX record_seq ON record (area, seq)",
            "DROP INDEX op_device",
            "CREATE INDEX op_device ON op (device, n)",
            "DROP INDEX op_record",
            "CREATE INDEX op_record ON op (record, type)",
        ),
    ),
    (
        "0006_unsent",
        (
            # how many saves a laptop said it had not sent, and when it said so
            "ALTER TABLE device ADD COLUMN waiting BIGINT",
            "ALTER TABLE device ADD COLUMN told TEXT",
        ),
    ),
    (
        "0007_pages",
        (
            # who may read the district's pages; few, reference tables like `device`
            """CREATE TABLE page_user (
                id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, role TEXT NOT NULL, areas TEXT NOT NULL,
                salt TEXT NOT NULL, password_hash TEXT NOT NULL, created TEXT NOT NULL, changed TEXT NOT NULL)""",
            """CREATE TABLE page_session (
                token_hash TEXT PRIMARY KEY, page_user TEXT NOT NULL, begun TEXT NOT NULL, seen TEXT NOT NULL)""",
            # What the pages show of a report, without the ids it counted and the words somebody wrote: a year of a
            # province is read by period, not record by record. Made from `record` when a page is asked for.
            """CREATE TABLE filed_report (
                commune TEXT NOT NULL, area TEXT NOT NULL, id TEXT NOT NULL, seq BIGINT NOT NULL,
                kind TEXT NOT NULL, subject TEXT NOT NULL, period_from TEXT NOT NULL, period_to TEXT NOT NULL,
                version BIGINT NOT NULL, due_at TEXT NOT NULL, written_at TEXT NOT NULL, received TEXT NOT NULL,
                updated TEXT NOT NULL, figures TEXT NOT NULL,
                PRIMARY KEY (commune, area, id))""",
            "CREATE INDEX filed_report_period ON filed_report (kind, period_to)",
            "CREATE INDEX filed_report_updated ON filed_report (updated)",
            "CREATE INDEX record_report ON record (updated) WHERE type = 'report'",
        ),
    ),
    (
        "0008_erased",
        (
            # records whose content was removed for good; seq: the area's counter then
            """CREATE TABLE erased (
                commune TEXT NOT NULL, type TEXT NOT NULL, record TEXT NOT NULL,
                erasure TEXT NOT NULL, area TEXT NOT NULL, seq BIGINT NOT NULL, at TEXT NOT NULL,
                PRIMARY KEY (commune, type, record))""",
            "CREATE INDEX erased_area ON erased (area, seq)",
        ),
    ),
    (
        "0009_erased_texts",
        (
            # fields that lost their words for good, of records that stay; seq: the counter of the record then
            """CREATE TABLE erased_text (
                commune TEXT NOT NULL, type TEXT NOT NULL, record TEXT NOT NULL, field TEXT NOT NULL,
                erasure TEXT NOT NULL, area TEXT NOT NULL, seq BIGINT NOT NULL, at TEXT NOT NULL,
                PRIMARY KEY (commune, type, record, field, erasure))""",
            "CREATE INDEX erased_text_area ON erased_text (area, seq)",
            "ALTER TABLE op ADD COLUMN knows TEXT NOT NULL DEFAULT ''",  # `sync.protocol.Op.knows` as JSON, '' for none
        ),
    ),
)

WHOLE_COMMUNE = "*"  # in area_grant.area: every unit the commune has or will have


@dataclass(frozen=True, slots=True)
class Bulk:
    """Many rows for one table in one statement. ``columns``: name and kind, ``text`` or ``bigint``.

    ``key``: what identifies a row; a row that is there is overwritten, if ``only_where`` allows it.
    """

    table: str
    columns: tuple[tuple[str, str], ...]
    key: tuple[str, ...]
    only_where: str = ""


def _columns(**kinds: str) -> tuple[tuple[str, str], ...]:
    return tuple(kinds.items())


RECORDS = Bulk(
    "record",
    _columns(
        commune="text",
        area="text",
        type="text",
        id="text",
        seq="bigint",
        deleted="bigint",
        gone="text",
        body="text",
        marks="text",
        at="text",
        who="text",
        device="text",
        updated="text",
    ),
    ("commune", "area", "type", "id"),
)

OPS = Bulk(
    "op",
    _columns(
        commune="text",
        id="text",
        area="text",
        device="text",
        n="bigint",
        type="text",
        record="text",
        changes="text",
        base_seq="bigint",
        at="text",
        who="text",
        corrected="text",
        received="text",
        result="text",
        reason="text",
        field="text",
        seq="bigint",
        receipt="text",
        knows="text",
    ),
    ("commune", "id"),
    only_where="op.result IN ('held', 'rejected')",  # what was applied is history and never rewritten
)


def _new(bulk: Bulk, *first: str, without: tuple[str, ...] = ()) -> Bulk:
    kinds = dict(bulk.columns)
    names = [*first, *(name for name in kinds if name not in (*first, *without))]
    return Bulk(bulk.table, tuple((name, kinds[name]) for name in names), bulk.key)


# Records that were never anywhere else and the ops that made them; what a push gives all of them alike comes first.
NEW_RECORDS = _new(RECORDS, "commune", "area", "deleted", "device", "updated", without=("gone",))
NEW_OPS = _new(
    OPS,
    *("commune", "area", "device", "base_seq", "received", "result", "reason", "field"),
    without=("knows",),
)

MOVING = Bulk(
    "moving",
    _columns(
        commune="text",
        area="text",
        type="text",
        record="text",
        op="text",
        to_commune="text",
        to_area="text",
        at="text",
        corrected="text",
        who="text",
        device="text",
    ),
    ("commune", "area", "type", "record"),
)

FILED = Bulk(
    "filed_report",
    _columns(
        commune="text",
        area="text",
        id="text",
        seq="bigint",
        kind="text",
        subject="text",
        period_from="text",
        period_to="text",
        version="bigint",
        due_at="text",
        written_at="text",
        received="text",
        updated="text",
        figures="text",
    ),
    ("commune", "area", "id"),
)
ERASED_RECORDS = Bulk(
    "erased",
    _columns(
        commune="text",
        type="text",
        record="text",
        erasure="text",
        area="text",
        seq="bigint",
        at="text",
    ),
    ("commune", "type", "record"),
)
ERASED_TEXTS = Bulk(
    "erased_text",
    _columns(
        commune="text",
        type="text",
        record="text",
        field="text",
        erasure="text",
        area="text",
        seq="bigint",
        at="text",
    ),
    ("commune", "type", "record", "field", "erasure"),
)
