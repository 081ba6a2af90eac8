"""Decisions about who is who, as JSON: the ledger, joining by hand, keeping apart, and taking joins back."""

# Annotations are real here, not text, because ninja reads them.
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from amity.kernel.clock import from_ms
from amity.rooms.customers.actions.people import LONGEST_REASON, MOST_AT_ONCE, keep_apart, merge_customers
from amity.rooms.customers.actions.unmerge.ask import ask_unmerge, stop_unmerge
from amity.rooms.customers.http.customers import instant
from amity.rooms.customers.models import UnmergeRun
from amity.rooms.customers.queries.ledger import Entry, get_entries
from amity.rooms.customers.queries.merges import Wanted, count_matching, get_run
from amity.rooms.customers.queries.profiles import get_customer
from amity.rooms.trust.api import requires
from amity.rooms.trust.contracts import Access
from amity.shell.problem import Problem

router = Router(tags=["identity"])
_PROBLEMS = {400: Problem, 401: Problem, 403: Problem, 404: Problem, 422: Problem, 429: Problem, 503: Problem}


class IdentOut(Schema):
    """An identifier."""

    kind: str
    value: str


class EntryOut(Schema):
    """One decision. `rule` is a join's rule, or why an identifier was left out; `key` is the interaction that decided."""

    what: Literal["created", "added", "joined", "taken_back", "left_out", "kept_apart"]
    at: datetime
    rule: str
    source_id: int
    key: UUID | None
    identifiers: list[IdentOut]
    evidence: list[IdentOut]
    other: UUID | None
    person: str
    reason: str
    merge_id: int | None


class LedgerOut(Schema):
    """Decisions about one customer, newest first."""

    customer_id: UUID
    entries: list[EntryOut]
    total: int
    next: int | None = Field(description="Give it as `after` to get older ones; null at the beginning.")


class JoinIn(Schema):
    """Customers that are one person."""

    customer_ids: list[UUID] = Field(min_length=2, max_length=MOST_AT_ONCE)
    reason: str = Field("", max_length=LONGEST_REASON)


class JoinOut(Schema):
    """The customer that they are now."""

    customer_id: UUID


class ApartIn(Schema):
    """Two customers that are different people."""

    first_id: UUID
    second_id: UUID
    reason: str = Field("", max_length=LONGEST_REASON)


class ApartOut(Schema):
    """The rule that keeps them apart."""

    id: int


class UnmergeIn(Schema):
    """Which joins to take back; what is left out lets everything through. `dry_run` only counts."""

    merge_id: int | None = Field(None, ge=1, le=2**62)
    rule: Literal["", "shared_identifiers", "alias", "people"] = ""
    kind: str = Field("", max_length=40)
    value: str = Field("", max_length=300, description="An identifier that the deciding interaction carried.")
    source_id: int | None = Field(None, ge=0, le=2**62)
    since: datetime | None = None
    until: datetime | None = None
    reason: str = Field("", max_length=LONGEST_REASON)
    dry_run: bool = False


class UnmergeOut(Schema):
    """How taking joins back goes. Of a dry run only `merges` and `customers` are told, and `id` is null."""

    id: int | None
    merges: int
    customers: int | None = None
    done: int = 0
    moved: int = Field(0, description="Interactions that were given to another customer so far.")
    finished_at: datetime | None = None
    stopped: bool = False


@router.get(
    "/customers/{customer_id}/ledger", response={200: LedgerOut, **_PROBLEMS}, summary="Read how a customer came to be one"
)
@requires("customers.read")
def get_ledger(
    request: HttpRequest,
    customer_id: UUID,
    after: Annotated[int, Query(ge=0, le=1_000_000, description="`next` of an earlier answer.")] = 0,
    limit: Annotated[int, Query(ge=1, le=200, description="How many at once.")] = 50,
) -> LedgerOut:
    """Return what was added, joined, left out and kept apart, with the evidence."""
    access = _access(request)
    customer = get_customer(workspace_id=access.workspace_id, customer_id=customer_id)
    page = get_entries(workspace_id=access.workspace_id, customer_id=customer.id, after=after, limit=limit)
    return LedgerOut(customer_id=customer.id, entries=[_entry(one) for one in page.entries], total=page.total, next=page.after)


