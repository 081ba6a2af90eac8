"""Interactions as a shop, its app and its back office send them: visits of known and new people, in order of time.

The same seed gives the same story. One visit is one person's, on one source: some steps with the same device, page after page;
a sixth of the visits sign in and tell traits; a few are campaign clicks; one interaction in 200 is sent twice.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from amity.facts.envelope import Envelope, encode_envelope, join_envelope, pack
from amity.facts.interaction import EMPTY, Interaction
from amity.facts.usual import Head
from amity.kernel.clock import from_ms

NAMES = (
    "Product Viewed", "Product Viewed", "Products Searched", "Product Added", "Checkout Started", "Order Completed",
    "Product List Viewed", "Payment Declined", "Coupon Entered", "Email Opened", "Survey Answered",
)  # fmt: skip
AGENTS = tuple(
    f"Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version}.0.0.0 Safari/537.36"
    for system in (
        "Windows NT 10.0; Win64; x64",
        "Macintosh; Intel Mac OS X 10_15_7",
        "Linux; Android 15; Pixel 9",
        "X11; Linux x86_64",
    )
    for version in range(130, 143)
)
CITIES = ("Berlin", "Lisboa", "Kraków", "Oslo", "Accra", "Osaka", "Roma", "Hà Nội")
CAMPAIGNS = (("mail", "email", "spring"), ("google", "cpc", "brand"), ("partner", "affiliate", "blog"))
FIRST = ("Ada", "Bob", "Cleo", "Dan", "Eva", "Finn", "Gus", "Hana", "Ivo", "Jana", "Kai", "Lea", "Max", "Nina")
LAST = ("Lovelace", "Müller", "García", "Smith", "Nguyen", "Kowalski", "Rossi", "Jensen", "Okafor", "Tanaka")
encode = msgspec.json.encode


@dataclass
class Mix:
    """An endless story. `sources` are (web, app, server); `people` grows by `fresh` of all visits being someone's first."""

    workspace: int
    sources: tuple[int, int, int]
    start: int
    people: int = 20_000
    fresh: float = 0.2
    seed: int = 1
    pace: int = 40  # ms of the story between two interactions
    whole: bool = False  # envelopes hold requests as they came, a few events each
    made: int = 0
    _last: list[Interaction] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.at = self.start
        self._steps = self._visits()

    def take(self, number: int) -> list[Interaction]:
        """Return the next interactions."""
        return [next(self._steps) for _ in range(number)]

    def bodies(self, number: int, *, each: int = 1_500) -> list[bytes]:
        """Return the next interactions as envelopes of the log."""
        some = [self.take(min(each, number - start)) for start in range(0, number, each)]
        return [_in_requests(one) if self.whole else encode_envelope(Envelope(interactions=tuple(one))) for one in some]

    def _visits(self) -> Iterator[Interaction]:
        """Some visits go on side by side, so that one person's steps have others' between them."""
        open_visits: list[Iterator[Interaction]] = []
        while True:
            while len(open_visits) < 40:
                open_visits.append(self._visit())
            slot = self.dice.randrange(len(open_visits))
            one = next(open_visits[slot], None)
            if one is None:
                open_visits[slot] = self._visit()
                continue
            yield one
            self._last = [*self._last[-50:], one]
            if self.dice.random() < 0.005:
                yield self.dice.choice(self._last)

    def _visit(self) -> Iterator[Interaction]:
        dice = self.dice
        new = dice.random() < self.fresh
        if new:
            self.people += 1
        person = self.people if new else int(self.people * dice.random() ** 1.7)
        where = dice.choices((0, 1, 2), (6, 3, 1))[0]
        yield from (self._web, self._app, self._server)[where](person)

    def _web(self, person: int) -> Iterator[Interaction]:
        dice = self.dice
        agent, signed_in = AGENTS[person % len(AGENTS)], person % 3 == 0
        ids = {"anonymous_id": f"9b1deb4d-3b7d-4bad-9bdd-{person:012x}", "user_id": f"user-{person}" if signed_in else None}
        base = {
            "library": {"name": "analytics.js", "version": "next-1.84.3"}, "locale": "de-DE", "timezone": "Europe/Berlin",
            "consent": {"categoryPreferences": {"analytics": True, "marketing": person % 4 > 0}}, "userAgent": agent,
        }  # fmt: skip
        if dice.random() < 0.1:
            base["campaign"] = dict(zip(("source", "medium", "name"), dice.choice(CAMPAIGNS), strict=True))
        for step in range(dice.randint(1, 9)):
            path = f"/products/{dice.randrange(300)}"
            page = {"path": path, "url": f"https://shop.example{path}", "referrer": "https://search.example/", "title": "A thing"}
            context = {**base, "page": page}
            if step % 3 == 0:
                yield self._one(0, "page", "Product", context=context, user_agent=agent, properties=page, **ids)
            else:
                yield self._track(0, context=context, user_agent=agent, **ids)
        if dice.random() < 0.17:
            ids["user_id"] = f"user-{person}"
            yield self._one(0, "identify", "", context=context, user_agent=agent, traits=self._traits(person), **ids)

    def _app(self, person: int) -> Iterator[Interaction]:
        context = {
            "library": {"name": "analytics-ios", "version": "4.1.8"}, "app": {"name": "Shop", "version": "5.3.1"},
            "device": {"id": f"device-{person}", "type": "ios", "model": "iPhone17,2", "manufacturer": "Apple"},
            "os": {"name": "iOS", "version": "19.1"}, "network": {"wifi": True, "cellular": False}, "locale": "pt-PT",
        }  # fmt: skip
        ids = {"anonymous_id": f"app-{person}", "user_id": f"user-{person}" if person % 2 else None}
        for step in range(self.dice.randint(1, 7)):
            if step % 2:
                yield self._track(1, context=context, user_agent="okhttp/4", **ids)
            else:
                yield self._one(
                    1, "screen", ("Home", "Basket", "Account")[step % 3], context=context, user_agent="okhttp/4", **ids
                )

    def _server(self, person: int) -> Iterator[Interaction]:
        yield self._one(
            2, "track", self.dice.choice(("Email Delivered", "Order Shipped", "Ticket Opened")), user_id=f"user-{person}",
            properties={"order_id": f"o-{self.made}", "carrier": "post", "parcels": 1}, context={"channel": "email"},
        )  # fmt: skip

    def _track(self, source: int, **more) -> Interaction:
        dice = self.dice
        name = dice.choice(NAMES)
        properties = {
            "product_id": f"p-{dice.randrange(300)}",
            "price": dice.randrange(900) / 10,
            "currency": "EUR",
            "quantity": 2,
        }
        if name == "Order Completed":
            item = {"sku": "a", "name": "A thing", "price": 12.5, "quantity": 1}
            properties = {
                "order_id": f"o-{self.made}",
                "total": dice.randrange(900) / 10,
                "currency": "EUR",
                "products": [item] * 3,
            }
        return self._one(source, "track", name, properties=properties, **more)

    def _traits(self, person: int) -> dict[str, object]:
        return {
            "email": f"user{person}@example.com", "name": f"{FIRST[person % 14]} {LAST[person % 10]}", "plan": "pro",
            "address": {"city": CITIES[person % 8], "country": "DE"}, "seats": self.dice.randrange(9),
        }  # fmt: skip

    def _one(self, source: int, kind: str, name: str, *, context, **more) -> Interaction:
        self.made += 1
        self.at += self.dice.randrange(2 * self.pace)
        return Interaction(
            workspace=self.workspace,
            source=self.sources[source],
            message_id=f"ajs-next-{self.at}-{self.dice.getrandbits(96):024x}",
            kind=kind,
            name=name,
            time=self.at,
            received_at=self.at + 150,
            sent_at=self.at + 100,
            properties=msgspec.Raw(encode(more.pop("properties", {}))),
            traits=msgspec.Raw(encode(more.pop("traits", {}))),
            context=msgspec.Raw(encode(context)),
            ip="203.0.113.7",
            **more,
        )


