"""A small made-up town: people with names, addresses and dates of birth, of whom some stand twice, once misspelt."""

from __future__ import annotations

import random
from uuid import UUID

from amity.kernel.ids import new_id
from amity.rooms.customers.models import Activity, Customer
from amity.rooms.trust.contracts import Access, Actor
from amity.rooms.trust.queries.access import get_workspace_by_id

_GIVEN = (
    "Ana Bruno Clara David Elena Farid Greta Hugo Ines Jonas Karim Lena Marta Nils Olga Pedro Rosa Samir Tereza Ugo Vera Wim Yara Zoe "
    "Anton Beatriz Cesar Dora Emil Fatima"
)
_FAMILY = (
    "Almeida Berger Costa Dietrich Eriksen Ferreira Gruber Haddad Ivanova Jansen Kowalski Lindqvist Moreau Novak Oliveira Pereira "
    "Quintana Rossi Schneider Teixeira Ulrich Vasquez Weber Xavier Yilmaz Zeman Andersen Bianchi Carvalho Dubois"
)
_STREETS = "Acacia Birch Cedar Dogwood Elm Fir Ginkgo Hazel Ivy Juniper"
_TOWNS = "Porto Bremen Graz Aarhus Lyon Brno"


def access(workspace: int, *permissions: str) -> Access:
    return Access(
        workspace=get_workspace_by_id(workspace),
        actor=Actor(kind="person", id="7", name="Nadia Okafor"),
        role="owner",
        permissions=frozenset(permissions or ("identity.write", "customers.read")),
    )


def person(chance: random.Random) -> dict[str, str]:
    given, family = chance.choice(_GIVEN.split()), chance.choice(_FAMILY.split())
    return {
        "first_name": given,
        "last_name": family,
        "birthday": f"{chance.randint(1940, 2005)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
        "street": f"{chance.randint(1, 90)} {chance.choice(_STREETS.split())} Street",
        "city": chance.choice(_TOWNS.split()),
        "postcode": str(chance.randint(1000, 1200)),
    }


def misspelt(one: dict[str, str], chance: random.Random) -> dict[str, str]:
    """The same person as another form knows them: a letter dropped, and one thing not told."""
    name = chance.choice(("first_name", "last_name"))
    at = chance.randrange(1, len(one[name]))
    other = one | {name: one[name][:at] + one[name][at + 1 :]}
    del other[chance.choice(("street", "city", "postcode"))]
    return other


def made(workspace: int, traits: dict[str, str], *, id_: UUID | None = None) -> Customer:
    row = Customer.objects.create(id=id_ or new_id(), workspace_id=workspace, created_at=0, traits=traits)
    Activity.objects.create(customer_id=row.pk, workspace_id=workspace)
    return row


def town(workspace: int, *, people: int = 150, twice: int = 40) -> list[tuple[Customer, Customer]]:
    """Make customers, and return the pairs that are one person."""
    chance = random.Random(5)
    known = [person(chance) for _ in range(people)]
    first = [made(workspace, one) for one in known]
    return [(first[n], made(workspace, misspelt(known[n], chance))) for n in range(twice)]
