"""A map as SVG: whatever is written on it, the picture is XML that says it, and nothing runs in it."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amity.rooms.journeys.rules.maps.beginnings import beginning, beginnings
from amity.rooms.journeys.rules.maps.language import JourneyMap, Stage
from amity.rooms.journeys.rules.maps.picture import SIZE, WIDE, broken_at, picture
from amity.rooms.journeys.rules.texts import plain
from tests.rooms.customers.people import Place
from tests.rooms.journeys.maps.test_pages import made, text_of, url

SVG = "{http://www.w3.org/2000/svg}"


def words(drawn: ET.Element) -> list[str]:
    return " ".join("".join(one.itertext()) for one in drawn.iter(f"{SVG}text")).split()


@pytest.mark.parametrize("kind", beginnings())
def test_all_that_is_drawn_is_in_the_picture_and_within_it(kind):
    one = beginning(kind)
    drawn = fromstring(picture(one, title=kind))
    said = words(drawn)
    for stage in one.stages:
        assert set(stage.name.split()) <= set(said)
        assert {word for line in stage.steps for word in line.split()} <= set(said)
    assert len(list(drawn.iter(f"{SVG}circle"))) == sum(stage.emotion is not None for stage in one.stages)
    wide, high = float(drawn.get("width")), float(drawn.get("height"))
    for text in drawn.iter(f"{SVG}text"):
        assert 0 <= float(text.get("x")) < wide
        assert 0 < float(text.get("y")) < high


@settings(deadline=None, suppress_health_check=list(HealthCheck))  # a busy machine is no mistake
@given(st.text(max_size=80), st.lists(st.text(min_size=1, max_size=300), max_size=4))
def test_whatever_is_written_it_is_xml_of_shapes_and_text(name, lines):
    one = JourneyMap(stages=(Stage(key="s1", name=name or "x", steps=tuple(lines), emotion=-2), Stage(key="s2", name="y")))
    drawn = fromstring(picture(one, title=name))
    assert {each.tag.removeprefix(SVG) for each in drawn.iter()} <= {"svg", "title", "rect", "line", "text", "polyline", "circle"}
    assert "".join(word for text in lines for word in plain(text).split()) in "".join(words(drawn))


@settings(deadline=None, suppress_health_check=list(HealthCheck))  # a busy machine is no mistake
@given(st.text(max_size=200))
def test_lines_fit_and_lose_nothing(text):
    lines = broken_at(text, WIDE)
    assert "".join(lines).replace(" ", "") == "".join(plain(text).split())
    assert all(len(line) * SIZE * 0.5 <= WIDE for line in lines)


def test_it_is_given_as_a_file_to_who_may_look(transactional_db, past_ready):
    here = Place()
    one = made(here, name='Waits; "long" / née')
    viewer = here.sign_in("viewer")
    answer = viewer.get(url(here, f"{one.pk}/map.svg"))
    assert answer["Content-Type"] == "image/svg+xml; charset=utf-8"
    assert answer["Content-Disposition"].startswith("attachment")
    assert "Has a question" in " ".join(words(fromstring(text_of(answer))))
    assert viewer.get(url(here, f"{one.pk}/map.svg?side=target")).status_code == 200
    assert Place().client.get(url(here, f"{one.pk}/map.svg")).status_code in {403, 404}