def _in_requests(some: list[Interaction]) -> bytes:
    """Return an envelope of the requests that these may have come in: one for each device, out of each hundred."""
    requests: dict[tuple[object, ...], list[Interaction]] = {}
    for number, one in enumerate(some):
        requests.setdefault((number // 100, one.source, one.user_agent, one.user_id, one.anonymous_id), []).append(one)
    packed = []
    for found in requests.values():
        one = found[0]
        head = Head(
            one.workspace,
            one.source,
            one.dialect,
            None,
            one.ip,
            one.user_agent,
            gpc=False,
            server=not one.user_agent,
            anonymise_ip=False,
        )
        body = {"batch": [_event(each) for each in found], "sentAt": _iso(found[-1].received_at), "writeKey": "bench"}
        packed.append((pack(head, received_at=found[-1].received_at), encode(body)))
    return join_envelope(requests=packed)


def _event(one: Interaction) -> dict[str, object]:
    said = {"userId": one.user_id, "anonymousId": one.anonymous_id, "event" if one.kind == "track" else "name": one.name}
    parts = {"properties": one.properties, "traits": one.traits, "context": one.context}
    return (
        {"type": one.kind, "messageId": one.message_id, "timestamp": _iso(one.time)}
        | {name: value for name, value in said.items() if value}
        | {name: value for name, value in parts.items() if bytes(value) != bytes(EMPTY)}
    )


def _iso(instant: int) -> str:
    return from_ms(instant).isoformat(timespec="milliseconds").replace("+00:00", "Z")
