"""What the room holds of a customer: their responses. Surveys are what colleagues wrote."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from amity.kernel.holdings import Record, Store, Subject
from amity.rooms.listening.models import Contact, Invitation, Response, Withheld

STORES = (
    Store(name="listening.responses", title="Answers to surveys", tables=("listening_response",)),
    Store(
        name="listening.contacts", title="When surveys were asked, or kept back", tables=("listening_contact", "listening_withheld", "listening_invitation"),
        derived=True,
    ),
)  # fmt: skip
KEPT: Mapping[str, str] = {
    "listening_rest": "how often colleagues let anybody be asked",
    "listening_survey": "surveys as colleagues write them",
    "listening_version": "surveys as they were published",
    "listening_shown": "how often a survey was opened, by nobody in particular",
}
_PREFIX = "survey-"
_ASKED = (Contact, Withheld, Invitation)


def find(subject: Subject) -> Mapping[str, int]:
    """Return how many records each store holds of the subject."""
    return {
        "listening.responses": _theirs(subject).count(),
        "listening.contacts": sum(table.objects.filter(**_whose(subject)).count() for table in _ASKED),
    }


def export(subject: Subject) -> Iterator[Record]:
    """Give everything that the room holds of the subject."""
    for row in _theirs(subject).select_related("survey").order_by("pk"):
        yield Record(
            store="listening.responses",
            data={
                "survey": row.survey.name, "version": row.version, "response_id": str(row.response_id),
                "language": row.language, "answers": row.answers, "begun_at": row.begun_at, "completed_at": row.completed_at,
            },
        )  # fmt: skip
    for contact in Contact.objects.filter(**_whose(subject)).select_related("survey").order_by("pk"):
        about = {"survey": contact.survey.name, "what": contact.clock, "channel": contact.channel, "at": contact.at}
        yield Record(store="listening.contacts", data=about)
    for kept in Withheld.objects.filter(**_whose(subject)).select_related("survey").order_by("pk"):
        about = {"survey": kept.survey.name, "what": "withheld", "channel": kept.channel, "at": kept.at, "rule": kept.rule}
        yield Record(store="listening.contacts", data=about)
    for letter in Invitation.objects.filter(**_whose(subject)).select_related("survey").order_by("pk"):
        about = {"survey": letter.survey.name, "what": f"invitation {letter.state}", "channel": "email", "at": letter.asked_at}
        yield Record(store="listening.contacts", data=about)


def erase(subject: Subject) -> Mapping[str, int]:
    """Erase all of it."""
    number, _ = _theirs(subject).delete()
    contacts = sum(table.objects.filter(**_whose(subject)).delete()[0] for table in _ASKED)
    return {"listening.responses": number, "listening.contacts": contacts}


def _whose(subject: Subject) -> dict[str, Any]:
    return {"workspace_id": subject.workspace_id, "customer_id__in": subject.customer_ids}


def _theirs(subject: Subject) -> QuerySet[Response]:
    """Return the responses of a customer, and those that were anonymous until something showed whose they are."""
    own = [_uuid(value) for value in subject.values("anonymous_id") if value.startswith(_PREFIX)]
    whose = Q(customer_id__in=subject.customer_ids) | Q(response_id__in=[one for one in own if one is not None])
    return Response.objects.filter(whose, workspace_id=subject.workspace_id)


def _uuid(value: str) -> UUID | None:
    try:
        return UUID(value.removeprefix(_PREFIX))
    except ValueError:
        return None
