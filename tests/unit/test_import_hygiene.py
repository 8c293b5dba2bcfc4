"""Lower modules must not bring higher ones along: each is imported in a fresh interpreter and asked what came."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCREEN = {"textual", "tui_app.screens", "tui_app.widgets", "tui_app.app"}
HEAVY = {"sqlmodel", "sqlalchemy", "sqlcipher3", "cryptography", "httpx", "pydantic", "fastapi"}
NETWORK = {"httpx", "fastapi", "uvicorn"}


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("tui_app", SCREEN | HEAVY),
        ("tui_app.errors", SCREEN | HEAVY | {"tui_app.store"}),
        ("tui_app.text", SCREEN | HEAVY),
        ("tui_app.clock", SCREEN | HEAVY | {"uuid_utils"}),
        ("tui_app.i18n", SCREEN | HEAVY),
        ("tui_app.settings", SCREEN | HEAVY | {"platformdirs"}),
        ("tui_app.bootstrap", SCREEN | HEAVY),
        ("tui_app.rules.age", SCREEN | HEAVY | {"tui_app.store", "tui_app.services", "tui_app.clock"}),
        ("tui_app.rules.judging", SCREEN | HEAVY | {"tui_app.store", "tui_app.services", "tui_app.clock"}),
        ("tui_app.services.judging.rule_sets", SCREEN | HEAVY | {"tui_app.store"}),
        ("tui_app.records", SCREEN | NETWORK | {"tui_app.store", "tui_app.services"}),
        ("tui_app.store.vault", SCREEN | NETWORK | {"sqlmodel", "sqlalchemy", "cryptography"}),
        ("tui_app.store.engine", SCREEN | NETWORK | {"tui_app.services"}),
        ("tui_app.services.visits.visits", SCREEN | NETWORK),
        ("tui_app.services.exchange.syncing", SCREEN | NETWORK),
        ("tui_app.papers.pdf", SCREEN | HEAVY | {"fpdf", "PIL"}),
        ("tui_app.papers.home_record", SCREEN | NETWORK | {"fpdf", "PIL", "xlsxwriter", "cryptography"}),
        ("tui_app.services.exchange.bundles", SCREEN | NETWORK | {"cryptography"}),
        ("tui_app.cli", SCREEN | HEAVY),
        ("sync.registry", {"tui_app", "sqlmodel", "msgspec"} | NETWORK),
        ("sync.outbox", {"tui_app", "sqlalchemy"} | NETWORK),
        ("sync.merge", {"tui_app", "sqlalchemy"} | NETWORK),
        ("sync.bundle", {"tui_app", "sqlalchemy"} | NETWORK),
        ("sync.client", {"tui_app", "fastapi", "sqlalchemy"}),
        ("sync.server.app", {"tui_app", "httpx", "sqlmodel"}),
    ],
)
def test_a_lower_module_comes_alone(module: str, absent: set[str]) -> None:
    asked = f"import sys; import {module}; print('\\n'.join(sys.modules))"
    found = subprocess.run(
        [sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert set(found.stdout.split()) & absent == set()


def test_declaring_the_commands_loads_nothing_heavy() -> None:
    asked = "import sys; from tui_app import cli; cli.parser(); print('\\n'.join(sys.modules))"
    found = subprocess.run(
        [sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert set(found.stdout.split()) & (SCREEN | HEAVY | {"psycopg"}) == set()
