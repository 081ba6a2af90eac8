"""Channel and voice: where an interaction happened, and whether the customer did it, said it, or we did.

The names are those of the field's standard events (Segment's Email, Mobile, Live Chat and Reviewing specs) and of
Amity's own facts. A client that states `context.channel` or `context.voice` is believed.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, cast

from amity.facts.interaction import Interaction
from amity.workers.batch import Voice

_SAME = {
    "browser": "web", "website": "web", "client": "web", "mobile": "app", "mobile_app": "app", "ios": "app", "android": "app",
    "e_mail": "email", "mail": "email", "text": "sms", "text_message": "sms", "push_notification": "push", "live_chat": "chat",
    "telephone": "phone", "call": "phone", "voice": "phone", "call_center": "phone", "call_centre": "phone", "shop": "store",
    "in_store": "store", "pos": "store", "retail": "store", "point_of_sale": "store", "ticket": "support", "helpdesk": "support",
    "help_desk": "support", "letter": "post", "server_side": "server", "sources": "server",
}  # fmt: skip
_VAGUE = {"", "server"}
_BY_NAME = (
    ("email", ("email", "e-mail", "newsletter")),
    ("sms", ("sms", "text message")),
    ("push", ("push notification", "push opened", "push sent", "push delivered")),
    ("chat", ("live chat", "chat ")),
    ("phone", ("call ", "phone call")),
    ("store", ("store ", "in-store", "pos ")),
    ("support", ("ticket", "conversation", "support case")),
    ("survey", ("survey", "nps", "csat")),
)
_APPS = ("ios", "android", "kotlin", "swift", "react-native", "flutter", "unity", "roku", "maui")

_WE = re.compile(
    r"^(?:e-?mail|sms|push notification|push|message|letter|newsletter|survey|invitation|notification|reminder|campaign)"
    r"[ _]?(?:sent|delivered|bounced|deferred|dropped|suppressed|scheduled|failed|received)$"
    r"|^(?:offer|banner|guide|experiment|recommendation|product list|survey)[ _]?(?:shown|displayed|made|delivered)$"
    r"|^(?:conversation|ticket|case|live chat conversation)[ _]?(?:resolved|closed|assigned|answered|replied|escalated)$"
    r"|^(?:order|shipment|refund|invoice)[ _]?(?:shipped|dispatched|delivered|issued|sent|refunded|delayed)$"
    r"|^(?:price|tier|points)[ _]?(?:changed|granted|expired|credited)$"
    r"|^decision[ _]?made$|^(?:live )?chat message received$",
    re.IGNORECASE,
)
_SAID = re.compile(
    r"^(?:survey|nps|csat|ces|question|poll)[ _]?(?:answered|completed|submitted|responded|response)$"
    r"|^(?:review|feedback|complaint|rating|comment|testimonial|suggestion)[ _]?(?:submitted|left|given|posted|received|added|created)?$"
    r"|^product[ _]?(?:reviewed|rated)$"
    r"|^(?:live chat message|chat message|message)[ _]?(?:written|received from customer|posted)$|^(?:live )?chat message sent$"
    r"|^(?:ticket|conversation|case|live chat conversation)[ _]?(?:opened|created|started|submitted|reopened)$",
    re.IGNORECASE,
)
# To PostHog a survey is sent by who answers it; to everybody else, by who asks.
POSTHOG_ANSWER = frozenset({"survey sent", "$survey_sent"})
_VOICES = ("did", "said", "ours")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def channel_of(one: Interaction, properties: dict[str, Any], context: dict[str, Any], *, url: str) -> str:
    """Return the channel: what the client states, else what the event's name tells, else what kind of client it was."""
    stated = context.get("channel") or properties.get("channel")
    if stated:
        stated = _stated(context.get("channel")) or _stated(properties.get("channel"))
        if stated not in _VAGUE:
            return str(stated)
    library = context.get("library")
    made_by = str(library.get("name", "")) if isinstance(library, dict) else ""
    return _channel_in(one.name if one.kind == "track" else "") or _channel_of_client(one.kind, made_by, bool(url))


def voice_of(one: Interaction, properties: dict[str, Any], context: dict[str, Any]) -> Voice:
    """Return `did`, `said` or `ours`."""
    stated = context.get("voice")
    if stated in _VOICES:
        return cast("Voice", stated)
    if one.kind != "track":
        return "did"
    if one.name in POSTHOG_ANSWER and (one.dialect == "posthog" or any(name.startswith("$survey") for name in properties)):
        return "said"
    return _voice_in(one.name)


@lru_cache(maxsize=4_096)
def _voice_in(name: str) -> Voice:
    spoken = _CAMEL.sub(" ", name[:200]).strip()
    if _SAID.match(spoken):
        return "said"
    return "ours" if _WE.match(spoken) else "did"


@lru_cache(maxsize=4_096)
def _channel_in(name: str) -> str:
    spoken = _CAMEL.sub(" ", name[:200]).lower() + " "
    return next((channel for channel, starts in _BY_NAME if spoken.startswith(starts)), "")


@lru_cache(maxsize=4_096)
def _channel_of_client(kind: str, library: str, at_an_address: bool) -> str:  # noqa: FBT001  lru_cache is quicker so
    made_by = library.lower()
    if kind == "screen" or any(app in made_by for app in _APPS):
        return "app"
    if kind == "page" or at_an_address or "analytics.js" in made_by or made_by in {"web", "analytics-next"}:
        return "web"
    return "server"


@lru_cache(maxsize=1_024)
def _normal(text: str) -> str:
    slug = re.sub(r"[^a-z0-9]+", "_", text[:200].lower()).strip("_")[:40]
    return _SAME.get(slug, slug)


def _stated(value: object) -> str:
    return _normal(value) if isinstance(value, str) else ""
