"""The tables of the first released schema, as they were. Never edited: a change is a new migration."""

DDL = (
    """CREATE TABLE area (
    id TEXT PRIMARY KEY NOT NULL, area TEXT NOT NULL, commune TEXT NOT NULL, seq INTEGER NOT NULL,
    deleted BOOLEAN NOT NULL, extra TEXT, changed_at TEXT, changed_by TEXT, changed_device TEXT,
    "commune_code" TEXT, "commune_name" TEXT, "unit_code" TEXT, "unit_name" TEXT, "valid_from" TEXT,
    "valid_to" TEXT, "aliases" TEXT)""",
    "CREATE INDEX area_area ON area (area)",
    """CREATE TABLE household (
    id TEXT PRIMARY KEY NOT NULL, area TEXT NOT NULL, commune TEXT NOT NULL, seq INTEGER NOT NULL,
    deleted BOOLEAN NOT NULL, extra TEXT, changed_at TEXT, changed_by TEXT, changed_device TEXT,
    "code" TEXT, "address" TEXT, "alley" TEXT, "walk_order" INTEGER, "head" TEXT, "phone" TEXT,
    "location" TEXT, "note" TEXT)""",
    "CREATE INDEX household_area ON household (area)",
    """CREATE TABLE person (
    id TEXT PRIMARY KEY NOT NULL, area TEXT NOT NULL, commune TEXT NOT NULL, seq INTEGER NOT NULL,
    deleted BOOLEAN NOT NULL, extra TEXT, changed_at TEXT, changed_by TEXT, changed_device TEXT,
    "household" TEXT, "full_name" TEXT, "birth_date" TEXT, "birth_year" INTEGER, "sex" TEXT,
    "national_id" TEXT, "citizen_id_old" TEXT, "insurance_number" TEXT, "phone" TEXT, "ethnicity" TEXT,
    "relation_to_head" TEXT, "residence_type" TEXT, "occupation" TEXT, "mobility_limited" BOOLEAN,
    "carer" TEXT, "reported_doses" INTEGER, "contraindicated" BOOLEAN, "contraindication_reason" TEXT,
    "died_on" TEXT, "moved_on" TEXT, "moved_to" TEXT, "note" TEXT)""",
    "CREATE INDEX person_area ON person (area)",
    "CREATE INDEX person_household ON person (household)",
    """CREATE TABLE risk_membership (
    id TEXT PRIMARY KEY NOT NULL, area TEXT NOT NULL, commune TEXT NOT NULL, seq INTEGER NOT NULL,
    deleted BOOLEAN NOT NULL, extra TEXT, changed_at TEXT, changed_by TEXT, changed_device TEXT,
    "person" TEXT, "risk_group" TEXT, "started_on" TEXT, "ended_on" TEXT, "source" TEXT)""",
    "CREATE INDEX risk_membership_area ON risk_membership (area)",
    "CREATE INDEX risk_membership_person ON risk_membership (person)",
    """CREATE TABLE person_condition (
    id TEXT PRIMARY KEY NOT NULL, area TEXT NOT NULL, commune TEXT NOT NULL, seq INTEGER NOT NULL,
    deleted BOOLEAN NOT NULL, extra TEXT, changed_at TEXT, changed_by TEXT, changed_device TEXT,
    "person" TEXT, "condition" TEXT, "treated" BOOLEAN, "stable" BOOLEAN, "treated_at" TEXT,
    "since" TEXT, "note" TEXT)""",
    "CREATE INDEX person_condition_area ON person_condition (area)",
    "CREATE INDEX person_condition_person ON person_condition (person)",
    """CREATE TABLE household_visit (
    id TEXT PRIMARY KEY NOT NULL, area TEXT NOT NULL, commune TEXT NOT NULL, seq INTEGER NOT NULL,
    deleted BOOLEAN NOT NULL, extra TEXT, changed_at TEXT, changed_by TEXT, changed_device TEXT,
    "household" TEXT, "campaign" TEXT, "at" TEXT, "outcome" TEXT, "asked" TEXT, "note" TEXT,
    "amends" TEXT)""",
    "CREATE INDEX household_visit_area ON household_visit (area)",
    "CREATE INDEX household_visit_at ON household_visit (at)",
    "CREATE INDEX household_visit_household ON household_visit (household)",
    """CREATE TABLE screening (
    id TEXT PRIMARY KEY NOT NULL, area TEXT NOT NULL, commune TEXT NOT NULL, seq INTEGER NOT NULL,
    deleted BOOLEAN NOT NULL, extra TEXT, changed_at TEXT, changed_by TEXT, changed_device TEXT,
    "visit" TEXT, "person" TEXT, "wellbeing" TEXT, "symptoms" TEXT, "exposure" BOOLEAN,
    "travel" BOOLEAN, "asked" TEXT, "note" TEXT, "amends" TEXT)""",
    "CREATE INDEX screening_area ON screening (area)",
    "CREATE INDEX screening_person ON screening (person)",
    "CREATE INDEX screening_visit ON screening (visit)",
    """CREATE TABLE test_result (
    id TEXT PRIMARY KEY NOT NULL, area TEXT NOT NULL, commune TEXT NOT NULL, seq INTEGER NOT NULL,
    deleted BOOLEAN NOT NULL, extra TEXT, changed_at TEXT, changed_by TEXT, changed_device TEXT,
    "visit" TEXT, "person" TEXT, "at" TEXT, "method" TEXT, "result" TEXT, "ct_value" REAL,
    "supervised_by" TEXT, "note" TEXT, "amends" TEXT)""",
    "CREATE INDEX test_result_area ON test_result (area)",
    "CREATE INDEX test_result_person ON test_result (person)",
    "CREATE INDEX test_result_visit ON test_result (visit)",
    """CREATE TABLE support_need (
    id TEXT PRIMARY KEY NOT NULL, area TEXT NOT NULL, commune TEXT NOT NULL, seq INTEGER NOT NULL,
    deleted BOOLEAN NOT NULL, extra TEXT, changed_at TEXT, changed_by TEXT, changed_device TEXT,
    "person" TEXT, "household" TEXT, "kind" TEXT, "status" TEXT, "opened_on" TEXT, "closed_on" TEXT,
    "note" TEXT)""",
    "CREATE INDEX support_need_area ON support_need (area)",
    "CREATE INDEX support_need_household ON support_need (household)",
    "CREATE INDEX support_need_person ON support_need (person)",
    """CREATE TABLE conflict (
    id TEXT PRIMARY KEY NOT NULL, area TEXT NOT NULL, commune TEXT NOT NULL, seq INTEGER NOT NULL,
    deleted BOOLEAN NOT NULL, extra TEXT, changed_at TEXT, changed_by TEXT, changed_device TEXT,
    "record_type" TEXT, "record" TEXT, "field" TEXT, "state" TEXT, "values" TEXT, "chosen" TEXT)""",
    "CREATE INDEX conflict_area ON conflict (area)",
    "CREATE INDEX conflict_record ON conflict (record)",
    """CREATE TABLE later_row (
    type TEXT NOT NULL, id TEXT NOT NULL, area TEXT NOT NULL, seq INTEGER NOT NULL, deleted BOOLEAN NOT NULL,
    row TEXT NOT NULL, PRIMARY KEY (type, id))""",
    """CREATE TABLE draft (
    key TEXT PRIMARY KEY NOT NULL, kind TEXT NOT NULL, who TEXT NOT NULL, body TEXT NOT NULL,
    changed_at TEXT NOT NULL)""",
    """CREATE TABLE import_batch (
    id TEXT PRIMARY KEY NOT NULL, at TEXT NOT NULL, who TEXT NOT NULL, source TEXT NOT NULL, digest TEXT NOT NULL,
    counts TEXT NOT NULL, records TEXT NOT NULL, undone_at TEXT)""",
    """CREATE TABLE sync_session (
    id INTEGER PRIMARY KEY AUTOINCREMENT, started_at TEXT NOT NULL, outcome TEXT NOT NULL, summary TEXT NOT NULL)""",
    """CREATE TABLE access_entry (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL,
    type TEXT, record TEXT, detail TEXT)""",
    "CREATE TABLE setting (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL)",
)
