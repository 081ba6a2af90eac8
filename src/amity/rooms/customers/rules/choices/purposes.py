"""What a customer's data may be used for: Amity's own purposes and a workspace's, and which answers tell of which purpose.

Answers stay stored under the name that a client gave them (a category of its consent platform, a signal of a browser). Which
purposes a name tells of is decided here, on reads: so a changed map holds at once, for old answers too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from amity.kernel.errors import Invalid

CHANNELS = ("email", "sms", "push", "whatsapp", "phone", "post", "ads")
# Bases on which a purpose needs no answer; on the last one, silence is no refusal but an objection is.
WITHOUT_ASKING = ("necessary", "contract", "legal_obligation")
BASES = ("consent", "legitimate_interest", *WITHOUT_ASKING)
MARKETING, TOPIC, FREQUENCY, PAUSE = "marketing_", "topic:", "frequency:", "pause:"
# Marks names under which people themselves answered, in the preference centre or to a colleague: what a consent platform goes on
# repeating under the same name is no new answer to that.
BY_PERSON = "said:"
SALE_SHARE, ALL_MARKETING = "sale_share", "direct_marketing"
_UPPER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
_BETWEEN = re.compile(r"[^a-z0-9:]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """One purpose. `names` are those whose yes and no tell of it, `refused_by` those of which only a no does.

    Names are compared as `plain` makes them. `basis` is one of BASES.
    """

    key: str
    name: str
    basis: str = "consent"
    description: str = ""
    names: frozenset[str] = field(default_factory=frozenset)
    refused_by: frozenset[str] = field(default_factory=frozenset)

    @property
    def channel(self) -> str:
        """The channel of a purpose of marketing; empty for others."""
        return self.key.removeprefix(MARKETING) if self.key.startswith(MARKETING) else ""

    @property
    def is_marketing(self) -> bool:
        """Whether a pause, and a no to all marketing, hold for it. A workspace's own is if its key begins with MARKETING."""
        return self.key.startswith((MARKETING, TOPIC)) or ALL_MARKETING in self.refused_by


@lru_cache(maxsize=10_000)
def plain(name: str) -> str:
    """Return a category's name as it is compared: small letters a to z, digits, colons, and single underscores between."""
    return _BETWEEN.sub("_", name.translate(_UPPER)).strip("_")


def _purpose(  # noqa: PLR0913, PLR0917  one row of the table below
    key: str, name: str, description: str, names: str, refused_by: str = "", basis: str = "consent"
) -> Purpose:
    said = frozenset([key, *names.split()])
    return Purpose(
        key=key, name=name, basis=basis, description=description, names=said, refused_by=frozenset(refused_by.split()) - said
    )


# Names of the categories of common consent platforms (C0001 to C0005 are OneTrust's), of Google's consent mode v2, and of
# the purposes of TCF 2.3 (`tcf:<number>`), all as `plain` makes them.
BUILT_IN: Mapping[str, Purpose] = {
    one.key: one
    for one in (
        _purpose(
            "necessary", "Strictly necessary", "What the service that was asked for can't do without.",
            "strictly_necessary essential c0001", basis="necessary",
        ),
        _purpose(
            "analytics", "Analytics", "Measuring how products and pages are used, to improve them.",
            "analytic analytical statistics statistical performance measurement c0002 analytics_storage tcf:8 tcf:9",
        ),
        _purpose(
            "personalisation", "Personalisation", "Showing what fits what is known of a person.",
            "personalization preferences preference functional functionality c0003 tcf:5 tcf:6",
        ),
        _purpose("marketing_email", "Marketing by e-mail", "News and offers by e-mail.",
                 "marketing email email_marketing newsletter", "direct_marketing"),
        _purpose("marketing_sms", "Marketing by text message", "News and offers by text message.",
                 "sms sms_marketing text_messages", "marketing direct_marketing"),
        _purpose("marketing_push", "Marketing by push notification", "News and offers on the phone's or browser's screen.",
                 "push push_notifications", "marketing direct_marketing"),
        _purpose("marketing_whatsapp", "Marketing by WhatsApp", "News and offers by WhatsApp.",
                 "whatsapp", "marketing direct_marketing"),
        _purpose("marketing_phone", "Marketing by phone", "Calls about news and offers.",
                 "phone telephone telemarketing", "marketing direct_marketing"),
        _purpose("marketing_post", "Marketing by post", "Letters and catalogues.",
                 "marketing post postal_mail direct_mail", "direct_marketing"),
        _purpose(
            "marketing_ads", "Advertising elsewhere", "Choosing which advertisements a person sees on other sites and apps.",
            "marketing ads advertising targeting targeted_advertising c0004 ad_storage ad_user_data ad_personalization tcf:3 tcf:4",
            "direct_marketing sale_share",
        ),
        _purpose("surveys", "Surveys", "Asking how something was.", "survey feedback", "direct_marketing"),
        _purpose("legal_profiling", "Decisions with legal effect",
                 "Decisions by machines alone that have legal or similarly significant effects.", "profiling automated_decisions"),
        _purpose("sale_share", "Sale and sharing", "Giving personal data to others for money or for advertising.",
                 "sale share sale_of_data do_not_share c0005"),
        _purpose(
            "matching", "Finding double entries", "Comparing what is known of customers, for a colleague to say who is the same person.",
            "record_matching", "legal_profiling profiling automated_decisions", basis="legitimate_interest",
        ),
        _purpose(
            "segmentation", "Profiling into segments",
            "Sorting customers by what they do, to understand them as groups. Nothing is decided about one of them by it.",
            "segments behavioural_segments clustering", "legal_profiling profiling automated_decisions", basis="legitimate_interest",
        ),
    )
}  # fmt: skip


def purposes_of(own: Iterable[Purpose]) -> dict[str, Purpose]:
    """Return all purposes of a workspace: Amity's, each as the workspace changed it, and the workspace's own."""
    found = dict(BUILT_IN)
    for one in own:
        base = found.get(one.key)
        if base is None:
            closed_by = {ALL_MARKETING} if one.key.startswith(MARKETING) else set()
            found[one.key] = replace(one, names=one.names | {one.key}, refused_by=frozenset(closed_by) - one.names)
        elif one.key == "necessary":
            found[one.key] = replace(one, basis="necessary", names=one.names | {one.key})
        else:
            found[one.key] = replace(one, names=one.names | {one.key}, refused_by=base.refused_by - one.names)
    return found


def named(purpose: str, *, how: str = "purpose=") -> str:
    """Return the purpose that a read named, for whom it is then asked. Raises Invalid (`purpose_missing`) where it named none.

    `how` is how it is given there: `purpose=` of an address, `--purpose ` of a command.
    """
    if purpose:
        return purpose
    raise Invalid(
        f"Say what the data is used for: {how}necessary to serve the customers themselves, or one of the workspace's other purposes, "
        f"such as {how}marketing_email.",
        code="purpose_missing",
    )


def purpose_of(purposes: Mapping[str, Purpose], key: str) -> Purpose:
    """Return a purpose, or a topic (`topic:<key>`), by its key. Raises Invalid, which lists the keys there are."""
    if key in purposes:
        return purposes[key]
    if key.startswith(TOPIC) and plain(key) == key:
        # Within what a channel's purpose allows, a topic is sent until it is refused.
        return Purpose(key=key, name=key.removeprefix(TOPIC), basis="legitimate_interest", names=frozenset([key]))
    raise Invalid(f"There is no purpose {key!r}; there are {', '.join(purposes)}.", code="unknown_purpose")
