"""What holds for one customer now, purpose by purpose, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from amity.kernel.clock import now_ms
from amity.kernel.errors import NotFound
from amity.rooms.customers.models import Activity, Customer, Restriction
from amity.rooms.customers.queries.permission import Chosen, answers_of, chosen
from amity.rooms.customers.rules.choices.decide import Answer, Decision, decide, paused, settled, told
from amity.rooms.customers.rules.choices.policies import Policy, region_from
from amity.rooms.customers.rules.choices.purposes import FREQUENCY, Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is known of a customer's consent at an instant: what the workspace chose, the region's policy, and every answer."""

    chosen: Chosen
    policy: Policy
    answers: Sequence[Answer]
    restricted: bool
    at: int

    def decide(self, purpose: Purpose) -> Decision:
        """Return whether a purpose is allowed."""
        return decide(purpose, self.answers, self.policy, self.at, restricted=self.restricted)

    def settled(self, purpose: Purpose) -> Decision:
        """Return whether a purpose is allowed once no pause is in the way."""
        return settled(purpose, self.answers, self.policy, self.at)

    def told(self, purpose: Purpose) -> list[Answer]:
        """Return every answer that tells of a purpose, the one that counts first."""
        return told(purpose, self.answers, self.at)

    @property
    def pause(self) -> Answer | None:
        """The answer that pauses marketing now."""
        return paused(self.answers, self.at)

    @property
    def frequencies(self) -> Mapping[str, str]:
        """How often a customer wants to hear of each topic, where that was said."""
        said = sorted((one for one in self.answers if one.granted and one.time <= self.at), key=lambda one: one.moment)
        parts = (one.plain_name.split(":") for one in said if one.plain_name.startswith(FREQUENCY))
        return {part[1]: part[2] for part in parts if len(part) == 3}


def standing_of(*, workspace_id: int, customer_id: UUID, at: int | None = None) -> Standing:
    """Return what holds for a customer of today at an instant (ms; default now). Raises NotFound."""
    profile = Customer.objects.filter(workspace_id=workspace_id, id=customer_id).values_list("traits", flat=True).first()
    met = Activity.objects.filter(workspace_id=workspace_id, customer_id=customer_id).values_list("country", flat=True).first()
    if profile is None or met is None:
        raise NotFound("There is no such customer here.")
    known = chosen(workspace_id)
    region = region_from(traits=profile, paths=known.country_traits, country=met, otherwise=known.default_policy)
    answers = answers_of(workspace_id=workspace_id, customer_ids=[customer_id]).get(customer_id, [])
    now = now_ms() if at is None else at
    return Standing(
        chosen=known, policy=known.policies[region], answers=answers, at=now, restricted=_is_restricted(customer_id, now)
    )


def frequencies_of(*, workspace_id: int, customer_ids: Sequence[UUID]) -> dict[UUID, Mapping[str, str]]:
    """Return for customers of today how often each wants to hear of which topic: `always`, `weekly` or `monthly` by topic."""
    known, now = chosen(workspace_id), now_ms()
    policy = known.policies[known.default_policy]
    found = answers_of(workspace_id=workspace_id, customer_ids=customer_ids)
    return {
        one: Standing(chosen=known, policy=policy, answers=answers, at=now, restricted=False).frequencies
        for one, answers in found.items()
    }


def _is_restricted(customer_id: UUID, at: int) -> bool:
    ids = [customer_id, *Customer.objects.filter(merged_into=customer_id).values_list("id", flat=True)]
    rows = Restriction.objects.filter(customer_id__in=ids, since__lte=at)
    return rows.filter(Q(until=None) | Q(until__gt=at)).exists()
