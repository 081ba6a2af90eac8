"""The edge's contract as an OpenAPI 3.1 document: what `/openapi.json` answers and schemathesis tries."""

from __future__ import annotations

from typing import Any

from amity.edge.reasons import REASONS

Schema = dict[str, Any]

_SCALAR: Schema = {"type": ["string", "number", "null"]}
_OBJECT: Schema = {"type": ["object", "null"]}
_KINDS = ("track", "identify", "page", "screen", "group", "alias")
_MEANINGS = {
    "400": "The body is no JSON that holds events, or exceeds Segment's limits. Don't send it again.",
    "401": "No write key, or one that is not known.",
    "404": "The source is switched off.",
    "408": "The body did not arrive in time.",
    "413": "The request is larger than this dialect allows.",
    "429": "This write key sends too often; come again after Retry-After seconds.",
    "503": "The log can't store at the moment; send the same again after Retry-After seconds.",
}


def document(public_url: str) -> dict[str, object]:
    """Return the document, with the edge's public address."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Amity edge",
            "version": "1",
            "description": "Collects interactions from Segment's, RudderStack's and PostHog's clients. An answer of 200 means: "
            "on disk. Events that can't be accepted are kept with a reason and named in `rejected`: " + ", ".join(REASONS) + ".",
        },
        "servers": [{"url": public_url}],
        "paths": _paths(),
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {
                "basic": {"type": "http", "scheme": "basic", "description": "The write key as user name, no password."},
                "bearer": {"type": "http", "scheme": "bearer", "description": "The write key."},
            },
        },
    }


def _paths() -> Schema:
    key = _query("writeKey", "The write key.", required=True)
    paths: Schema = {
        "/v1/batch": _post("batch", "Collect events (Segment, RudderStack).", "Batch", "Accepted"),
        "/v1/b": _post("b", "The same, as Segment's browser client calls it.", "Batch", "Accepted"),
        "/v1/import": _post("import", "The same, for history.", "Batch", "Accepted"),
        "/beacon/v1/batch": _post("beacon", "The same, with the key in the query.", "Batch", "Accepted", parameters=[key]),
        "/v1/m": _post("client_metrics", "Swallow a client's statistics about itself.", "Anything", "Success", plain=True),
    }
    for kind in _KINDS:
        paths[f"/v1/{kind}"] = _post(kind, f"Collect one {kind} event.", "Event", "Accepted")
        paths[f"/v1/{kind[0]}"] = _post(kind[0], f"The same as /v1/{kind}.", "Event", "Accepted")
    for path in ("/e", "/capture", "/i/v0/e", "/batch", "/i/v0/ai/batch"):
        paths[path] = _post(_slug(path), "Collect events (PostHog).", "Capture", "Captured")
        paths[path]["get"] = _get(
            _slug(path) + "_get",
            "Collect events from the query (PostHog).",
            "Captured",
            parameters=[_query("data", "JSON, or base64 of it."), _query("compression", "base64 or lz64.")],
        )
    paths["/i/v1/analytics/events"] = _post("events", "Collect events and answer for each (PostHog).", "CaptureV1", "Results")
    for path in ("/flags", "/decide"):
        paths[path] = _post(_slug(path), "Answer feature flags: none.", "Capture", "Flags")
        paths[path]["get"] = _get(
            _slug(path) + "_get", "The same.", "Flags", parameters=[_query("data", "JSON, or base64 of it.")]
        )
    paths["/s"] = {
        "post": {
            "operationId": "recording",
            "summary": "Session recordings (PostHog): not collected.",
            "requestBody": _body("Anything"),
            "responses": {"404": _answer("Amity keeps none.", "Error")},
        }
    }
    for kind in ("track", "page"):
        event = [_query("event", "The event's name."), _query("anonymousId", "Who.", required=True)]
        paths[f"/pixel/v1/{kind}"] = {"get": _get(f"pixel_{kind}", f"Collect one {kind} event.", "", parameters=[key, *event])}
        answers = paths[f"/pixel/v1/{kind}"]["get"]["responses"]
        answers["200"] = {"description": "A transparent pixel.", "content": {"image/gif": {}}}
    paths["/sourceConfig"] = {
        "get": _get("source_config", "What RudderStack's browser client loads.", "Anything", parameters=[key])
    }
    return paths | _boot_paths() | _snippet_paths() | _health_paths()


def _boot_paths() -> Schema:
    settings = _get("settings", "What analytics.js loads.", "Anything", parameters=[_in_path("writeKey")], plain=True)
    config = _get("array_config", "What posthog-js loads.", "Anything", parameters=[_in_path("token")], plain=True)
    script = _get("array_script", "The same as a script.", "", parameters=[_in_path("token")], plain=True)
    script["responses"]["200"] = {"description": "A script.", "content": {"text/javascript": {}}}
    for operation in (settings, config, script):
        operation["security"] = []
        operation["responses"]["401"] = _answer(_MEANINGS["401"], "Error")
        operation["responses"]["404"] = _answer(_MEANINGS["404"], "Error")
        operation["responses"]["503"] = _answer(_MEANINGS["503"], "Error", retry=True)
    return {
        "/v1/projects/{writeKey}/settings": {"get": settings},
        "/array/{token}/config": {"get": config},
        "/array/{token}/config.js": {"get": script},
    }


def _snippet_paths() -> Schema:
    answers = {
        "200": {"description": "A script.", "content": {"text/javascript": {}}},
        "304": {"description": "The same as before."},
    }
    return {"/amity.js": {"get": {"operationId": "snippet", "summary": "Amity's browser snippet.", "responses": answers}}}


def _health_paths() -> Schema:
    def text(name: str, summary: str, *statuses: str) -> Schema:
        answers: Schema = {"200": {"description": "Yes.", "content": {"text/plain": {}}}}
        for status in statuses:
            answers[status] = _answer("Not at the moment.", "Error", retry=True)
        return {"get": {"operationId": name, "summary": summary, "responses": answers}}

    return {
        "/healthz": text("healthz", "Does the process serve?"),
        "/readyz": text("readyz", "Can it store interactions?", "503"),
        "/metrics": text("metrics", "What Prometheus reads."),
        "/openapi.json": {
            "get": {"operationId": "openapi", "summary": "This document.", "responses": {"200": _answer("It.", "Anything")}}
        },
    }


def _post(  # noqa: PLR0913  a table's row
    name: str, summary: str, takes: str, gives: str, *, parameters: list[Schema] | None = None, plain: bool = False
) -> Schema:
    return {"post": {**_operation(name, summary, gives, parameters=parameters, plain=plain), "requestBody": _body(takes)}}


def _get(name: str, summary: str, gives: str, *, parameters: list[Schema], plain: bool = False) -> Schema:
    return _operation(name, summary, gives or "Anything", parameters=parameters, plain=plain)


def _operation(name: str, summary: str, gives: str, *, parameters: list[Schema] | None, plain: bool) -> Schema:
    """Describe an operation; a `plain` one asks for no key and can't fail for the log."""
    answers = {"200": _answer("Done.", gives)}
    for status, meaning in _MEANINGS.items():
        if not plain or status in {"400", "408", "413"}:
            answers[status] = _answer(meaning, "Error", retry=status in {"429", "503"})
    operation: Schema = {"operationId": name, "summary": summary, "responses": answers}
    if not plain:
        operation["security"] = [{"basic": []}, {"bearer": []}, {}]
    return {**operation, "parameters": parameters} if parameters else operation


