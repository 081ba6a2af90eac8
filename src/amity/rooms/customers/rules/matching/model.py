"""How two customers are compared: comparisons, each with levels from "the same" to "different", and what decides which pairs are looked at.

The model is Fellegi and Sunter's ("A Theory for Record Linkage", JASA 64, 1969): the weight of a level is log2(m / u), where m is how
often matches are at that level and u how often other pairs are; the weights of all comparisons and the prior's add up to the pair's. A
common value counts less than a rare one. Values here are what it begins with; the data of a workspace teaches it its own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

MISSING = -1  # the level of a comparison where a side knows nothing: it says nothing
SWAPPED = "first and last name swapped"
DEFAULT_PROBABILITY = 0.5  # from which on a pair is proposed: a person decides, so to find more costs little


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One outcome. `sql` is on the columns of both sides (`_l`, `_r`); `m` and `u` hold until they are learned.

    `common` is the column of which the values' frequency counts.
    """

    words: str
    sql: str
    m: float
    u: float
    common: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What is held against each other; `levels` from the strongest to "different". `columns` must be known on both sides.

    `silent` is where another comparison has said it already, so that nothing counts twice.
    """

    key: str
    title: str
    columns: tuple[str, ...]
    levels: tuple[Level, ...]
    silent: str = ""


def _differs(m: float, u: float) -> Level:
    return Level(words="different", sql="ELSE", m=m, u=u)


_BOXES = "list_max(list_transform(boxes_l, lambda x: list_max(list_transform(boxes_r, lambda y: jaro_winkler_similarity(x, y)))))"
_PHONES = "list_min(list_transform(phones_l, lambda x: list_min(list_transform(phones_r, lambda y: damerau_levenshtein(x, y)))))"
_SWAPPED = """(
    (given_l = family_r AND jaro_winkler_similarity(family_l, given_r) >= 0.8)
    OR (family_l = given_r AND jaro_winkler_similarity(given_l, family_r) >= 0.8)
)"""
_STREETS = "jaro_winkler_similarity(street_l, street_r) >= 0.9"
_PLACES = "(postcode_l = postcode_r OR town_l = town_r)"
_NEAR_PLACES = "(damerau_levenshtein(postcode_l, postcode_r) <= 1 OR jaro_winkler_similarity(town_l, town_r) >= 0.9)"
COMPARISONS = (
    Comparison(
        key="given",
        title="First name",
        columns=("given",),
        levels=(
            Level(words="the same", sql="given_l = given_r", m=0.75, u=0.01, common="given"),
            Level(words=SWAPPED, sql=_SWAPPED, m=0.01, u=0.0001),
            Level(words="nearly the same", sql="jaro_winkler_similarity(given_l, given_r) >= 0.88", m=0.1, u=0.01),
            Level(words="one is short for the other",
                  sql="starts_with(given_l, given_r) OR starts_with(given_r, given_l)", m=0.05, u=0.01),
            _differs(0.09, 0.97),
        ),
    ),
    Comparison(
        key="family",
        title="Last name",
        columns=("family",),
        silent=f"({_SWAPPED} AND given_l <> family_l)",
        levels=(
            Level(words="the same", sql="family_l = family_r", m=0.81, u=0.0021, common="family"),
            Level(words="nearly the same", sql="jaro_winkler_similarity(family_l, family_r) >= 0.9", m=0.1, u=0.003),
            Level(words="similar", sql="jaro_winkler_similarity(family_l, family_r) >= 0.8", m=0.02, u=0.02),
            _differs(0.07, 0.975),
        ),
    ),
    Comparison(
        key="birth",
        title="Date of birth",
        columns=("birth",),
        levels=(
            Level(words="the same", sql="birth_l = birth_r", m=0.85, u=0.0001, common="birth"),
            Level(words="one digit off, or two swapped", sql="damerau_levenshtein(birth_l, birth_r) <= 1", m=0.07, u=0.002),
            Level(words="two digits off", sql="damerau_levenshtein(birth_l, birth_r) <= 2", m=0.02, u=0.01),
            Level(words="the same year", sql="left(birth_l, 4) = left(birth_r, 4)", m=0.02, u=0.01),
            _differs(0.04, 0.978),
        ),
    ),
    Comparison(
        key="email",
        title="E-mail",
        columns=("emails",),
        levels=(
            Level(words="the same address", sql="list_has_any(emails_l, emails_r)", m=0.4, u=0.0001),
            Level(words="the same before the @", sql="list_has_any(boxes_l, boxes_r)", m=0.25, u=0.0005),
            Level(words="nearly the same before the @", sql=f"{_BOXES} >= 0.9", m=0.15, u=0.003),
            _differs(0.2, 0.9964),
        ),
    ),
    Comparison(
        key="phone",
        title="Phone",
        columns=("phones",),
        levels=(
            Level(words="the same number", sql="list_has_any(phones_l, phones_r)", m=0.6, u=0.0001),
            Level(words="one digit off, or two swapped", sql=f"{_PHONES} <= 1", m=0.05, u=0.0001),
            _differs(0.35, 0.9998),
        ),
    ),
    Comparison(
        key="address",
        title="Address",
        columns=("place",),
        levels=(
            Level(words="the same street and number, and town or postcode",
                  sql=f"street_l = street_r AND {_PLACES}", m=0.5, u=0.0001),
            Level(words="nearly the same street and number, and town or postcode",
                  sql=f"{_STREETS} AND {_NEAR_PLACES}", m=0.1, u=0.0003),
            Level(words="the same street and number", sql="street_l = street_r", m=0.05, u=0.0003),
            Level(words="the same postcode", sql="postcode_l = postcode_r", m=0.1, u=0.002, common="postcode"),
            Level(words="the same town", sql="town_l = town_r", m=0.1, u=0.05, common="town"),
            Level(words="nearly the same town", sql="jaro_winkler_similarity(town_l, town_r) >= 0.88", m=0.03, u=0.003),
            _differs(0.12, 0.9443),
        ),
    ),
    Comparison(
        key="device",
        title="Browser or device",
        columns=("devices",),
        levels=(
            Level(words="used the same one", sql="list_has_any(devices_l, devices_r)", m=0.3, u=0.0001),
            _differs(0.7, 0.9999),
        ),
    ),
)  # fmt: skip
TITLES: Mapping[str, str] = {one.key: one.title for one in COMPARISONS}

# A pair is looked at where one of these is equal, unless too many customers share it. Lists are taken value by value.
KEYS: Mapping[str, str] = {
    "name": "family || '|' || given",
    "name swapped": "given || '|' || family",
    "date of birth": "birth",
    "e-mail": "unnest(emails)",
    "before the @": "unnest(boxes)",
    "phone": "unnest(phones)",
    "device": "unnest(devices)",
    "street and postcode": "street || '|' || postcode",
    "street and town": "street || '|' || town",
    "last name and postcode": "family || '|' || postcode",
    "first name and postcode": "given || '|' || postcode",
    "last name and town": "family || '|' || town",
    "first name and town": "given || '|' || town",
    "last name": "family",
    "street": "street",
    "beginning of the last name and year of birth": "left(family, 3) || '|' || left(birth, 4)",
    "beginning of the first name, and birthday": "left(given, 2) || '|' || substr(birth, 6)",
    "postcode and year of birth": "postcode || '|' || left(birth, 4)",
    "first name and year of birth": "given || '|' || left(birth, 4)",
    "last name and year of birth": "family || '|' || left(birth, 4)",
}
# Pairs of which one of these is true are matches nearly always; from their number follows how many matches there are.
CERTAIN = (
    "l.given = r.given AND l.family = r.family AND l.birth = r.birth",
    "l.given = r.given AND l.family = r.family AND l.street = r.street",
    "list_has_any(l.emails, r.emails) AND l.given = r.given",
    "list_has_any(l.emails, r.emails) AND l.family = r.family",
    "list_has_any(l.phones, r.phones) AND l.given = r.given AND l.family = r.family",
)
CERTAIN_RECALL = 0.6
# What pairs have in common while the rest is learned, in turn: each time, the comparisons on these columns stand still.
LEARNED_ON = (("given", "family"), ("birth",), ("postcode", "street"))


def weight_of(probability: float) -> float:
    """Return the match weight, log2 of the odds, of a probability between 0 and 1."""
    return math.log2(probability / (1 - probability))


def probability_of(weight: float) -> float:
    """Return the probability of a match weight."""
    return 1 / (1 + 2**-weight) if weight > -1_000 else 0.0
