"""What customers say: three languages with the same themes, whole sentences."""

from __future__ import annotations

import pytest

from amity.demo.draws import Dice
from amity.demo.people import make_person
from amity.demo.words import BAD, GOOD, LANGUAGES, Speaker, sentences


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_theme(language: str) -> None:
    known = sentences(language)
    assert set(known) == set(sentences("en"))
    assert {*GOOD, *BAD, "fine"} <= set(known)
    assert all(len(known[theme]) >= 3 for theme in known)


def test_what_is_said_is_filled_in_and_in_ones_own_language() -> None:
    dice = Dice()
    for number in range(400):
        person = make_person(dice, number, seed=1)
        for theme in (*BAD, *GOOD, "fine"):
            said = Speaker(dice).say(theme, person)
            assert "{" not in said.text
            assert said.text[:1] == said.text[:1].upper()
            assert said.language == person.spoken
            assert said.themes[0] == theme
