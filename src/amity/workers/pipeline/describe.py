"""Describe: on which channel it happened, at which touchpoint, from where, with which device.

What a client says (`context.channel`, `context.page`, `context.campaign`) goes before what can be guessed.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from amity.facts.interaction import Interaction
from amity.workers.batch import Batch, Described
from amity.workers.pipeline.device import device_of
from amity.workers.pipeline.voice import channel_of, voice_of

LONGEST = 2_000


def describe(batch: Batch) -> None:
    """Fill in `described` of each item. Drops nothing."""
    for item in batch.live:
        item.described = described(item.interaction, item.properties, item.context)


def described(one: Interaction, properties: dict[str, Any], context: dict[str, Any]) -> Described:
    """Return what one interaction shows; unknown parts are empty."""
    page = _dict(context, "page")
    url = _text(properties, "url", "$current_url") or _text(page, "url")
    path = _text(properties, "path", "$pathname") or _text(page, "path") or _path(url)
    campaign = _dict(context, "campaign")
    tagged = _tagged(url) if "utm_" in url else _NO_TAGS
    browser, os, device = device_of(one.user_agent or _text(context, "userAgent"))
    channel = channel_of(one, properties, context, url=url)
    return Described(
        channel=channel,
        touchpoint=_text(properties, "touchpoint") or _touchpoint(one, path),
        voice=voice_of(one, properties, context),
        url=url,
        path=path,
        referrer=_text(properties, "referrer", "$referrer") or _text(page, "referrer"),
        campaign_source=_text(campaign, "source") or _text(properties, "utm_source") or tagged[0],
        campaign_medium=_text(campaign, "medium") or _text(properties, "utm_medium") or tagged[1],
        campaign_name=_text(campaign, "name") or _text(properties, "utm_campaign") or tagged[2],
        browser=_text(properties, "$browser") or browser,
        os=_text(properties, "$os") or _text(_dict(context, "os"), "name") or os,
        device=_text(_dict(context, "device"), "type") or device,
        country=_country(properties, context),
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


def _text(holder: dict[str, Any], *names: str) -> str:
    for name in names:
        value = holder.get(name)
        if isinstance(value, str) and value:
            return value[:LONGEST]
    return ""
