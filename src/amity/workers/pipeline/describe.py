"""Describe: on which channel it happened, at which touchpoint, from where, with which device.

What a client says (`context.channel`, `context.page`, `context.campaign`) goes before what can be guessed.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from amity.facts.interaction import Interaction
from amity.workers.batch import Batch, Described, Item
from amity.workers.pipeline.device import device_of
from amity.workers.pipeline.voice import POSTHOG_ANSWER, channel_of, voice_of

LONGEST = 2_000


# The properties that can tell where and how: without one of them, name and context alone decide.
_TELLING = frozenset(
    "url $current_url path $pathname touchpoint referrer $referrer utm_source utm_medium utm_campaign $browser $os "  # noqa: SIM905
    "$geoip_country_code country_code channel".split()
)
_MOST_KNOWN = 4_096
_known: dict[tuple[object, ...], tuple[dict[str, Any], Described]] = {}


def describe(batch: Batch) -> None:
    """Fill in `described` of each item. Drops nothing."""
    for item in batch.live:
        item.described = _remembered(item)


def _remembered(item: Item) -> Described:
    """Return what is known of such an interaction: most come from a device and place that were described a moment ago."""
    one, context = item.interaction, item.context
    if one.name in POSTHOG_ANSWER or not _TELLING.isdisjoint(item.properties):
        return described(one, item.properties, context)
    # All that `described` reads where properties tell nothing. What decodes contexts gives the same object for the same one;
    # it is kept, so that its number stays its own.
    key = (id(context), one.kind, one.name, one.user_agent)
    found = _known.get(key)
    if found is None:
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        found = _known[key] = (context, described(one, {}, context))
    return found[1]


def described(one: Interaction, properties: dict[str, Any], context: dict[str, Any]) -> Described:
    """Return what one interaction shows; unknown parts are empty."""
    page, campaign = context.get("page"), context.get("campaign")
    page = page if isinstance(page, dict) else _NOTHING
    campaign = campaign if isinstance(campaign, dict) else _NOTHING
    told = not _TELLING.isdisjoint(properties)  # asked once, for most properties tell of something else
    url = (told and _text(properties, "url", "$current_url")) or _only(page, "url")
    path = (told and _text(properties, "path", "$pathname")) or _only(page, "path") or _path(url)
    tagged = _tagged(url) if "utm_" in url else _NO_TAGS
    browser, os, device = device_of(one.user_agent or _text(context, "userAgent"))
    return Described(
        channel=channel_of(one, properties, context, url=url),
        touchpoint=(told and _text(properties, "touchpoint")) or _touchpoint(one, path),
        voice=voice_of(one, properties, context),
        url=url,
        path=path,
        referrer=(told and _text(properties, "referrer", "$referrer")) or _only(page, "referrer"),
        campaign_source=(campaign and _text(campaign, "source")) or (told and _text(properties, "utm_source")) or tagged[0],
        campaign_medium=(campaign and _text(campaign, "medium")) or (told and _text(properties, "utm_medium")) or tagged[1],
        campaign_name=(campaign and _text(campaign, "name")) or (told and _text(properties, "utm_campaign")) or tagged[2],
        browser=(told and _text(properties, "$browser")) or browser,
        os=(told and _text(properties, "$os")) or ("os" in context and _text(_dict(context, "os"), "name")) or os,
        device=("device" in context and _text(_dict(context, "device"), "type")) or device,
        country=_country(properties, context) if told or "location" in context else "",
    )


def _touchpoint(one: Interaction, path: str) -> str:
    """Return where on its channel: the page or screen it names, else the path's first part, else nothing."""
    if one.kind in {"page", "screen"} and one.name:
        return one.name[:200]
    if path:
        first = path.strip("/").partition("/")[0]
        return "/" + first[:100]
    return ""


_NO_TAGS = ("", "", "")
_NOTHING: dict[str, Any] = {}


@lru_cache(maxsize=4_096)
def _tagged(url: str) -> tuple[str, str, str]:
    """Return source, medium and campaign of a tagged address."""
    try:
        tags = dict(parse_qsl(urlsplit(url).query, max_num_fields=100))
    except ValueError:
        return _NO_TAGS
    return tags.get("utm_source", "")[:200], tags.get("utm_medium", "")[:200], tags.get("utm_campaign", "")[:200]


@lru_cache(maxsize=4_096)
def _path(url: str) -> str:
    if not url:
        return ""
    try:
        return urlsplit(url).path or "/"
    except ValueError:
        return ""


def _country(properties: dict[str, Any], context: dict[str, Any]) -> str:
    """Return a two-letter country that the client states; an address isn't looked up, and a locale is no place."""
    said = _text(_dict(context, "location"), "country") or _text(properties, "$geoip_country_code", "country_code")
    return said.upper() if len(said) == 2 and said.isalpha() and said.isascii() else ""


def _dict(holder: dict[str, Any], name: str) -> dict[str, Any]:
    value = holder.get(name)
    return value if isinstance(value, dict) else {}


def _only(holder: dict[str, Any], name: str) -> str:
    value = holder.get(name)
    return value[:LONGEST] if isinstance(value, str) else ""


def _text(holder: dict[str, Any], *names: str) -> str:
    for name in names:
        value = holder.get(name)
        if isinstance(value, str) and value:
            return value[:LONGEST]
    return ""
