"""All words of the preference centre, by language."""

from __future__ import annotations

from collections.abc import Mapping

from amity.rooms.customers.rules.centre import english, french, german, portuguese, spanish

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": english.WORDS, "de": german.WORDS, "fr": french.WORDS, "es": spanish.WORDS, "pt": portuguese.WORDS,
}  # fmt: skip
PURPOSES: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "en": english.PURPOSES, "de": german.PURPOSES, "fr": french.PURPOSES, "es": spanish.PURPOSES, "pt": portuguese.PURPOSES,
}  # fmt: skip
FREQUENCIES = ("always", "weekly", "monthly")
