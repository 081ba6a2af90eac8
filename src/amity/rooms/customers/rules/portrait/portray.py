"""Turn an interaction into what a person would say about it.

Known events have their own phrases (the tables beside this module); everything else is told by general rules: its name
in plain words, its channel's icon, its first few properties.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from amity.rooms.customers.contracts import Moment, Voice
from amity.rooms.customers.rules.portrait.blanks import amount, blank, fact, host, scored, text_of
from amity.rooms.customers.rules.portrait.phrases import find_phrase
from amity.rooms.customers.rules.portrait.shapes import Detail, Phrase, Portrait, Trouble
from amity.rooms.customers.rules.portrait.trouble import trouble_of
from amity.rooms.customers.rules.portrait.words import cut, event_key, looks_like_code, plain_words

QUOTE_LIMIT = 600
_NAMELESS = "An event without a name"
_KINDS = {
    "page": Phrase(say="Looked at {page}", plain="Looked at a page", icon="globe", browsing=True),
    "screen": Phrase(say="Looked at {page}", plain="Looked at a screen", icon="globe", browsing=True),
    "identify": Phrase(say="Told us {told}", plain="Made themselves known", icon="person"),
    "group": Phrase(say="Joined {group}", plain="Joined a group", icon="people"),
    "alias": Phrase(say="Got a second identifier", icon="link"),
}
_ICONS = {
    "web": "globe", "site": "globe", "app": "globe", "mobile": "globe", "email": "mail", "mail": "mail", "sms": "chat", "chat": "chat",
    "messaging": "chat", "whatsapp": "chat", "social": "chat", "phone": "phone", "call": "phone", "voice": "phone", "push": "bell", "store": "pin", "branch": "pin",
    "pos": "bag", "shop": "bag", "support": "inbox", "service": "inbox", "ticket": "inbox", "survey": "star", "feedback": "hear", "server": "plug",
    "billing": "euro", "payment": "euro", "loyalty": "gift", "ads": "eye", "letter": "mail", "post": "mail", "console": "pen",
}  # fmt: skip
_CHANNELS = {"web": "web", "email": "e-mail", "sms": "text message", "app": "app", "mobile": "app", "pos": "till", "push": "push"}
_MARKS = {"declined": "Broke here", "failed": "Broke here", "broke": "Broke here", "complaint": "Complaint", "unhappy": "Unhappy"}
_QUOTES = (
    "quote",
    "verbatim",
    "comment",
    "message_body",
    "message",
    "feedback",
    "review",
    "answer_text",
    "text",
    "body",
    "description",
)
_NOISE = re.compile(r"(^\$|_?(id|ids|url|uri|path|referrer|search|token|hash|uuid|timestamp|at|title|currency)$)", re.IGNORECASE)
_AMOUNTS = frozenset({"revenue", "total", "amount", "value", "price", "currency"})
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def portray(moment: Moment) -> Portrait:
    """Tell one interaction. Never raises, whatever its properties hold."""
    phrase = phrase_of(moment)
    sentence = _sentence(phrase, moment)
    bead = _bead(phrase, moment)
    quote = _quote(phrase, moment) if bead == "said" else ""
    trouble = _trouble(phrase, moment)
    details = tuple(detail for name in phrase.facts if name not in _said_in(phrase, moment) and (detail := fact(name, moment)))
    return Portrait(
        sentence=_clean(cut(sentence, 160)).strip() or _NAMELESS,
        bead=bead,
        icon=phrase.icon or icon_of(moment.channel),
        place=_clean(_place(moment, sentence=sentence)),
        quote=_clean(quote),
        details=_without_repeats(
            details if details or phrase.facts else _properties(moment, quote=quote), sentence=sentence, quote=quote
        ),
        trouble=trouble,
        mark=_MARKS.get(trouble, ""),
        browsing=phrase.browsing,
    )


def phrase_of(moment: Moment) -> Phrase:
    """Return the phrase of a kind of event; a general one where there is none."""
    if moment.type != "track":
        return _KINDS.get(moment.type, Phrase(say=plain_words(moment.type)))
    return find_phrase(moment.name) or Phrase(say=plain_words(moment.name).replace("{", "(").replace("}", ")") or _NAMELESS)


def portray_name(name: str) -> str:
    """Return the sentence for an event of which only the name is known."""
    phrase = find_phrase(name)
    sentence = (phrase.plain or re.sub(r"\s*\{\w+\}", "", phrase.say)) if phrase else plain_words(name)
    return _clean(cut(sentence, 160)).strip() or _NAMELESS


def icon_of(channel: str) -> str:
    """Return the icon of a channel."""
    return _ICONS.get(event_key(channel), "path")


def channel_words(channel: str) -> str:
    """Return a channel as a person names it."""
    return _CHANNELS.get(event_key(channel)) or plain_words(channel).lower()


def _sentence(phrase: Phrase, moment: Moment) -> str:
    names = re.findall(r"\{(\w+)\}", phrase.say)
    values = {name: blank(name, moment) for name in names}
    return phrase.say.format(**values) if all(values.values()) else phrase.plain or re.sub(r"\s*\{\w+\}", "", phrase.say)


def _said_in(phrase: Phrase, moment: Moment) -> set[str]:
    names = re.findall(r"\{(\w+)\}", phrase.say)
    return set(names) if all(blank(name, moment) for name in names) else set()


def _bead(phrase: Phrase, moment: Moment) -> Voice:
    """What the client states goes first, then what the event is known to be, then what the pipeline took it for."""
    voice: Voice = "said" if moment.voice == "said" else "ours" if moment.voice == "ours" else "did"
    if moment.context.get("voice") == voice:
        return voice
    return phrase.bead or voice


def _quote(phrase: Phrase, moment: Moment) -> str:
    for name in phrase.quotes or _QUOTES:
        value = moment.properties.get(name)
        if isinstance(value, list):
            value = ", ".join(each for each in value if isinstance(each, str))
        if isinstance(value, str) and any(letter.isalpha() for letter in value):
            return cut(value, QUOTE_LIMIT)
    return ""


def _trouble(phrase: Phrase, moment: Moment) -> Trouble:
    if phrase.trouble or moment.type != "track":
        return phrase.trouble
    mark, most = scored(moment) if phrase.bead == "said" else (None, None)
    if mark is not None and most is not None and mark <= most * (0.6 if most == 10 else 0.4):
        return "unhappy"
    return trouble_of(moment.name)


def _place(moment: Moment, *, sentence: str) -> str:
    app = moment.context.get("app")
    name = text_of(app.get("name"), 60) if isinstance(app, Mapping) else ""
    # The pipeline takes a path's beginning or a page's name for a touchpoint; neither says where to a person.
    stated = "" if moment.touchpoint.startswith("/") or moment.touchpoint == moment.name else cut(moment.touchpoint, 60)
    return stated or host(moment.url) or name or _channel_place(moment.channel, sentence=sentence)


def _channel_place(channel: str, *, sentence: str) -> str:
    words = "" if channel == "server" else channel_words(channel)
    said = sentence.casefold()
    return "" if not words or words in said or (words == "phone" and "call" in said) else words


def _without_repeats(details: tuple[Detail, ...], *, sentence: str, quote: str) -> tuple[Detail, ...]:
    kept: list[Detail] = []
    for each in details:
        if each.text not in sentence and each.text != cut(quote) and all(each.text != other.text for other in kept):
            kept.append(Detail(text=_clean(each.text), label=each.label, code=each.code))
    return tuple(kept)


def _properties(moment: Moment, *, quote: str) -> tuple[Detail, ...]:
    """The general rule for details: the amount, then up to three properties that a person can read."""
    if moment.type != "track":
        return ()
    money = amount(moment)
    details = [Detail(text=money)] if money else []
    for name, value in moment.properties.items():
        if len(details) >= 3:
            break
        text = text_of(value, 80)
        if not text or _NOISE.search(name) or (money and name in _AMOUNTS) or text == cut(quote, 80) or name in _QUOTES:
            continue
        details.append(Detail(text=_clean(text), label=_clean(plain_words(name).lower()), code=looks_like_code(text)))
    return tuple(details)


def _clean(text: str) -> str:
    return _CONTROL.sub("", text)
