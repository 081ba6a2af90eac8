"""Writes down what one customer does in a month, as ready pieces of JSON.

A million interactions are written, so nothing here builds a dictionary: properties come as text, contexts are made once for
each device. Every name and number that goes into the text is ours and needs no escaping, or was `quoted`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec

from amity.demo import truth
from amity.demo.calendar import Calendar
from amity.demo.catalogue import RATES, Device
from amity.demo.draws import Dice
from amity.demo.people import Person, device_id, quoted
from amity.demo.words import Speaker
from amity.kernel.clock import HOUR

WEB, APP, SERVER = 0, 1, 2
# time, customer, number, source, kind, name, user id, anonymous id, properties, traits, context, since, truth. For those who
# left before `since` (ms) it never was: what they did has its own time there, what Linden did that of what it answers.
Entry = tuple[int, int, int, int, str, str, str, str, str, str, str, int, Any]
_ROOM = 4_096  # numbers that a month's messages may take


class Life(msgspec.Struct):
    """What changes in a customer's life; `felt` are the bits of frictions by month, `waiting` what lies beyond the month."""

    opened: int | None = None
    never: bool = False
    gone: int | None = None
    orders: int = 0
    known: set[str] = set()
    generations: dict[str, int] = {}
    felt: dict[int, int] = {}
    waiting: list[Entry] = []