@router.post("/merges", response={201: JoinOut, **_PROBLEMS}, summary="Join customers")
@requires("identity.write")
def join(request: HttpRequest, wanted: JoinIn) -> Status[JoinOut]:
    """Make customers one because a person says so, whatever the limits. The oldest one's id stays."""
    into = merge_customers(_access(request), customer_ids=wanted.customer_ids, reason=wanted.reason, request=request)
    return Status(201, JoinOut(customer_id=into))


@router.post("/apart", response={201: ApartOut, **_PROBLEMS}, summary="Keep two customers apart")
@requires("identity.write")
def apart(request: HttpRequest, wanted: ApartIn) -> Status[ApartOut]:
    """Let no evidence join two customers from now on."""
    made = keep_apart(
        _access(request), first_id=wanted.first_id, second_id=wanted.second_id, reason=wanted.reason, request=request
    )
    return Status(201, ApartOut(id=made))


@router.post("/unmerges", response={200: UnmergeOut, 202: UnmergeOut, **_PROBLEMS}, summary="Take joins back")
@requires("identity.write")
def unmerge(request: HttpRequest, wanted: UnmergeIn) -> Status[UnmergeOut]:
    """Take back one join, or all that match; a worker does it. Those customers are kept apart from then on."""
    access = _access(request)
    which = Wanted(
        merge=wanted.merge_id,
        rule=wanted.rule,
        kind=wanted.kind,
        value=wanted.value,
        source=wanted.source_id,
        since=instant(wanted.since),
        until=instant(wanted.until),
    )
    if wanted.dry_run:
        found = count_matching(workspace_id=access.workspace_id, wanted=which)
        return Status(200, UnmergeOut(id=None, merges=found.merges, customers=found.customers, moved=0))
    return Status(202, _run(ask_unmerge(access, wanted=which, reason=wanted.reason, request=request)))


@router.get("/unmerges/{int:run_id}", response={200: UnmergeOut, **_PROBLEMS}, summary="See how taking joins back goes")
@requires("identity.write")
def get_unmerge(request: HttpRequest, run_id: int) -> UnmergeOut:
    """Return how far it is."""
    return _run(get_run(workspace_id=_access(request).workspace_id, run_id=run_id))


@router.delete("/unmerges/{int:run_id}", response={200: UnmergeOut, **_PROBLEMS}, summary="Stop taking joins back")
@requires("identity.write")
def stop(request: HttpRequest, run_id: int) -> UnmergeOut:
    """Let what still waits stay joined; what was taken back stays so."""
    access = _access(request)
    stop_unmerge(access, run_id=run_id, request=request)
    return _run(get_run(workspace_id=access.workspace_id, run_id=run_id))


def _access(request: HttpRequest) -> Access:
    return request.access  # type: ignore[attr-defined,no-any-return]


def _run(run: UnmergeRun) -> UnmergeOut:
    return UnmergeOut(
        id=run.pk,
        merges=run.total,
        done=run.done,
        moved=run.moved,
        finished_at=None if run.finished_at is None else from_ms(run.finished_at),
        stopped=run.stopped,
    )


def _entry(one: Entry) -> EntryOut:
    same = ("what", "rule", "source_id", "key", "other", "person", "reason", "merge_id")
    return EntryOut(
        **{name: getattr(one, name) for name in same},
        at=from_ms(one.at),
        identifiers=[IdentOut(kind=kind, value=value) for kind, value in one.identifiers],
        evidence=[IdentOut(kind=kind, value=value) for kind, value in one.evidence],
    )
