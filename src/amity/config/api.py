"""The JSON API at `/api/v1/`: one document, one way to sign in, one shape of errors. Each room brings its own routes."""

# Annotations are real here, not text, because ninja reads them.
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from ninja import Field, NinjaAPI, Router, Schema
from ninja.errors import HttpError, Throttled, ValidationError

from amity.engines.past.guard import MAX_ROWS, MAX_SQL, ask_people
from amity.kernel.errors import AmityError, Busy, Forbidden, Invalid, NotFound, NotRunning
from amity.kernel.settings import settings
from amity.rooms.collection.api import list_sources
from amity.rooms.collection.http.plan import router as plan
from amity.rooms.customers.http.accounts import router as accounts
from amity.rooms.customers.http.audiences import router as audiences
from amity.rooms.customers.http.computed import router as computed
from amity.rooms.customers.http.consent import router as consent
from amity.rooms.customers.http.customers import router as customers
from amity.rooms.customers.http.destinations import router as destinations
from amity.rooms.customers.http.export import router as export
from amity.rooms.customers.http.identity import router as identity
from amity.rooms.customers.http.identity_rules import router as identity_rules
from amity.rooms.customers.http.matching import router as matching
from amity.rooms.customers.http.personas import router as personas
from amity.rooms.customers.http.profiles import router as profiles
from amity.rooms.customers.http.segments import router as segments
from amity.rooms.journeys.http.audit import router as audit
from amity.rooms.journeys.http.conformance import router as conformance
from amity.rooms.journeys.http.friction import router as friction
from amity.rooms.journeys.http.funnels import router as funnels
from amity.rooms.journeys.http.incidents import router as incidents
from amity.rooms.journeys.http.maps import router as maps
from amity.rooms.journeys.http.moments import router as moments
from amity.rooms.listening.http.surveys import router as surveys
from amity.rooms.metrics.http.alerts import router as alerts
from amity.rooms.metrics.http.annotations import router as annotations
from amity.rooms.metrics.http.checks import router as checks
from amity.rooms.metrics.http.metrics import router as metrics
from amity.rooms.trust.api import record, requires, token_auth
from amity.rooms.trust.http.erasures import router as erasures
from amity.rooms.trust.http.opendsr import router as opendsr
from amity.rooms.trust.http.regulations import router as regulations
from amity.rooms.trust.http.requests import router as requests
from amity.shell.problem import Problem

_STATUS: dict[type[AmityError], int] = {NotFound: 404, Forbidden: 403, Invalid: 400, NotRunning: 503, Busy: 503}
_CODES = {
    400: "invalid", 401: "unauthorized", 403: "forbidden", 404: "not_found", 405: "method_not_allowed", 422: "invalid",
    429: "too_many_requests",
}  # fmt: skip
_TOO_MUCH = frozenset({"too_slow", "too_large"})

api = NinjaAPI(
    title="Amity",
    version="1",
    description=(
        "Customers and their stories, and SQL over the past. Send `Authorization: Bearer amity_…`; a token belongs to one "
        "workspace and is made in the console or with `amity token create`. Errors are `{code, message}`. A token that asks too "
        "often is answered 429 with `Retry-After` in seconds."
    ),
    docs_url=None,  # its pages load scripts from other hosts; any viewer reads the document
    auth=token_auth,
    urls_namespace="api",
)
api.add_router("/customers", customers)
api.add_router("/accounts", accounts)
api.add_router("/audiences", audiences)
api.add_router("/computed-traits", computed)
api.add_router("/personas", personas)
api.add_router("/segments", segments)
api.add_router("/destinations", destinations)
api.add_router("/metrics", metrics)
api.add_router("/alerts", alerts)
api.add_router("/annotations", annotations)
api.add_router("/checks", checks)
api.add_router("/export", export)
api.add_router("/incidents", incidents)
api.add_router("/journeys/audit", audit)
api.add_router("/journeys/friction", friction)
api.add_router("/journeys/funnels", funnels)
api.add_router("/journeys", conformance)
api.add_router("/journeys", moments)
api.add_router("/journeys", maps)
api.add_router("/plan", plan)
api.add_router("/surveys", surveys)
api.add_router("/erasures", erasures)
api.add_router("/requests", requests)
api.add_router("/opendsr", opendsr)
api.add_router("/regulations", regulations)
api.add_router("", identity)
api.add_router("/identity", identity_rules)
api.add_router("", matching)
api.add_router("", consent)
router = Router()


class SourceOut(Schema):
    """A place that interactions come from."""

    id: int
    name: str
    kind: str
    enabled: bool
    created_at: datetime


class SourcesOut(Schema):
    """All sources of the workspace, oldest first."""

    sources: list[SourceOut]


class Question(Schema):
    """A SELECT over `interactions`."""

    sql: str = Field(min_length=1, max_length=MAX_SQL)
    limit: int = Field(1_000, ge=1, le=MAX_ROWS)


