"""Tags and filters of every page: `{% load amity %}`."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path

from django import template
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from amity.shell import navigation, words
from amity.shell.navigation import Reader

register = template.Library()

_NO_FILL = 'fill="none" stroke="currentColor" stroke-width="1.5"'
_SHAPES = {
    "good": '<path d="M7 .75a6.25 6.25 0 1 1 0 12.5A6.25 6.25 0 0 1 7 .75zM6.2 9.7l4.2-4.6-.9-.8-3.4 3.7-1.6-1.5-.8.9z"'
    ' fill-rule="evenodd"/>',
    "warn": '<path d="M7 .8 13.8 13H.2zM6.35 5.2v3.7h1.3V5.2zm0 4.7v1.4h1.3V9.9z" fill-rule="evenodd"/>',
    "bad": '<path d="M4.4.8h5.2l3.6 3.6v5.2l-3.6 3.6H4.4L.8 9.6V4.4zM6.35 3.5v4.3h1.3V3.5zm0 5.3v1.5h1.3V8.8z"'
    ' fill-rule="evenodd"/>',
    "running": f'<circle cx="7" cy="7" r="5.25" {_NO_FILL}/><path d="M7 3.5a3.5 3.5 0 0 1 0 7z"/>',
    "quiet": f'<circle cx="7" cy="7" r="5" {_NO_FILL}/>',
}


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """Draw an icon of the sprite: `{% icon "people" %}`, small with `{% icon "down" "s" %}`. Words stand next to it."""
    return _drawn(name, css)


@lru_cache(1_000)  # a page has a hundred of some forty kinds
def _drawn(name: str, css: str) -> SafeString:
    if name not in _icons():
        raise template.TemplateSyntaxError(f"There is no icon {name!r} in icons.svg; it has {', '.join(sorted(_icons()))}.")
    css = f"i {css}".rstrip()
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>', css, static("amity/icons.svg"), name)


@register.simple_tag
def mark(kind: str, said: object, css: str = "") -> SafeString:
    """Judge with a shape, a word and a colour: good, warn, bad, running or quiet."""
    if kind not in _SHAPES:
        raise template.TemplateSyntaxError(f"{kind!r} is no mark; use one of {', '.join(_SHAPES)}.")
    colour = kind if kind in {"good", "warn", "bad"} else ""
    shape = mark_safe(_SHAPES[kind])  # noqa: S308 - a constant of this module
    classes = " ".join(filter(None, ("mark", colour, css)))
    return format_html(
        '<span class="{}"><svg class="fill" viewBox="0 0 14 14" aria-hidden="true">{}</svg><span class="words">{}</span></span>',
        classes,
        shape,
        said,
    )


@register.simple_tag(takes_context=True)
def customer_url(context: template.Context, customer_id: object) -> str:
    """Return the address of a customer's page, empty where who looks may not read customers."""
    access = context.get("access")
    if not customer_id or access is None or not access.can("customers.read"):
        return ""
    return reverse("customers:customer", kwargs={"workspace": access.workspace_slug, "customer_id": customer_id})


@register.simple_tag(takes_context=True)
def acts_on(context: template.Context, on: str, number: int) -> list[navigation.Link]:
    """Return what rooms above offer to do with a thing: `{% acts_on "alert" one.pk as acts %}`."""
    access = context.get("access")
    return [] if access is None else navigation.acts_on(on, number, access)


@register.filter
def when(value: datetime | int | None, form: str = "") -> SafeString | str:
    """Say a time (datetime, or ms since 1970) as people do, the exact one on hover; `:"clock"` and `:"date"` fix the form."""
    if value is None or value == "":
        return "never"
    instant = datetime.fromtimestamp(value / 1000, UTC) if isinstance(value, int | float) else value
    zone = timezone.get_current_timezone()
    here = instant.astimezone(zone)
    said = {
        "clock": lambda: f"{here:%H:%M}",
        "seconds": lambda: f"{here:%H:%M:%S}",
        "date": lambda: f"{here.day} {here:%b %Y}",
        "exact": lambda: words.say_exactly(instant, zone=zone),
    }.get(form, lambda: words.say_when(instant, now=timezone.now(), zone=zone))()
    live = "" if form else mark_safe(" data-ago")
    exact = words.say_exactly(instant, zone=zone)
    return format_html(
        '<time datetime="{}" title="{}"{}>{}</time>', instant.isoformat(timespec="milliseconds"), exact, live, said
    )


@register.filter
def breakable(text: object) -> SafeString:
    """Let a long address break where a reader would break it: after an @, a dot, a hyphen or an underscore."""
    parts = re.split(r"(?<=[@._-])(?=[^@._-])", str(text))
    return format_html_join(mark_safe("<wbr>"), "{}", ((part,) for part in parts))


@register.filter
def may(access: Reader | None, permission: str) -> bool:
    """Tell whether who looks holds a permission: `{% if access|may:"sources.write" %}`."""
    return access is not None and access.can(permission)


@register.filter
def number(value: float | Decimal | str | None, digits: str | int = "") -> str:
    """Write a number with its thousands parted; `:1` fixes the digits after the point. Nothing for None."""
    if value is None or value == "":
        return ""
    return words.say_number(Decimal(str(value)), digits=int(digits) if digits != "" else None)


@register.filter
def money(value: float | Decimal | str | None, currency: str = "") -> str:
    """Write an amount in a currency (ISO 4217 code). Nothing for None."""
    return "" if value is None or value == "" else words.say_money(Decimal(str(value)), currency)


register.filter("size", words.say_size)
register.filter("span", words.say_span)
register.filter("initials", words.initials)


@cache
def _icons() -> frozenset[str]:
    path = finders.find("amity/icons.svg")
    return frozenset(re.findall(r'<symbol id="([^"]+)"', Path(str(path)).read_text(encoding="utf-8")))
