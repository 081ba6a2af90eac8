"""What two customers are compared by: the few traits and identifiers that tell who somebody is, each in one plain spelling.

Names without accents, case and titles; e-mail as its name before the @ too; phones by their last nine digits; dates of birth
as year-month-day; street, town and postcode. Nothing else of a customer is read: no orders, no behaviour, no consent.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import msgspec

from amity.kernel.sealed import is_sealed
from amity.rooms.customers.rules.names import FIRST, LAST, WHOLE, text_of

STREET_NUMBERS = ("street_number", "streetNumber", "house_number", "houseNumber")
STREETS = ("street", "address_1", "address1", "address_line1", "addressLine1", "street_address", "streetAddress", "line1")
TOWNS = ("city", "town", "suburb", "locality")
POSTCODES = ("postcode", "postalCode", "postal_code", "zip", "zipcode", "zip_code", "zipCode")
BIRTHS = ("birthday", "birthdate", "birth_date", "birthDate", "date_of_birth", "dateOfBirth", "dob")
EMAILS, PHONES = ("email",), ("phone", "phone_number", "phoneNumber", "mobile", "telephone")
DEVICE_KINDS = frozenset({"anonymous_id", "device_id", "advertising_id"})
TRAITS = (*WHOLE, *FIRST, *LAST, *STREET_NUMBERS, *STREETS, *TOWNS, *POSTCODES, *BIRTHS, *EMAILS, *PHONES, "address")
# Mailboxes of whole companies say nothing about who is who.
SHARED_BOXES = frozenset(
    "accounts admin billing booking bookings contact enquiries hello help hr info kontakt mail marketing me noreply office orders "  # noqa: SIM905
    "post postmaster sales service shop support team webmaster".split()
)
_TITLES = frozenset("dr frau herr miss mme mr mrs ms mx prof sir".split())  # noqa: SIM905
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "\u0131": "i", "'": "", "’": ""}
)
_BETWEEN = re.compile(r"[\W_]+")
_ROADS = {
    "avenue": "ave", "boulevard": "blvd", "close": "cl", "court": "ct", "crescent": "cres", "drive": "dr", "lane": "ln",
    "place": "pl", "road": "rd", "square": "sq", "strasse": "str", "street": "st", "terrace": "tce",
}  # fmt: skip
_YEAR_FIRST = re.compile(r"(\d{4})[-/.]?(\d\d?)[-/.]?(\d\d?)(?:[T ].*)?")
_YEAR_LAST = re.compile(r"(\d\d?)([-/.])(\d\d?)[-/.](\d{4})")
_MOST = 8  # values of one kind that are compared
_LONGEST = 80


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One customer as it is compared. Empty: not known, which speaks neither for nor against."""

    id: str
    given: str = ""
    family: str = ""
    birth: str = ""
    emails: tuple[str, ...] = ()
    boxes: tuple[str, ...] = ()  # what stands before the @, of who has no shared mailbox
    phones: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    street: str = ""
    town: str = ""
    postcode: str = ""

    @property
    def tells(self) -> bool:
        """Whether there is enough to compare somebody by: a device or a town alone is nobody."""
        return bool((self.given and self.family) or self.birth or self.emails or self.phones)

    def mark(self) -> str:
        """Return what changes when anything that is compared does."""
        body = msgspec.json.encode([getattr(self, name) for name in self.__struct_fields__ if name != "id"])
        return hashlib.blake2b(body, digest_size=12).hexdigest()


def record_of(*, customer_id: Any, traits: Mapping[str, Any], identifiers: Iterable[tuple[str, str]]) -> Record:
    """Return what a customer is compared by. `identifiers` are its own and those that a limit left out.

    What is kept encrypted is not opened for this: it says nothing.
    """
    known = sorted(set(identifiers))
    traits = {name: value for name, value in traits.items() if not is_sealed(value)}
    inner = traits.get("address")
    address: Mapping[str, Any] = inner if isinstance(inner, Mapping) else {}
    given, family = _names(traits)
    emails = _several(
        [v for k, v in known if k == "email"], traits, EMAILS, lambda text: text.strip().lower() if "@" in text else ""
    )
    phones = _several([v for k, v in known if k == "phone"], traits, PHONES, phone_key)
    street = _place(traits, address, STREETS) or (inner if isinstance(inner, str) else "")
    number = _place(traits, address, STREET_NUMBERS)
    return Record(
        id=str(customer_id),
        given=given,
        family=family,
        birth=next(filter(None, (birth_of(traits.get(name)) for name in BIRTHS)), ""),
        emails=emails,
        boxes=tuple(dict.fromkeys(filter(None, map(box_of, emails)))),
        phones=phones,
        devices=tuple(f"{kind} {value}"[:_LONGEST] for kind, value in known if kind in DEVICE_KINDS)[:100],
        street=_street(f"{number} {street}" if number and street else street),
        town=folded(_place(traits, address, TOWNS)),
        postcode=folded(_place(traits, address, POSTCODES)).replace(" ", ""),
    )


