"""The document says what the edge does: schemathesis tries every operation."""

from __future__ import annotations

import hypothesis
import pytest
import schemathesis
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from amity.edge.openapi import document
from amity.edge.routes import Routes

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]


def operations() -> list[tuple[str, str]]:
    paths = document("http://localhost:8001")["paths"]
    return [(path, method) for path, given in paths.items() for method in given]  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def contract(edge_url: str):
    config = SchemathesisConfig.from_dict({})
    schema = schemathesis.openapi.from_dict(document(edge_url), config=config)
    schema.config.update(base_url=edge_url)
    return schema


def attempt(contract, key: str, path: str, method: str, mode: GenerationMode, examples: int) -> None:
    @hypothesis.settings(max_examples=examples, database=None, deadline=None, suppress_health_check=list(hypothesis.HealthCheck))
    @hypothesis.given(case=contract[path][method.upper()].as_strategy(generation_mode=mode))
    def one(case) -> None:
        case.call_and_validate(checks=CHECKS, headers={"authorization": f"Bearer {key}"}, timeout=20)

    one()


@pytest.mark.parametrize(("path", "method"), operations())
def test_requests_that_fit(contract, key: str, path: str, method: str):
    attempt(contract, key, path, method, GenerationMode.POSITIVE, 4)


@pytest.mark.parametrize("path", ["/v1/batch", "/v1/track", "/e", "/i/v1/analytics/events"])
def test_requests_that_do_not(contract, key: str, path: str):
    attempt(contract, key, path, "post", GenerationMode.NEGATIVE, 15)


def test_the_document_is_served_whole(edge_url: str):
    import httpx

    served = httpx.get(edge_url + "/openapi.json").json()
    assert served["openapi"].startswith("3.1")
    assert {(path, method) for path, given in served["paths"].items() for method in given} == set(operations())


def test_every_route_is_documented():
    routes = Routes(None, public_url="http://localhost:8001")  # type: ignore[arg-type]
    documented = set(operations())
    for path, route in routes.addresses():
        for method in route:
            assert method == "HEAD" or (path, method.lower()) in documented, (path, method)
