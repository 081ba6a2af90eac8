"""Personas as JSON, below `/api/v1/personas`. The token's workspace is the only one that is ever read."""

# Annotations are real here, not text, because ninja reads them.
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from amity.kernel.clock import from_ms
from amity.rooms.customers.actions.personas.verbs import (
    archive_persona,
    change_persona,
    create_persona,
    quote_customer,
    quote_words,
    remove_quote,
    review_persona,
)
from amity.rooms.customers.http.purposes import PurposeQuery, allowing
from amity.rooms.customers.models import Persona
from amity.rooms.customers.queries.personas.lists import accessible_persona, freshness_of, list_personas
from amity.rooms.customers.queries.personas.numbers import Numbers, numbers_of
from amity.rooms.customers.queries.personas.voices import customers_quoted, quotes_of
from amity.rooms.customers.rules.personas.measures import Interval, Measure
from amity.rooms.customers.rules.personas.portrait import Portrait, read, written
from amity.rooms.trust.api import requires
from amity.shell.problem import Problem

router = Router(tags=["personas"])
_READ = {400: Problem, 401: Problem, 403: Problem, 404: Problem, 422: Problem, 429: Problem, 503: Problem}


class PortraitOut(Schema):
    """What people wrote of a persona."""

    line: str = ""
    about: str = ""
    goals: list[str] = []
    needs: list[str] = []
    frustrations: list[str] = []
    contexts: list[str] = []
    research: str = Field("", description="What it rests on.")
    language: str = Field("", description="That of the text, as a BCP 47 code.")
    initials: str = ""
    tint: int = Field(3, description="Its colour: 3 to 8 of the charts’ categories.")


class PersonaIn(PortraitOut):
    """A new persona. `audience_id` is whom it stands for: an audience or a list; null for nobody yet."""

    name: str
    audience_id: int | None = None


class PersonaChange(Schema):
    """What is to change; what is left out stays. `number` is the version that was read: a later one isn't overwritten."""

    number: int | None = None
    name: str | None = None
    audience_id: int | None = Field(None, description="Null, where it is given, lets the persona stand for nobody.")
    line: str | None = None
    about: str | None = None
    goals: list[str] | None = None
    needs: list[str] | None = None
    frustrations: list[str] | None = None
    contexts: list[str] | None = None
    research: str | None = None
    language: str | None = None
    initials: str | None = None
    tint: int | None = None


class IntervalOut(Schema):
    """An estimate with its 95% interval; null ends are open."""

    value: float
    low: float | None
    high: float | None


class MeasureOut(Schema):
    """A number of the members beside that of everybody else. `apart` is their difference in standard deviations."""

    key: str = Field(
        description="`active`, `value`, `interactions`, `since`, `channel:…`, `stage:…`, or `trait:` and the id of a computed trait."
    )
    kind: str = Field(description="`share` (0 to 1), `number`, `money` (in the workspace’s currency) or `days`.")
    n: int
    members: IntervalOut
    others: float | None
    others_n: int
    apart: IntervalOut | None


class NumbersOut(Schema):
    """What is true of a persona’s members now. `share` is theirs of all customers."""

    size: int
    everybody: int
    share: IntervalOut
    looked_at: int
    measures: list[MeasureOut]


class StandingOut(Schema):
    """Whether it still holds: `never` reviewed, `few` members, `fresh`, `moved`, or `old`. `stayed`: of the members then."""

    state: str
    reviewed_at: datetime | None
    reviewed_by: str
    moved: list[str] = Field(description="Keys of the measures that have moved since the review.")
    stayed: IntervalOut | None


class PersonaLineOut(Schema):
    """A persona in the list. `size` counts its members now; null where it stands for nobody."""

    id: int
    name: str
    line: str
    audience_id: int | None
    size: int | None
    number: int
    updated_at: datetime
    reviewed_at: datetime | None
    archived_at: datetime | None


class PersonasOut(Schema):
    """Personas by name."""

    personas: list[PersonaLineOut]


class PersonaOut(PersonaLineOut):
    """A persona whole, without quotes. `number` is that of its version."""

    told: PortraitOut
    numbers: NumbersOut | None
    standing: StandingOut