class Pen:
    """One customer's pen for one month. The same story has the same ids each time it is told."""

    def __init__(  # noqa: PLR0913
        self, person: Person, life: Life, *, seed: int, calendar: Calendar, month: int, dice: Dice
    ) -> None:
        self.person, self.life, self.calendar, self.month, self.dice = person, life, calendar, month, dice
        self.seed = seed
        self.first, self.last = calendar.first_day(month), calendar.first_day(month) + truth.MONTH - 1
        self.ends = calendar.month_ends(month)
        self.entries: list[Entry] = []
        self.speaker = Speaker(dice)
        self.offered = False
        self.since = 0  # when what happens now was set going
        self.pace = 1.0 if month < truth.MONTHS else truth.LIVE_PACE
        self._number = month * _ROOM
        self._contexts: dict[str, str] = {}
        self._devices: dict[tuple[str, int], str] = {}

    @property
    def ahead(self) -> int:
        """How many hours before UTC their clock is."""
        return self.person.city.ahead

    def day(self, channel: str) -> int:
        """Pick one of the days that the month leaves them, by how busy the channel is."""
        return self.calendar.day(self.dice, channel, self.first, self.last)

    def moment(self, channel: str, day: int | None = None) -> int:
        """Pick an instant of a day, or of any of the month's."""
        return self.not_told(self.calendar.moment(self.dice, channel, self.day(channel) if day is None else day, self.ahead))

    def not_told(self, at: int) -> int:
        """Return an instant; after the story the mirror of one that still lay within it, for that part of the day is told."""
        end = self.calendar.end
        return at if self.month < truth.MONTHS or at > end else 2 * end - at

    def awake(self, at: int) -> int:
        """Return an instant at which they are up: `at`, or some hours later where that is in the small hours."""
        return at + 7 * HOUR if (at // HOUR + self.ahead) % 24 < 7 else at

    def money(self, euros: float) -> str:
        """Return `amount,"currency":"…"` in the customer's own currency, to stand behind a name."""
        currency = self.person.city.currency
        return f'{round(euros * RATES[currency], 2)},"currency":"{currency}"'

    def feel(self, friction: str, at: int) -> None:
        """Note that they met a friction."""
        month = max(self.calendar.month_of(at), 0)
        self.life.felt[month] = self.life.felt.get(month, 0) | truth.BITS[friction]

    def page(  # noqa: PLR0913
        self, at: int, name: str, path: str, *, device: str, referrer: str = "", campaign: str = ""
    ) -> None:
        """A page in a browser: only seen where they agreed to that."""
        if self.person.analytics:
            context = f"{self._web(device)}{_page(path, referrer)}{campaign}}}"
            self._write(at, WEB, "page", name, "", self.device(device), "", "", context)

    def web(  # noqa: PLR0913
        self, at: int, name: str, path: str, properties: str, *, device: str, signed_in: bool = False, note: Any = None
    ) -> None:
        """Something done in a browser; `signed_in` says whose account it is."""
        context = f"{self._web(device)}{_page(path, '')}}}"
        user = self.user(at, device) if signed_in else ""
        self._write(at, WEB, "track", name, user, self.device(device), properties, "", context, note=note)

    def app(self, at: int, name: str, properties: str = "", *, kind: str = "track", signed_in: bool = True) -> None:
        """Something done in the app."""
        user = self.account(at) if signed_in else ""
        self._write(at, APP, kind, name, user, self.device("app"), properties, "", self._app(at))

    def identify(self, at: int, traits: str, *, device: str, path: str = "/checkout") -> None:
        """Make themselves known on a device."""
        self.life.known.add(device)
        if device == "app":
            source, context = APP, self._app(at)
        else:
            source, context = WEB, f"{self._web(device)}{_page(path, '')}}}"
        self._write(at, source, "identify", "", self.user(at, device), self.device(device), "", traits, context)

    def server(  # noqa: PLR0913
        self, at: int, name: str, channel: str, voice: str, properties: str, *, device: str = "", note: Any = None
    ) -> None:
        """Something that Linden's own systems tell: card, post, call centre, till, survey and mail.

        `device` is where they ordered what it is about: a second account for the shop hangs on that.
        """
        user = self.user(at, device)
        if user:
            context, anonymous = _plain(channel, voice), ""
        else:  # the shop's back office knows a guest by their e-mail address
            email = self.person.email(self.month)
            context = f'{_plain(channel, voice)[:-1]},"traits":{{"email":"{email}"}}}}'
            anonymous = f"guest-{device_id(self.seed, email, 'crm', 0)[:13]}"
        self._write(
            at,
            SERVER,
            "track",
            name,
            user,
            anonymous,
            properties,
            "",
            context,
            since=self.since if voice == "ours" else at,
            note=note,
        )

    def account(self, at: int) -> str:
        """Return the number of the account that they have by then, or nothing."""
        opened = self.life.opened
        return self.person.user_id if opened is not None and opened <= at else ""

    def user(self, at: int, device: str) -> str:
        """Return the account that they use on a device: some have a second one, for the shop, on all but their phone."""
        if self.person.second_account and device in {"desktop", "work", "tablet"}:
            return self.person.shop_id
        return self.account(at)

    def known_since(self, at: int) -> bool:
        """Whether Linden knows their e-mail address by then."""
        opened = self.life.opened
        return bool(self.life.known) if opened is None else opened <= at

    def device(self, device: str) -> str:
        """Return the anonymous id that a device holds now."""
        generation = self.life.generations.get(device, 0)
        made = self._devices.get((device, generation))
        if made is None:
            owner = f"home{self.person.tablet}" if device == "tablet" else str(self.person.number)
            made = self._devices[device, generation] = device_id(self.seed, owner, device, generation)
        return made

    def traits(self, *, email: str = "", **more: str) -> str:
        """Return what they tell of themselves; `more` are pieces of JSON."""
        person = self.person
        told = {
            "email": f'"{email or person.email(self.month)}"', "name": quoted(person.name), "city": f'"{person.city.name}"',
            "country": f'"{person.city.country}"', "language": f'"{person.language}"', **more,
        }  # fmt: skip
        return "{" + ",".join(f'"{name}":{value}' for name, value in told.items()) + "}"

    def settle(self) -> list[Entry]:
        """Return what happened before the month's end, kept things included; keep what lies beyond. Who left does nothing more."""
        gone = self.life.gone
        known = [one for one in self.life.waiting + self.entries if gone is None or one[11] <= gone]
        self.life.waiting = [one for one in known if one[0] >= self.ends]
        return [one for one in known if one[0] < self.ends] if self.life.waiting else known

    def _web(self, device: str) -> str:
        made = self._contexts.get(device)
        if made is None:
            person = self.person
            agent = person.handset.agent if device == "phone" else TABLET.agent if device == "tablet" else person.desktop.agent
            made = self._contexts[device] = (
                f'{{"channel":"web","userAgent":"{agent}","locale":"{person.language}-{person.city.country}",'
                f'"timezone":"{person.city.zone}","consent":{self._consent()},"page":'
            )
        return made

    def _app(self, at: int) -> str:
        version = app_version(self.calendar.day_of(at))
        made = self._contexts.get(version)
        if made is None:
            person, phone = self.person, self.person.handset
            made = self._contexts[version] = (
                f'{{"channel":"app","app":{{"name":"Linden","version":"{version}"}},"device":{{"type":"{phone.kind}",'
                f'"model":"{phone.model}","manufacturer":"{"Apple" if phone.kind == "ios" else "Android"}"}},'
                f'"os":{{"name":"{phone.system}"}},"locale":"{person.language}-{person.city.country}",'
                f'"timezone":"{person.city.zone}","consent":{self._consent()}}}'
            )
        return made

    def _consent(self) -> str:
        person = self.person
        return f'{{"categoryPreferences":{{"analytics":{_yes(person.analytics)},"marketing":{_yes(person.agrees(self.month))}}}}}'

    def _write(  # noqa: PLR0913, PLR0917  called a million times, so by position
        self, at: int, source: int, kind: str, name: str, user: str, anonymous: str, properties: str, traits: str, context: str,
        *, since: int | None = None, note: Any = None,
    ) -> None:  # fmt: skip
        number = self._number
        self._number = number + 1
        self.entries.append(
            (
                at,
                self.person.number,
                number,
                source,
                kind,
                name,
                user,
                anonymous,
                properties,
                traits,
                context,
                at if since is None else since,
                note,
            )
        )


TABLET = Device("tablet", "iOS", "iPad", "Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1")  # fmt: skip


def app_version(day: int) -> str:
    """Return the app's version of a day: 5.3 broke the identity check on entry-level phones, 5.4 mended it."""
    came, mended = truth.BROKEN_APP_DAYS
    return "5.2.4" if day < came else "5.3.1" if day < mended else "5.4.0"


@lru_cache(maxsize=1_024)
def _page(path: str, referrer: str) -> str:
    name = path.strip("/").split("/")[-1].replace("-", " ")
    title = f"{name.capitalize()} · Linden" if name else "Linden"
    more = f',"referrer":"{referrer}"' if referrer else ""
    return f'{{"path":"{path}","url":"https://linden.example{path}","title":"{title}"{more}}}'


@lru_cache(maxsize=64)
def _plain(channel: str, voice: str) -> str:
    return f'{{"channel":"{channel}","voice":"{voice}"}}'


def _yes(value: bool) -> str:  # noqa: FBT001
    return "true" if value else "false"
