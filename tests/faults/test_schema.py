"""Every route of the OpenAPI document, asked with whatever fits it and whatever does not: no route fails, and each
refusal is a problem that the document names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from sync.client import Link
from sync.server import admin
from sync.server.app import create_app
from sync.server.areas import areas_import
from tests.sync.wire import Wire
from tui_app.records import REGISTRY

AREAS = ("commune_code,commune_name,unit_code,unit_name", "27211,Phường Hòa Bình,01,Khu phố 1")
EXAMPLES = 6  # of each route and kind


@schemathesis.serializer("application/x-ndjson")
def as_lines(context: Any, value: Any) -> bytes:
    return str(value).encode(errors="replace")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, str]]:
    folder: Path = tmp_path_factory.mktemp("server")
    database = admin.init(folder)
    areas_import(database, REGISTRY, AREAS)
    app = create_app(database, REGISTRY)
    code = admin.invite(database, "lan", "chief", "27211").code
    wire = Wire(app)
    token = Link("http://server", transport=wire).enrol(code, "máy").token
    wire.end()
    yield app, token
    database.close()


def document(app: Any) -> dict[str, Any]:
    while hasattr(app, "app"):
        app = app.app
    found: dict[str, Any] = app.openapi()
    return found


def test_no_route_fails_whatever_it_is_asked(server: tuple[Any, str]) -> None:
    app, token = server
    client = httpx.Client(transport=Wire(app), base_url="http://server")
    described = document(app)
    schema = schemathesis.openapi.from_dict(described)
    asked: dict[str, set[int]] = {}
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        for path, methods in described["paths"].items():
            for method in methods:
                try_route(schema[path][method.upper()], mode, client, token, asked)
    assert asked.keys() == described["paths"].keys()
    assert 200 in asked["/v1/scope"]
    assert 200 in asked["/v1/hello"]


def try_route(
    operation: Any, mode: Any, client: httpx.Client, token: str, asked: dict[str, set[int]]
) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def attempt(case: Any) -> None:
        sent = case.as_transport_kwargs(base_url="http://server")
        headers = {name: str(value) for name, value in sent.pop("headers", {}).items()}
        headers = {name: value for name, value in headers.items() if value.isascii() and value.isprintable()}
        if mode is GenerationMode.POSITIVE:
            headers |= {"Authorization": f"Bearer {token}", "Sync-Protocol": "1"}
        if isinstance(body := sent.pop("data", None), bytes | str):
            sent["content"] = body
        sent.pop("cookies", None)
        sent.pop("files", None)
        try:
            answer = client.request(headers=headers, **sent)
        except (httpx.InvalidURL, UnicodeEncodeError):
            return  # no client could send it
        asked.setdefault(operation.path, set()).add(answer.status_code)
        where = f"{operation.method} {operation.path}: {answer.status_code} {answer.text[:200]}"
        assert answer.status_code < 500, where
        if answer.status_code >= 400 and answer.status_code != 405:
            assert answer.headers["content-type"] == "application/problem+json", where
            assert answer.json()["type"], where
        assert (
            str(answer.status_code) in operation.definition.raw["responses"] or answer.status_code == 405
        ), where

    try:
        attempt()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE  # nothing about this route can be wrong


def test_the_document_names_what_a_laptop_sends_and_gets(server: tuple[Any, str]) -> None:
    described = document(server[0])
    assert described["paths"]["/v1/pull"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    for path, methods in described["paths"].items():
        for operation in methods.values():
            assert "application/problem+json" in operation["responses"]["400"]["content"], path
