"""What customers say, by theme and language: sentences of ours, put together so that few are alike, with what is true of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from amity.demo import truth
from amity.demo.catalogue import AGENTS
from amity.demo.draws import Dice
from amity.demo.people import Person

LANGUAGES = ("en", "de", "fr")
GOOD = ("onboarding_good", "card_good", "delivery_good", "product_good", "refund_good", "service_good", "app_good", "store_good")
BAD = ("id_check", "card_declined", "delivery_late", "product_bad", "refund", "wait", "app_bad", "store_bad", "price", "mail_bad", "incident")  # fmt: skip
_WHEN = {
    "en": ("yesterday", "last Tuesday", "this morning", "two weeks ago", "last night", "last week"),
    "de": ("gestern", "letztem Dienstag", "Montag", "heute früh", "dem Wochenende", "letzter Woche"),
    "fr": ("hier", "mardi dernier", "lundi", "ce matin", "samedi", "la semaine dernière"),
}


@dataclass(frozen=True, slots=True)
class Said:
    """Words of a customer and what is true of them: themes, -1 to 1 for how they are meant, whether sarcastic or mixed."""

    text: str
    themes: tuple[str, ...]
    language: str
    sentiment: int
    sarcastic: bool = False
    mixed: bool = False


@cache
def sentences(language: str) -> dict[str, tuple[str, ...]]:
    """Return all sentences of a language by theme."""
    found: dict[str, list[str]] = {}
    theme = ""
    for line in files("amity.demo").joinpath(f"words_{language}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            theme = line[3:].strip()
            found[theme] = []
        elif line and not line.startswith("#"):
            found[theme].append(line)
    return {name: tuple(lines) for name, lines in found.items()}


@cache
def _sarcasm(language: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for line in sentences(language)["sarcasm"]:
        theme, _, text = line.partition(": ")
        found[theme] = (*found.get(theme, ()), text)
    return found


class Speaker:
    """Says something in a customer's language."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice

    def say(self, theme: str, person: Person, *, product: str = "parcel") -> Said:
        """Return words about a theme: mostly plain, of the negative ones some sarcastic, some mixed with praise."""
        dice, language = self._dice, person.spoken
        bad = theme in BAD
        if bad and dice.random() < truth.SARCASTIC and (dry := _sarcasm(language).get(theme)):
            return Said(self._filled(dice.pick(dry), person, product), (theme,), language, -1, sarcastic=True)
        if bad and dice.random() < truth.MIXED:
            return self._mixed(theme, person, product)
        text = dice.pick(sentences(language)[theme])
        if theme != "fine":
            mood = "bad" if bad else "good"
            if dice.random() < 0.4:
                text = f"{dice.pick(sentences(language)[f'open_{mood}'])} {text}"
            if dice.random() < 0.4:
                text = f"{text} {dice.pick(sentences(language)[f'close_{mood}'])}"
        return Said(self._filled(text, person, product), (theme,), language, -1 if bad else 0 if theme == "fine" else 1)

    def reply(self, solved: bool, person: Person) -> str:  # noqa: FBT001
        """Return what an agent answers."""
        return self._dice.pick(sentences(person.spoken)["reply_solved" if solved else "reply_open"])

    def _mixed(self, theme: str, person: Person, product: str) -> Said:
        dice, language = self._dice, person.spoken
        praise = dice.pick([one for one in GOOD if one[:4] != theme[:4]])
        good, bad = dice.pick(sentences(language)[praise]), dice.pick(sentences(language)[theme])
        joined = dice.pick(sentences(language)["but"])
        text = joined.format(good=good, bad=bad, good_low=_low(good), bad_low=_low(bad))
        return Said(self._filled(text, person, product), (theme, praise), language, -1, mixed=True)

    def _filled(self, text: str, person: Person, product: str) -> str:
        if "{" not in text:
            return text
        dice = self._dice
        filled = text.format(
            product=product, city=person.city.name, name=person.first, agent=dice.pick(AGENTS), when=dice.pick(_WHEN[person.spoken]),
            n=dice.between(3, 12),
        )  # fmt: skip
        return filled[:1].upper() + filled[1:]


def _low(sentence: str) -> str:
    """Return an English sentence as it stands within another."""
    return sentence if sentence.startswith(("I ", "I'", "English", "ID ")) else sentence[:1].lower() + sentence[1:]
