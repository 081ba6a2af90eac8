"""Somebody with a story in the present and the past, and a colleague who answers what they ask."""

from __future__ import annotations

from amity.rooms.trust.contracts import Access
from amity.rooms.trust.models import Person
from amity.rooms.trust.queries.access import find_access
from tests.rooms.customers.people import Place


class Desk:
    """A workspace with Ada in it, and with a privacy officer."""

    def __init__(self, *, role: str = "privacy_officer") -> None:
        self.place = Place(role=role)
        self.workspace = self.place.workspace
        self.client = self.place.client
        self.tag = self.workspace.slug
        self.email = f"ada.{self.tag}@mail.example"
        self.ada = self.place.customer(
            ("email", self.email),
            ("user_id", f"u-{self.tag}"),
            traits={"email": self.email, "name": "Ada <b>Lind</b>", "plan": "=pro"},
        )
        self.old = self.place.customer(("anonymous_id", f"a-{self.tag}"))
        self.place.merge(self.old, self.ada)

    def tell_stories(self) -> None:
        """Write interactions of hers into the past, and one of somebody else's."""
        self.place.tell(self.ada, {"user_id": f"u-{self.tag}", "name": "Order <i>Completed</i>", "properties": {"total": 3}})
        self.place.tell(self.old, {"anonymous_id": f"a-{self.tag}"})
        other = self.place.customer(("user_id", f"ben-{self.tag}"))
        self.place.tell(other, {"user_id": f"ben-{self.tag}", "name": "Bens"})

    @property
    def access(self) -> Access:
        person = Person.objects.get(memberships__workspace=self.workspace, memberships__role="privacy_officer")
        found = find_access(person=person, slug=self.workspace.slug)
        assert found is not None
        return found

    def url(self, rest: str = "") -> str:
        return f"/w/{self.workspace.slug}/requests/{rest}"
