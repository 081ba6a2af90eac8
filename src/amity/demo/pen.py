"""Writes down what one customer does, in the form in which Linden's clients send it."""

from __future__ import annotations

from random import Random
from typing import Any

from amity.demo.calendar import Calendar
from amity.demo.catalogue import RATES
from amity.demo.people import Person
from amity.demo.words import Speaker
from amity.kernel.clock import from_ms

WEB, APP, SERVER = "web", "app", "server"
Entry = tuple[int, int, int, str, dict[str, Any]]  # time, customer, number, source, message


class Pen:
    """One customer's pen. Its messages get the same ids each time the same story is told."""

    def __init__(self, person: Person, *, seed: int, calendar: Calendar, speaker: Speaker) -> None:
        self.person, self.calendar, self.speaker = person, calendar, speaker
        self.rng = Random(f"{seed}:story:{person.number}")  # noqa: S311  a story, not a secret
        self.entries: list[Entry] = []
        self.known: set[str] = set()
        self.opened_at: int | None = None
        self._seed = seed

    @property
    def banking(self) -> bool:
        """Whether they have an account by now."""
        return self.opened_at is not None

    def money(self, euros: float) -> tuple[float, str]:
        """Return an amount in the customer's own currency."""
        currency = self.person.city.currency
        return round(euros * RATES[currency], 2), currency

    def web(  # noqa: PLR0913  each has its name where it is called
        self, at: int, kind: str, name: str, *, device: str = "desktop", page: str = "/", as_user: bool = False, **more: Any
    ) -> None:
        """Something in a browser, on the `desktop`, the `phone` or a `borrowed` machine."""
        person = self.person
        agent = person.handset.agent if device == "phone" else person.desktop.agent
        context: dict[str, Any] = {
            "channel": "web",
            "userAgent": agent,
            "locale": f"{person.language}-{person.city.country}",
            "timezone": person.city.zone,
            "page": {"path": page, "url": f"https://linden.example{page}", "title": _title(page)},
            "consent": {"categoryPreferences": {"analytics": person.analytics, "marketing": person.marketing}},
        }
        if campaign := more.pop("campaign", None):
            context["campaign"] = dict(zip(("source", "medium", "name"), campaign, strict=True))
        if referrer := more.pop("referrer", ""):
            context["page"]["referrer"] = referrer
        self._write(at, WEB, kind, name, context, anonymous=person.device_id(device), as_user=as_user, **more)

    def app(self, at: int, kind: str, name: str, *, as_user: bool = True, **more: Any) -> None:
        """Something in the app."""
        person = self.person
        phone = person.handset
        context = {
            "channel": "app",
            "app": {"name": "Linden", "version": app_version(self.calendar, at)},
            "device": {"type": phone.kind, "model": phone.model, "manufacturer": "Apple" if phone.kind == "ios" else "Android"},
            "os": {"name": phone.system},
            "locale": f"{person.language}-{person.city.country}",
            "timezone": person.city.zone,
            "network": {"wifi": self.rng.random() < 0.6, "cellular": True},
        }
        self._write(at, APP, kind, name, context, anonymous=person.device_id("phone"), as_user=as_user, **more)

    def server(self, at: int, name: str, channel: str, *, voice: str = "", kind: str = "track", **more: Any) -> None:
        """Something that Linden's own systems tell: card, post, call centre, till, survey and mail."""
        context: dict[str, Any] = {"channel": channel}
        if voice:
            context["voice"] = voice
        self._write(at, SERVER, kind, name, context, anonymous=None, as_user=True, **more)

    def say(self, topic: str, *, close: float = 0.35, **names: str) -> str:
        """Return words about a topic."""
        return self.speaker.say(topic, close=close, **{"city": self.person.city.name, "name": self.person.first, **names})

    def remember(self, at: int, topic: str) -> None:
        """Keep in mind what happened; they may tell a survey later."""
        self.person.told.append((at, topic))

    def _write(  # noqa: PLR0913
        self, at: int, source: str, kind: str, name: str, context: dict[str, Any], *,
        anonymous: str | None, as_user: bool, traits: dict[str, Any] | None = None, **properties: Any,
    ) -> None:  # fmt: skip
        if at >= self.calendar.end:
            return
        number = len(self.entries)
        message: dict[str, Any] = {
            "type": kind,
            "messageId": f"linden-{self._seed}-{self.person.number}-{number}",
            "timestamp": from_ms(at).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "context": context,
        }
        if kind == "track":
            message["event"] = name
        elif kind in {"page", "screen"}:
            message["name"] = name
        if as_user and self.banking:
            message["userId"] = self.person.user_id
        if anonymous:
            message["anonymousId"] = anonymous
        if "userId" not in message and not anonymous:
            # A shop customer without an account is known to the back office by e-mail alone; the phone's id stands for it.
            message["anonymousId"] = self.person.device_id("desktop" if "desktop" in self.known else "phone")
        if traits is not None:
            message["traits"] = traits
        if properties:
            message["properties"] = properties
        self.entries.append((at, self.person.number, number, source, message))


def app_version(calendar: Calendar, at: int) -> str:
    """Return the app's version of that day: 5.3 broke the identity check on some phones, 5.4 mended it."""
    before_end = calendar.days - 1 - calendar.day_of(at)
    if before_end > 82:
        return "5.2.4"
    return "5.3.1" if before_end > 19 else "5.4.0"


def _title(page: str) -> str:
    name = page.strip("/").split("/")[-1].replace("-", " ")
    return f"{name.capitalize()} · Linden" if name else "Linden"
