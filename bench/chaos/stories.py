"""What clients tell: visits, sign-ins, orders, merges, late and broken events, as a few companies' systems would send them mixed."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

Event = dict[str, Any]
Fate = Literal["kept", "edge", "pipeline"]

ACTIVE = 30  # people who come and go at one time
MOVES_ON = 12  # batches after which one of them is replaced by somebody new
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"


@dataclass(frozen=True, slots=True)
class Told:
    """An event, and what has to become of it: kept, or quarantined by the edge or by the pipeline."""

    event: Event
    fate: Fate = "kept"

    @property
    def message_id(self) -> str:
        return str(self.event["messageId"])


class Storyteller:
    """What one client sends, batch by batch. The same seed and name tell the same stories, at other times."""

    def __init__(self, *, name: str, seed: int, clock: timedelta = timedelta(), rivals: bool = True) -> None:
        self.name, self.clock = name, clock
        self.dice = random.Random(f"stories {seed} {name}")
        self.batches = self.events = 0
        self.told: list[list[Told]] = []
        self.stories: list[tuple[Callable[[], list[Told]], float]] = [
            (self.visit, 24),
            (self.sign_in, 12),
            (self.order, 12),
            (self.serve, 10),
            (self.app, 8),
            (self.late, 6),
            (self.shuffled, 6),
            (self.consent, 5),
            (self.shared_device, 4),
            (self.alias, 3),
            (self.group, 3),
            (self.told_by_mail, 3),
            (self.message, 3),
            (self.broken, 4),
            (self.nobody, 2),
            (self.again, 4),
            (self.twin, 2),
            (self.rival, 2 if rivals else 0),
        ]

    def now(self) -> datetime:
        """The client's clock, which may be wrong."""
        return datetime.now(UTC) + self.clock

    def batch(self) -> list[Told]:
        """Return the next batch: one to three stories."""
        self.batches += 1
        [many] = self.dice.choices((1, 2, 3), (6, 3, 1))
        chosen = self.dice.choices([s for s, _ in self.stories], [w for _, w in self.stories], k=many)
        told = [one for story in chosen for one in story()]
        if len(self.told) < 40 or self.dice.random() < 0.2:
            self.told = [*self.told[-39:], told]
        return told

    # Who

    def person(self) -> int:
        return self.batches // MOVES_ON + self.dice.randrange(ACTIVE)

    def browser(self, person: int) -> str:
        return f"browser-{person}-{self.dice.randrange(3)}"

    # What

    def event(self, kind: str, *, name: str = "", ago: float = 0.0, **fields: Any) -> Event:
        self.events += 1
        event = {
            "type": kind,
            "messageId": f"{self.name}-{self.events}",
            "timestamp": (self.now() - timedelta(seconds=ago)).isoformat(timespec="milliseconds"),
            "context": {"library": {"name": "analytics.js", "version": "2.11"}, "userAgent": AGENT, **fields.pop("context", {})},
            **fields,
        }
        if name:
            event["event" if kind == "track" else "name"] = name
        return event

    def visit(self) -> list[Told]:
        person = self.person()
        browser, who = self.browser(person), ({} if self.dice.random() < 0.6 else {"userId": f"user-{person}"})
        campaign = {"campaign": {"source": "mail", "medium": "email", "name": f"week-{self.dice.randrange(4)}"}}
        pages = []
        for n in range(self.dice.randint(1, 4)):
            page = {"page": {"url": f"https://shop.example/p/{n}", "path": f"/p/{n}", "referrer": "https://search.example/"}}
            context = {**page, **(campaign if n == 0 and self.dice.random() < 0.3 else {})}
            pages.append(
                Told(self.event("page", name=f"Product {n}", anonymousId=browser, context=context, ago=1 - n / 5, **who))
            )
        return pages

    def sign_in(self) -> list[Told]:
        person = self.person()
        traits = {
            "email": f"Person.{person}@Example.com" if self.dice.random() < 0.5 else f"person.{person}@example.com",
            "firstName": f"Ines {person}",
            "plan": self.dice.choice(["free", "team", "business"]),
            "seats": self.dice.randrange(90),
            "address": {"city": self.dice.choice(["Berlin", "Lyon", "Porto"]), "zip": f"{person:05}"},
        }
        if self.dice.random() < 0.3:
            traits["phone"] = f"+4930{1_000_000 + person}"
        return [Told(self.event("identify", userId=f"user-{person}", anonymousId=self.browser(person), traits=traits))]

    def order(self) -> list[Told]:
        person, total = self.person(), self.dice.randrange(100, 90_000) / 100
        currency = self.dice.choice(["EUR", "EUR", "USD"])
        number = f"o-{self.name}-{self.events}"
        sold = {"orderId": number, "revenue": total, "currency": currency, "products": [{"sku": "a", "n": 2}, {"sku": "b"}]}
        told = [Told(self.event("track", name="Order Completed", userId=f"user-{person}", properties=sold))]
        if self.dice.random() < 0.2:
            back = {"orderId": number, "total": round(total / 2, 2), "currency": currency}
            told.append(Told(self.event("track", name="Order Refunded", userId=f"user-{person}", properties=back)))
        return told

    def serve(self) -> list[Told]:
        names = ("Ticket Opened", "Invoice Paid", "Feature Used", "Login Failed")
        properties = {"n": self.dice.randrange(10**6), "deep": {"a": [1, 2.5, None, {"b": "Übergröße 🦊"}]}}
        context = {"library": {"name": "analytics-python", "version": "2.4"}, "ip": f"203.0.113.{self.dice.randrange(250)}"}
        return [
            Told(
                self.event(
                    "track", name=self.dice.choice(names), userId=f"user-{self.person()}", properties=properties, context=context
                )
            )
            for _ in range(self.dice.randint(1, 3))
        ]

    def app(self) -> list[Told]:
        person = self.person()
        context = {"device": {"id": f"device-{person}", "type": "ios"}, "library": {"name": "analytics-ios"}}
        who = {"userId": f"user-{person}"} if self.dice.random() < 0.5 else {"anonymousId": f"app-{person}"}
        return [Told(self.event("screen", name="Home", context=context, **who)) for _ in range(self.dice.randint(1, 2))]

    def late(self) -> list[Told]:
        """Minutes to a fortnight late: beyond eight days the past is asked whether it has it."""
        ago = self.dice.choice([400, 4_000, 90_000, 400_000, 800_000, 1_200_000]) * self.dice.uniform(0.8, 1.2)
        person = self.person()
        who = {"userId": f"user-{person}"} if self.dice.random() < 0.7 else {"anonymousId": self.browser(person)}
        return [Told(self.event("track", name="Kept Offline", ago=ago, properties={"ago": round(ago)}, **who))]

    def shuffled(self) -> list[Told]:
        person = self.person()
        steps = [
            Told(self.event("track", name=f"Step {n}", userId=f"user-{person}", anonymousId=self.browser(person), ago=30 - n * 3))
            for n in range(4)
        ]
        self.dice.shuffle(steps)
        return steps

    def consent(self) -> list[Told]:
        person = self.person()
        choices = {name: self.dice.random() < 0.5 for name in ("Advertising", "Analytics", "Functional")}
        context = {"consent": {"categoryPreferences": choices}, **({"gpc": True} if self.dice.random() < 0.2 else {})}
        return [Told(self.event("track", name="Consent Given", userId=f"user-{person}", context=context))]

    def shared_device(self) -> list[Told]:
        """Several people at one tablet: each signs in, and the limits keep them apart."""
        tablet, people = f"tablet-{self.batches // 100}-{self.dice.randrange(3)}", (self.person(), self.person())
        return [
            told
            for person in people
            for told in (
                Told(self.event("identify", userId=f"user-{person}", anonymousId=tablet, traits={"lastPlace": tablet})),
                Told(self.event("track", name="Till Used", anonymousId=tablet)),
            )
        ]

    def alias(self) -> list[Told]:
        person = self.person()
        previous = self.browser(person) if self.dice.random() < 0.5 else f"old-user-{person}"
        before = Told(self.event("track", name="Before", userId=previous))
        return [before, Told(self.event("alias", previousId=previous, userId=f"user-{person}"))]

    def group(self) -> list[Told]:
        company = self.dice.randrange(8)
        traits = {"name": f"Company {company}", "email": f"office@company{company}.example", "seats": self.dice.randrange(500)}
        return [Told(self.event("group", groupId=f"company-{company}", userId=f"user-{self.person()}", traits=traits))]

    def told_by_mail(self) -> list[Told]:
        """Somebody known by their e-mail alone, on a browser that nobody knew: two customers become one."""
        person = self.person()
        traits = {"email": f"person.{person}@example.com"}
        return [Told(self.event("identify", anonymousId=f"mail-{person}-{self.dice.randrange(2)}", traits=traits))]

    def message(self) -> list[Told]:
        person = self.person()
        return [
            Told(self.event("track", name="Email Sent", userId=f"user-{person}", context={"voice": "ours", "channel": "email"}))
        ]

    def broken(self) -> list[Told]:
        """Events that the edge puts aside, with a good neighbour."""
        wrong = self.dice.choice(
            [
                self.event("dance", userId="user-1"),
                self.event("track", userId="user-1"),
                self.event("track", name="Whose", userId=None),
                self.event("group", userId="user-1"),
                self.event("track", name="A list", userId="user-1", properties=[1, 2]),
                self.event("alias", userId="user-1"),
            ]
        )
        return [Told(wrong, "edge"), *self.serve()]

    def nobody(self) -> list[Told]:
        """Events whose ids may identify nobody, which the pipeline finds out."""
        return [
            Told(self.event("track", name="Anybody", userId=self.dice.choice(["guest", "null", "0"])), "pipeline"),
            *self.app(),
        ]

    def again(self) -> list[Told]:
        """A batch that was sent before, as a client does that didn't hear the answer."""
        return list(self.dice.choice(self.told)) if self.told else self.visit()

    def twin(self) -> list[Told]:
        [first, *_] = self.serve()
        return [first, first]

    def rival(self) -> list[Told]:
        """A message id that other clients use too: at another source it's another interaction, at the same one a double."""
        event = self.event("track", name="Rival", userId=f"user-{self.person()}")
        event["messageId"] = f"rival-{self.batches // 3}"
        return [Told(event)]
