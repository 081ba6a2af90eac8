"""Linden's customers: who they are, what they hold, and what is true of them though nobody can see it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import blake2b
from math import exp

from amity.demo import truth
from amity.demo.catalogue import CITIES, DESKTOPS, PHONES, City, Device
from amity.demo.draws import Dice, ladder_of
from amity.demo.names import address, name_someone

_PERSONAS = tuple(truth.PERSONAS)
_PERSONA_LADDER = ladder_of([one.share for one in truth.PERSONAS.values()])
_TIERS = tuple(truth.TIERS)
_TIER_LADDERS = {name: ladder_of(one.tiers) for name, one in truth.PERSONAS.items()}
_CITY_LADDER = ladder_of([one.share for one in CITIES])
_ENTRY = tuple(one for one in PHONES if one.entry)
_OTHERS = tuple(one for one in PHONES if not one.entry)
SPOKEN = {"de": "de", "fr": "fr"}


@dataclass(slots=True, kw_only=True)
class Person:
    """One customer, as they were made. `luck` decides the month in which they leave; `warmth` is standard normal."""

    number: int
    persona: str
    tier: str
    warmth: float
    activity: float
    luck: tuple[float, ...]
    joined: int  # the story's day on which they first come; -1 for those who were there before
    name: str
    first: str
    last: str
    emails: tuple[str, ...]
    email_from: int  # the month from which the second address holds
    phone: str
    language: str
    city: City
    birth_year: int
    handset: Device
    desktop: Device
    banks: bool
    shops: bool
    guest: bool
    second_account: bool
    works: bool
    tablet: int  # the household whose tablet they use, -1 for none
    marketing: bool
    analytics: bool
    consent_from: int  # the month from which they think otherwise about marketing

    @property
    def user_id(self) -> str:
        """The number of their account; guests of the shop have none."""
        return "" if self.guest else f"LB-{104_729 + self.number * 7}"

    @property
    def shop_id(self) -> str:
        """The number of the second account that some have."""
        return f"LS-{904_729 + self.number * 3}"

    @property
    def spoken(self) -> str:
        """The language in which they write to Linden: English, German or French."""
        return SPOKEN.get(self.language, "en")

    def email(self, month: int) -> str:
        """Return the address that they use in a month."""
        return self.emails[1] if len(self.emails) > 1 and month >= self.email_from else self.emails[0]

    def agrees(self, month: int) -> bool:
        """Whether they agree to marketing in a month."""
        return self.marketing != (month >= self.consent_from)


def make_person(dice: Dice, number: int, *, seed: int, year: int = 2026) -> Person:
    """Invent customer `number`: nothing but the seed and the number decides."""
    dice.begin(seed, 1, number)
    persona = dice.weighted(_PERSONAS, _PERSONA_LADDER)
    kind = truth.PERSONAS[persona]
    name, first, last, language = name_someone(dice, number)
    city = dice.weighted(CITIES, _CITY_LADDER)
    banks = dice.whether(kind.banks)
    shops = dice.whether(kind.shops) or not banks
    email = address(dice, first, last, number)
    changes, moved = dice.whether(truth.CHANGES_EMAIL), dice.between(1, truth.MONTHS - 1)
    other = f"{email.partition('@')[0].replace('.', '')}@{dice.pick(('example.com', 'example.org'))}"
    second = banks and shops and dice.whether(truth.SECOND_ACCOUNT)
    early = dice.whether(truth.JOINED_BEFORE)
    return Person(
        number=number,
        persona=persona,
        tier=dice.weighted(_TIERS, _TIER_LADDERS[persona]),
        warmth=dice.normal(),
        activity=min(exp(truth.ACTIVITY_SPREAD * dice.normal()), 5.0),
        luck=tuple(dice.random() for _ in range(truth.MONTHS)),
        joined=-1 if early else int(truth.DAYS * dice.random()),
        name=name,
        first=first,
        last=last,
        emails=(email, other) if changes or second else (email,),
        email_from=moved if changes and not second else 10_000,
        phone=f"+336399{number:05d}" if number < 100_000 and dice.whether(truth.TELLS_PHONE) else "",
        language=dice.pick((language, city.language)),
        city=city,
        birth_year=year - dice.between(*kind.ages),
        handset=dice.pick(_ENTRY if dice.whether(kind.entry_phone) else _OTHERS),
        desktop=dice.pick(DESKTOPS),
        banks=banks,
        shops=shops,
        guest=not banks and dice.whether(truth.GUESTS),
        second_account=second,
        works=dice.whether(truth.HAS_WORK),
        tablet=_household(number, seed=seed),
        marketing=dice.whether(truth.MARKETING),
        analytics=dice.whether(truth.ANALYTICS),
        consent_from=dice.between(1, truth.MONTHS - 1) if dice.whether(truth.CHANGES_CONSENT) else 10_000,
    )


def _household(number: int, *, seed: int) -> int:
    """Return the household of two neighbours in number who share a tablet, -1 for most."""
    shares = int.from_bytes(_digest(f"{seed}:home:{number // 2}")[:2], "big") / 65_536 < truth.SHARED_TABLET
    return number // 2 if shares else -1


def device_id(seed: int, owner: str, device: str, generation: int) -> str:
    """Return the anonymous id that a device's browser or app holds; a forgotten cookie makes the next generation."""
    text = _digest(f"{seed}:{owner}:{device}:{generation}").hex()
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:32]}"


def quoted(text: str) -> str:
    """Return a text as JSON writes it."""
    return json.dumps(text, ensure_ascii=False)


def _digest(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=16).digest()