class QuoteIn(Schema):
    """A quote: an interaction in which a customer said something, or `words` that were `heard` elsewhere."""

    customer_id: UUID | None = None
    key: UUID | None = Field(None, description="The interaction’s, as a story tells it.")
    time: datetime | None = None
    words: str = ""
    heard: str = ""


class QuoteOut(Schema):
    """A quote. Of an interaction nothing is copied: once it is gone, `words` is empty."""

    id: int
    words: str
    heard: str
    customer_id: UUID | None
    key: UUID | None
    time: datetime | None


class QuotesOut(Schema):
    """Quotes of customers who allow the purpose, and those that were heard elsewhere; `withheld` is how many don't."""

    quotes: list[QuoteOut]
    withheld: int


class QuotedOut(Schema):
    """The number of a new quote."""

    id: int


@router.get("", response={200: PersonasOut, **_READ}, summary="List personas")
@requires("customers.read")
def list_all(request: HttpRequest, *, archived: bool = False) -> PersonasOut:
    """Return all personas in use, or the archived ones."""
    found = list_personas(workspace_id=_workspace(request), archived=archived)
    return PersonasOut(personas=[PersonaLineOut(**_line(one)) for one in found])


@router.post("", response={201: PersonaOut, **_READ}, summary="Make a persona")
@requires("audiences.write")
def create(request: HttpRequest, given: PersonaIn) -> Status[PersonaOut]:
    """Make a persona, tied to an audience or a list so that its size and its numbers are live."""
    made = create_persona(
        _access(request), name=given.name, portrait=_portrait(given.dict(exclude={"name", "audience_id"})),
        audience_id=None if given.audience_id is None else _id(given.audience_id), request=request,
    )  # fmt: skip
    return Status(201, _whole(request, made))


@router.get("/{persona_id}", response={200: PersonaOut, **_READ}, summary="Get a persona")
@requires("customers.read")
def get_one(request: HttpRequest, persona_id: int) -> PersonaOut:
    """Return a persona with its numbers as of now, an archived one too."""
    return _whole(request, _found(request, persona_id))


@router.patch("/{persona_id}", response={200: PersonaOut, **_READ}, summary="Change a persona")
@requires("audiences.write")
def change(request: HttpRequest, persona_id: int, given: PersonaChange) -> PersonaOut:
    """Change a persona; what it was stays as a version."""
    one = _found(request, persona_id)
    said = given.dict(exclude_unset=True)
    number, name, audience = said.pop("number", None), said.pop("name", None), said.pop("audience_id", one.audience_id)
    told = written(read(one.told)) | {key: value for key, value in said.items() if value is not None}
    changed = change_persona(
        _access(request), persona_id=one.pk, name=one.name if name is None else name, portrait=_portrait(told),
        audience_id=None if audience is None else _id(audience), number=number, request=request,
    )  # fmt: skip
    return _whole(request, changed)


@router.delete("/{persona_id}", response={200: PersonaOut, **_READ}, summary="Archive a persona")
@requires("audiences.write")
def archive(request: HttpRequest, persona_id: int) -> PersonaOut:
    """Put a persona away. Nothing of it is deleted."""
    return _whole(request, archive_persona(_access(request), persona_id=_id(persona_id), request=request))


@router.post("/{persona_id}/review", response={200: PersonaOut, **_READ}, summary="Say that a persona holds")
@requires("audiences.write")
def review(request: HttpRequest, persona_id: int) -> PersonaOut:
    """Say that a persona fits its members as they are now; from then on it is told how far they have moved."""
    return _whole(request, review_persona(_access(request), persona_id=_id(persona_id), request=request))


@router.get("/{persona_id}/quotes", response={200: QuotesOut, **_READ}, summary="List a persona’s quotes")
@requires("customers.read")
def list_quotes(request: HttpRequest, persona_id: int, purpose: PurposeQuery = "") -> QuotesOut:
    """Return a persona’s quotes, as far as the customers who said them allow the purpose now."""
    one, workspace = _found(request, persona_id), _workspace(request)
    allowed = allowing(customers_quoted(one.pk, workspace_id=workspace), workspace_id=workspace, purpose=purpose)
    every = quotes_of(one.pk, workspace_id=workspace)
    shown = [voice for voice in every if voice.customer_id is None or voice.customer_id in allowed]
    quotes = [
        QuoteOut(
            id=voice.quote_id, words=voice.words, heard=voice.heard, customer_id=voice.customer_id,
            key=voice.moment.key if voice.moment else None, time=from_ms(voice.moment.time) if voice.moment else None,
        )
        for voice in shown
    ]  # fmt: skip
    return QuotesOut(quotes=quotes, withheld=len(every) - len(shown))


