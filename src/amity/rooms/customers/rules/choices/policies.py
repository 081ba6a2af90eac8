"""Region policies: what silence means for each purpose where a customer is, and how long a yes lasts.

They are a start that a workspace's counsel changes, not advice: `docs/rooms/customers.md` says what each follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from amity.rooms.customers.rules.choices.purposes import WITHOUT_ASKING, Purpose, plain

# ISO 3166-1: the European Economic Area with its outermost regions, the United Kingdom with what has its law, Switzerland.
_GDPR = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK IS LI NO "  # noqa: SIM905
    "AX BL GF GP MF MQ RE YT GB GG GI IM JE CH EL UK".split()
)
_UNITED_STATES = frozenset({"US", "PR", "VI", "GU", "AS", "MP"})
_NAMES = {
    "germany": "DE", "deutschland": "DE", "france": "FR", "spain": "ES", "espa_a": "ES", "espana": "ES", "italy": "IT", "italia": "IT",
    "austria": "AT", "netherlands": "NL", "the_netherlands": "NL", "belgium": "BE", "poland": "PL", "portugal": "PT",
    "ireland": "IE", "sweden": "SE", "denmark": "DK", "finland": "FI", "norway": "NO", "greece": "GR", "czechia": "CZ",
    "czech_republic": "CZ", "hungary": "HU", "romania": "RO", "switzerland": "CH", "united_kingdom": "GB", "great_britain": "GB",
    "england": "GB", "scotland": "GB", "wales": "GB", "united_states": "US", "united_states_of_america": "US", "usa": "US",
    "brazil": "BR", "brasil": "BR",
}  # fmt: skip

REGIONS: dict[str, str] = {
    **{code.lower(): "gdpr" for code in _GDPR},
    **{code.lower(): "us" for code in _UNITED_STATES},
    "br": "lgpd",
}
REGIONS |= {name: REGIONS[code.lower()] for name, code in _NAMES.items()}
_CODE = re.compile("[a-z]{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What holds in a region. `silence` names purposes that are allowed until somebody refuses; all others need a yes.

    `expires_days`: a yes counts as silence once it is older than that; 0 for never.
    """

    key: str
    name: str
    follows: str
    silence: frozenset[str] = field(default_factory=frozenset)
    expires_days: int = 0

    def allows_silence(self, purpose: Purpose) -> bool:
        """Whether the purpose is allowed without any answer."""
        if purpose.basis in WITHOUT_ASKING or purpose.basis == "legitimate_interest":
            return True
        return purpose.key in self.silence


# Thirteen months are what France's CNIL allows trackers to live (2020-091, 49). California's opt-out is Cal. Civ. Code 1798.120;
# e-mail is opt-out under CAN-SPAM, while calls and text messages need prior consent under the TCPA (47 CFR 64.1200).
BUILT_IN: Mapping[str, Policy] = {
    one.key: one
    for one in (
        Policy(key="gdpr", name="European Economic Area, United Kingdom, Switzerland", expires_days=396,
               follows="GDPR, UK GDPR and the ePrivacy rules: nothing that needs consent without a yes"),
        Policy(
            key="us", name="United States", follows="CCPA/CPRA and the like: allowed until refused, but for calls and messages",
            silence=frozenset({
                "analytics", "personalisation", "marketing_email", "marketing_post", "marketing_ads", "surveys", "legal_profiling",
                "sale_share",
            }),
        ),
        Policy(key="lgpd", name="Brazil", follows="LGPD: nothing that needs consent without a yes"),
        Policy(key="default", name="Everywhere else", follows="The careful way: nothing that needs consent without a yes"),
    )
}  # fmt: skip


def policies_of(changes: Mapping[str, Any]) -> dict[str, Policy]:
    """Return the policies as a workspace changed them: {key: {"silence": [purpose, …], "expires_days": number}}."""
    found = dict(BUILT_IN)
    for key, change in changes.items():
        base = found.get(key)
        if base is not None and isinstance(change, Mapping):
            found[key] = Policy(
                key=key,
                name=base.name,
                follows=base.follows,
                silence=frozenset(change["silence"]) if "silence" in change else base.silence,
                expires_days=int(change.get("expires_days", base.expires_days)),
            )
    return found


def region_of(country: str) -> str:
    """Return the key of the policy that a country's people come under; empty where the country isn't known.

    The country may be a code of ISO 3166-1 or one of the larger countries' names, in whatever case.
    """
    said = plain(country)
    return REGIONS.get(said) or ("default" if _CODE.fullmatch(said) else "")


def region_from(*, traits: Mapping[str, Any], paths: Iterable[str], country: str, otherwise: str) -> str:
    """Return a customer's region: by the first trait that names a known country, else where it was last met, else `otherwise`.

    A path names a trait, or with dots a part of one: `address.country`.
    """
    for path in paths:
        found: Any = traits
        for part in path.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
        if isinstance(found, str) and (region := region_of(found)):
            return region
    return region_of(country) or otherwise