def record_from(line: str | bytes) -> Record:
    """Return what is compared of a customer who stands in a line of JSON: id, traits, and identifiers as [kind, value]."""
    told = json.loads(line)
    return record_of(
        customer_id=told["id"], traits=told["traits"], identifiers=[(kind, value) for kind, value in told["identifiers"]]
    )


def folded(text: str) -> str:
    """Return a text's letters and digits, small and without accents, words apart by one space."""
    plain = unicodedata.normalize("NFKD", text[: 2 * _LONGEST])
    plain = "".join(c for c in plain if not unicodedata.combining(c)).casefold().translate(_LETTERS)
    return " ".join(_BETWEEN.split(plain)).strip()[:_LONGEST]


def box_of(email: str) -> str:
    """Return what tells the person in an address: before the @, without a tag, dots and the like; empty for shared mailboxes."""
    box = email.partition("@")[0].partition("+")[0]
    plain = _BETWEEN.sub("", box)
    return "" if box in SHARED_BOXES or len(plain) < 3 else plain


def phone_key(text: str) -> str:
    """Return the last nine digits of a number, the same with and without its country's prefix; empty for fewer than seven."""
    digits = "".join(c for c in text if c.isdecimal() and c.isascii())
    key = digits[-9:]
    return key if len(key) >= 7 and len(set(key)) > 1 else ""


def birth_of(value: Any) -> str:
    """Return a date of birth as year-month-day, from text or milliseconds; empty where day and month could be either, or never were."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 10**10:
        try:
            return datetime.fromtimestamp(value / 1000, UTC).date().isoformat()
        except (OverflowError, ValueError, OSError):
            return ""
    text = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if found := _YEAR_FIRST.fullmatch(text):
        year, month, day = map(int, found.groups())
    elif found := _YEAR_LAST.fullmatch(text):
        first, between, second, year = int(found[1]), found[2], int(found[3]), int(found[4])
        if between != "." and first <= 12 and second <= 12 and first != second:
            return ""
        day, month = (second, first) if second > 12 else (first, second)
    else:
        return ""
    try:
        return date(year, month, day).isoformat() if 1880 <= year <= 2100 else ""
    except ValueError:
        return ""


def _names(traits: Mapping[str, Any]) -> tuple[str, str]:
    given, family = folded(text_of(traits, FIRST)), folded(text_of(traits, LAST))
    whole = text_of(traits, WHOLE)
    if not (given and family) and whole:
        last, comma, first = whole.partition(",")
        words = [word for word in folded(f"{first} {last}" if comma else whole).split() if word not in _TITLES]
        # A name of one word may be either; of several, the first and the last tell most.
        if comma and words:
            given, family = given or words[0], family or folded(last)
        elif len(words) > 1 and "@" not in whole:
            given, family = given or words[0], family or words[-1]
    return given, family


def _several(known: Sequence[str], traits: Mapping[str, Any], names: Sequence[str], spell: Any) -> tuple[str, ...]:
    told = [traits[name] for name in names if isinstance(traits.get(name), str)]
    return tuple(dict.fromkeys(filter(None, (spell(text[:320]) for text in (*known, *told)))))[:_MOST]


def _place(traits: Mapping[str, Any], address: Mapping[str, Any], names: Sequence[str]) -> str:
    for holder in (address, traits):
        for name in names:
            value = holder.get(name)
            if isinstance(value, int) and not isinstance(value, bool):
                value = str(value)
            if isinstance(value, str) and value.strip() and not is_sealed(value):
                return value
    return ""


def _street(text: str) -> str:
    return " ".join(_ROADS.get(word, word) for word in folded(text).split())