def _body(name: str) -> Schema:
    return {"content": {"application/json": {"schema": _ref(name)}}}


def _answer(meaning: str, name: str, *, retry: bool = False) -> Schema:
    answer: Schema = {"description": meaning, "content": {"application/json": {"schema": _ref(name)}}}
    if retry:
        answer["headers"] = {
            "Retry-After": {"description": "Seconds.", "required": True, "schema": {"type": "integer", "minimum": 0}}
        }
    return answer


def _query(name: str, description: str, *, required: bool = False) -> Schema:
    return {"name": name, "in": "query", "required": required, "description": description, "schema": {"type": "string"}}


def _in_path(name: str) -> Schema:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]+$"}}


def _slug(path: str) -> str:
    return "capture_" + path.strip("/").replace("/", "_")


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _schemas() -> Schema:
    ids = dict.fromkeys(("messageId", "timestamp", "userId", "anonymousId", "groupId", "previousId", "event", "name"), _SCALAR)
    parts = dict.fromkeys(("properties", "traits", "context", "integrations"), _OBJECT)
    event: Schema = {"type": "object", "properties": {"type": {"type": "string", "enum": list(_KINDS)}, **ids, **parts}}
    hog: Schema = {
        "type": "object",
        "properties": {"event": _SCALAR, "distinct_id": _SCALAR, "uuid": _SCALAR, "properties": _OBJECT},
    }
    rejected: Schema = {"type": "array", "items": _ref("Rejected")}
    flag: Schema = {"type": "boolean"}
    return {
        "Event": {**event, "description": "type may be left out where the path names it."},
        "Batch": _record(
            {"batch": {"type": "array", "items": _ref("Event")}, "writeKey": {"type": "string"}, "sentAt": _SCALAR}, "batch"
        ),
        "HogEvent": hog,
        "Capture": {
            "anyOf": [
                _ref("HogEvent"),
                {"type": "array", "items": _ref("HogEvent")},
                _record({"api_key": {"type": "string"}, "batch": {"type": "array", "items": _ref("HogEvent")}}, "batch"),
            ]
        },
        "CaptureV1": _record({"created_at": {"type": "string"}, "batch": {"type": "array", "items": _ref("HogEvent")}}, "batch"),
        "Success": _record({"success": flag}, "success"),
        "Accepted": _record({"success": flag, "rejected": rejected}, "success"),
        "Captured": _record({"status": {"const": 1}, "rejected": rejected}, "status"),
        "Rejected": _record(
            {
                "index": {"type": "integer"},
                "message_id": {"type": "string"},
                "reason": {"enum": list(REASONS)},
                "detail": {"type": "string"},
            },
            "index",
            "reason",
            "detail",
        ),
        "Results": _record(
            {"results": {"type": "object", "additionalProperties": _record({"result": {"enum": ["ok", "drop"]}}, "result")}},
            "results",
        ),
        "Flags": _record({"flags": {"type": "object"}, "featureFlags": {"type": "object"}}, "flags", "featureFlags"),
        "Error": _record({"code": {"type": "string"}, "message": {"type": "string"}}, "code", "message"),
        "Anything": {},
    }


def _record(properties: Schema, *required: str) -> Schema:
    return {"type": "object", "properties": properties, "required": list(required)}