@router.post("/{persona_id}/quotes", response={201: QuotedOut, **_READ}, summary="Quote")
@requires("audiences.write")
def quote(request: HttpRequest, persona_id: int, given: QuoteIn) -> Status[QuotedOut]:
    """Quote what a customer said in an interaction (`customer_id`, `key`, `time`), or words that were heard elsewhere."""
    access = _access(request)
    if given.customer_id is not None and given.key is not None:
        made = quote_customer(
            access, persona_id=_id(persona_id), customer_id=given.customer_id, key=given.key,
            time=0 if given.time is None else round(given.time.timestamp() * 1_000), request=request,
        )  # fmt: skip
    else:
        made = quote_words(access, persona_id=_id(persona_id), words=given.words, heard=given.heard, request=request)
    return Status(201, QuotedOut(id=made.pk))


@router.delete("/{persona_id}/quotes/{quote_id}", response={204: None, **_READ}, summary="Take a quote away")
@requires("audiences.write")
def unquote(request: HttpRequest, persona_id: int, quote_id: int) -> Status[None]:
    """Take a quote away; what the customer said stays in their story."""
    remove_quote(_access(request), persona_id=_id(persona_id), quote_id=_id(quote_id), request=request)
    return Status(204, None)


def _access(request: HttpRequest) -> Any:
    return request.access  # type: ignore[attr-defined]


def _workspace(request: HttpRequest) -> int:
    return int(_access(request).workspace_id)


def _id(number: int) -> int:
    """Return an id within what the database's columns hold; nothing has one beyond."""
    return number if 0 < number < 2**63 else 0


def _found(request: HttpRequest, persona_id: int) -> Persona:
    return accessible_persona(workspace_id=_workspace(request), persona_id=_id(persona_id))


def _portrait(given: dict[str, Any]) -> Portrait:
    lists = {name: tuple(given[name]) for name in ("goals", "needs", "frustrations", "contexts")}
    return Portrait(**{**given, **lists})


def _line(one: Persona) -> dict[str, Any]:
    return {
        "id": one.pk,
        "name": one.name,
        "line": read(one.told).line,
        "audience_id": one.audience_id,
        "size": one.audience.size if one.audience else None,
        "number": one.number,
        "updated_at": from_ms(one.updated_at),
        "reviewed_at": None if one.reviewed_at is None else from_ms(one.reviewed_at),
        "archived_at": None if one.archived_at is None else from_ms(one.archived_at),
    }


def _whole(request: HttpRequest, one: Persona) -> PersonaOut:
    numbers = numbers_of(one.audience, currency=_access(request).workspace.currency) if one.audience else None
    fresh = freshness_of(one, numbers)
    standing = StandingOut(
        state=fresh.state, reviewed_at=None if one.reviewed_at is None else from_ms(one.reviewed_at), reviewed_by=one.reviewed_by,
        moved=[moved.key for moved in fresh.moved], stayed=_interval(fresh.stayed) if fresh.stayed else None,
    )  # fmt: skip
    line = _line(one) | ({"size": numbers.size} if numbers else {})
    return PersonaOut(
        **line, told=PortraitOut(**written(read(one.told))), numbers=_numbers(numbers) if numbers else None, standing=standing
    )


def _numbers(numbers: Numbers) -> NumbersOut:
    return NumbersOut(
        size=numbers.size, everybody=numbers.everybody, share=_interval(numbers.share), looked_at=numbers.looked_at,
        measures=[_measure(one) for one in numbers.all],
    )  # fmt: skip


def _measure(one: Measure) -> MeasureOut:
    return MeasureOut(
        key=one.key, kind=one.kind, n=one.summary.n, members=_interval(one.interval),
        others=one.rest.mean if one.rest.n else None, others_n=one.rest.n, apart=_interval(one.apart) if one.apart else None,
    )  # fmt: skip


def _interval(of: Interval) -> IntervalOut:
    from math import isfinite

    return IntervalOut(value=of.value, low=of.low if isfinite(of.low) else None, high=of.high if isfinite(of.high) else None)