class ColumnOut(Schema):
    """A column with its ClickHouse type."""

    name: str
    type: str


class AnswerOut(Schema):
    """Rows in the order of `columns`. `truncated`: there were more than `limit`. `elapsed` is in seconds."""

    columns: list[ColumnOut]
    rows: list[list[Any]]
    truncated: bool
    elapsed: float


@router.get(
    "/sources", response={200: SourcesOut, 401: Problem, 403: Problem, 429: Problem}, tags=["sources"], summary="List sources"
)
@requires("sources.read")
def get_sources(request: HttpRequest) -> SourcesOut:
    """Return the workspace's sources."""
    found = list_sources(workspace_id=_access(request).workspace_id)
    return SourcesOut(
        sources=[
            SourceOut(id=one.id, name=one.name, kind=one.kind, enabled=one.disabled_at is None, created_at=one.created_at)
            for one in found
        ]
    )


_ASKED = {200: AnswerOut, 400: Problem, 401: Problem, 403: Problem, 422: Problem, 429: Problem, 503: Problem}


@router.post("/query", response=_ASKED, tags=["past"], summary="Ask the past in SQL")
@requires("query.run")
def run_query(request: HttpRequest, question: Question) -> AnswerOut:
    """Answer one read-only SELECT over `interactions`, within the operator's limits of time and memory."""
    access, limits = _access(request), settings()
    try:
        answer = ask_people(
            sql=question.sql,
            workspace_id=access.workspace_id,
            seconds=limits.query_seconds,
            memory=limits.query_memory,
            limit=question.limit,
        )
    except AmityError as error:
        raise Invalid(error.message, code=error.code) if error.code in _TOO_MUCH else error from None
    record(
        access,
        action="query.run",
        target="interactions",
        after={"sql": question.sql[:4_000], "rows": len(answer.rows)},
        request=request,
    )
    columns = [ColumnOut(name=name, type=kind) for name, kind in answer.columns]
    return AnswerOut(columns=columns, rows=answer.rows, truncated=answer.truncated, elapsed=answer.elapsed)


api.add_router("", router)
api.add_router("/customers", profiles)  # last: an identifier may hold whatever other paths look like


@csrf_exempt  # whoever asks with a token has no form to send again
def no_such_path(request: HttpRequest) -> HttpResponse:
    """Answer what lies below `/api/v1/` and is no path of it, in the API's own shape."""
    return JsonResponse({"code": "not_found", "message": f"There is no {request.path}. See /api/v1/openapi.json."}, status=404)


no_such_path.public = "tells only that there is no such path"  # type: ignore[attr-defined]


def _access(request: HttpRequest) -> Any:
    return request.access  # type: ignore[attr-defined]


def _problem(request: HttpRequest, *, status: int, code: str, message: str) -> HttpResponse:
    body: dict[str, Any] = {"code": code, "message": message}
    if request.path.startswith("/api/v1/opendsr/"):  # which has its own shape, and one status for all that is wrong
        status = 400 if status == 422 else status
        body = {
            "error": {"code": status, "message": message, "errors": [{"domain": "Amity", "reason": code, "message": message}]}
        }
    elif request.path.startswith("/api/v1/regulations"):  # Segment's
        body = {"errors": [{"type": code.replace("_", "-"), "message": message}]}
    answer = api.create_response(request, body, status=status)
    if status == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="amity"'
    return answer


@api.exception_handler(AmityError)
def _on_amity(request: HttpRequest, error: AmityError) -> HttpResponse:
    status = next((number for kind, number in _STATUS.items() if isinstance(error, kind)), 0)
    if not status:
        raise error
    return _problem(request, status=status, code=error.code, message=error.message)


@api.exception_handler(Http404)
def _on_404(request: HttpRequest, error: Http404) -> HttpResponse:
    return _problem(request, status=404, code="not_found", message=str(error) or "There is no such thing here.")


@api.exception_handler(HttpError)
def _on_http(request: HttpRequest, error: HttpError) -> HttpResponse:
    said = {401: "Send a token that is in force: Authorization: Bearer amity_…", 429: "This token asks too often."}
    code, message = _CODES.get(error.status_code, "error"), said.get(error.status_code, error.message)
    if not isinstance(error, Throttled):
        return _problem(request, status=error.status_code, code=code, message=message)
    answer = _problem(request, status=429, code=code, message=f"{message} Ask again in {error.wait} s.")
    answer.headers["Retry-After"] = str(error.wait)
    return answer


@api.exception_handler(ValidationError)
def _on_invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    said = "; ".join(
        f"{'.'.join(str(part) for part in one.get('loc', ())[1:])}: {one.get('msg', 'invalid')}" for one in error.errors[:5]
    )
    return _problem(request, status=422, code="invalid", message=said)
