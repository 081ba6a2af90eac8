"""Consent as JSON: links into the preference centre."""

# Annotations are real here, not text, because ninja reads them.
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from amity.kernel.clock import from_ms
from amity.rooms.customers.actions.consent.links import DEFAULT_SCOPE, MOST_DAYS, make_link
from amity.rooms.trust.api import requires
from amity.shell.problem import Problem

router = Router(tags=["consent"])
_PROBLEMS = {400: Problem, 401: Problem, 403: Problem, 404: Problem, 422: Problem, 429: Problem, 503: Problem}


class LinkIn(Schema):
    """How long the link lasts, and what one click on “unsubscribe” ends."""

    days: int | None = Field(None, ge=1, le=MOST_DAYS, description="Without it, as many as the workspace chose.")
    unsubscribes: str = Field(
        DEFAULT_SCOPE, max_length=120, description="A purpose (`marketing_email`) or a topic (`topic:news`)."
    )


class LinkOut(Schema):
    """A link into the preference centre. `headers` go into the e-mail that carries it (RFC 8058)."""

    customer_id: UUID
    url: str
    unsubscribe_url: str
    ends_at: datetime
    headers: dict[str, str]


@router.post(
    "/customers/{customer_id}/choices/link", response={201: LinkOut, **_PROBLEMS}, summary="Make a link to a customer's choices"
)
@requires("customers.write")
def post_link(request: HttpRequest, customer_id: UUID, wanted: LinkIn) -> Status[LinkOut]:
    """Return a link with which its holder sees and changes what the customer allows, without signing in."""
    made = make_link(
        request.access,  # type: ignore[attr-defined]
        customer_id=customer_id,
        days=wanted.days,
        scope=wanted.unsubscribes,
        request=request,
    )
    out = LinkOut(
        customer_id=made.customer_id, url=made.url, unsubscribe_url=made.one_click, ends_at=from_ms(made.ends_at),
        headers=made.headers,
    )  # fmt: skip
    return Status(201, out)
