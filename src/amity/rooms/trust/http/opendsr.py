"""OpenDSR 2.0: how data controllers' systems pass requests on, below `/api/v1/opendsr`.

What the specification says of signatures and callbacks isn't here: answers carry no signature, since a signature asks for a
certificate that an authority issued to the organisation; whoever wants to know the status asks.
"""

# Annotations are real here, not text, because ninja reads them.
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import urlsplit
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, Router, Schema, Status

from amity.kernel.errors import Invalid
from amity.kernel.settings import settings
from amity.rooms.trust.actions.rights.opendsr import IDENTITIES, TYPES, pass_on, status_of, withdraw
from amity.rooms.trust.api import requires
from amity.rooms.trust.contracts import Access
from amity.rooms.trust.models import RightsArchive, RightsRequest
from amity.rooms.trust.queries.rights import get_by_outside_id

router = Router(tags=["OpenDSR"])
VERSION = "2.0"
IdentityType = Literal[
    "email", "controller_customer_id", "android_advertising_id", "android_id", "fire_advertising_id", "ios_advertising_id",
    "ios_vendor_id", "microsoft_advertising_id", "microsoft_publisher_id", "roku_publisher_id", "roku_advertising_id",
]  # fmt: skip


class ErrorDetail(Schema):
    """One thing that is wrong."""

    domain: str
    reason: str
    message: str


class ErrorObject(Schema):
    """What went wrong; `code` is the HTTP status."""

    code: int
    message: str
    errors: list[ErrorDetail]


class DsrProblem(Schema):
    """What every error below `/opendsr` looks like."""

    error: ErrorObject


_PROBLEMS = dict.fromkeys((400, 401, 403, 404, 429, 503), DsrProblem)


class Identity(Schema):
    """By which identity somebody is known."""

    identity_type: IdentityType
    identity_value: str = Field(min_length=1, max_length=300)
    identity_format: Literal["raw", "sha1", "md5", "sha256"]


class SupportedIdentity(Schema):
    """An identity that is understood."""

    identity_type: str
    identity_format: str


class DiscoveryOut(Schema):
    """What is supported. There is no certificate: answers aren't signed."""

    api_version: str
    supported_identities: list[SupportedIdentity]
    supported_subject_request_types: list[str]
    processor_certificate: str | None = None


class DsrIn(Schema):
    """A request that a controller passes on. Callback URLs are accepted and not called; ask for the status."""

    regulation: Literal["gdpr", "ccpa"]
    subject_request_id: UUID
    subject_request_type: Literal["access", "portability", "erasure"]
    submitted_time: datetime
    subject_identities: list[Identity] = Field(min_length=1, max_length=20)
    api_version: str = Field(VERSION, max_length=10)
    status_callback_urls: list[str] = Field([], max_length=20)
    extensions: dict[str, Any] | None = None


class DsrOut(Schema):
    """That a request was received."""

    controller_id: str
    expected_completion_time: datetime
    received_time: datetime
    encoded_request: str
    subject_request_id: UUID


class DsrStatusOut(Schema):
    """How a request stands. `results_url` needs the same token."""

    controller_id: str
    expected_completion_time: datetime
    subject_request_id: UUID
    request_status: Literal["pending", "in_progress", "completed", "cancelled"]
    api_version: str
    results_url: str | None
    results_count: int | None


class DsrCancelOut(Schema):
    """That a request is cancelled."""

    controller_id: str
    received_time: datetime
    subject_request_id: UUID
    api_version: str


@router.get("/discovery", response={200: DiscoveryOut, **_PROBLEMS}, summary="Tell what of OpenDSR is supported")
@requires("rights.enter")
def discovery(request: HttpRequest, response: HttpResponse) -> DiscoveryOut:  # noqa: ARG001
    """Return the kinds of requests and identities that are understood."""
    _domain(response)
    return DiscoveryOut(
        api_version=VERSION,
        supported_identities=[SupportedIdentity(identity_type=one, identity_format="raw") for one in IDENTITIES],
        supported_subject_request_types=list(TYPES),
    )


@router.post("/requests", response={201: DsrOut, **_PROBLEMS}, summary="Pass a request on, as OpenDSR 2.0 has it")
@requires("rights.enter")
def create_dsr(request: HttpRequest, response: HttpResponse, wanted: DsrIn) -> Status[DsrOut]:
    """Take a request from a controller, who has made sure of the person. A token that may carry requests out has it done at once.

    The same `subject_request_id` again is the same request.
    """
    access = _access(request)
    if any(one.identity_format != "raw" for one in wanted.subject_identities):
        raise Invalid("Only identities of the format raw are supported; see /discovery.")
    told = wanted.submitted_time
    row = pass_on(
        access,
        subject_request_id=wanted.subject_request_id,
        kind=wanted.subject_request_type,
        law=wanted.regulation,
        identities=[(one.identity_type, one.identity_value) for one in wanted.subject_identities],
        submitted=told if told.tzinfo else told.replace(tzinfo=UTC),
        request=request,
    )
    _domain(response)
    return Status(
        201,
        DsrOut(
            controller_id=access.workspace_slug,
            expected_completion_time=row.due_at,
            received_time=timezone.now(),
            encoded_request=b64encode(request.body).decode(),
            subject_request_id=wanted.subject_request_id,
        ),
    )


@router.get(
    "/requests/{subject_request_id}", response={200: DsrStatusOut, **_PROBLEMS}, summary="See how a passed-on request stands"
)
@requires("rights.enter")
def get_dsr(request: HttpRequest, response: HttpResponse, subject_request_id: UUID) -> DsrStatusOut:
    """Return the status."""
    access = _access(request)
    row = get_by_outside_id(access.workspace_id, str(subject_request_id), via="opendsr")
    archive: RightsArchive | None = getattr(row, "archive", None)
    made = archive if archive is not None and archive.made_at is not None else None
    _domain(response)
    return DsrStatusOut(
        controller_id=access.workspace_slug,
        expected_completion_time=row.due_at,
        subject_request_id=subject_request_id,
        request_status=status_of(row),
        api_version=VERSION,
        results_url=_results(row) if made else None,
        results_count=sum(made.counts.values()) if made else None,
    )


@router.delete("/requests/{subject_request_id}", response={202: DsrCancelOut, **_PROBLEMS}, summary="Cancel a passed-on request")
@requires("rights.enter")
def cancel_dsr(request: HttpRequest, response: HttpResponse, subject_request_id: UUID) -> Status[DsrCancelOut]:
    """Cancel a request that is pending; what has begun can't be called back."""
    access = _access(request)
    row = get_by_outside_id(access.workspace_id, str(subject_request_id), via="opendsr")
    withdraw(access, request_id=row.pk, request=request)
    _domain(response)
    return Status(
        202,
        DsrCancelOut(
            controller_id=access.workspace_slug,
            received_time=timezone.now(),
            subject_request_id=subject_request_id,
            api_version=VERSION,
        ),
    )


def _access(request: HttpRequest) -> Access:
    return request.access  # type: ignore[attr-defined,no-any-return]


def _domain(response: HttpResponse) -> None:
    response.headers["X-OpenDSR-Processor-Domain"] = urlsplit(settings().public_console).hostname or ""


def _results(row: RightsRequest) -> str:
    return f"{settings().public_console}/api/v1/requests/{row.pk}/archive.zip"
