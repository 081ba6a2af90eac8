"""Stages as BPMN: there and back nothing is lost; what a map can't say is refused by name; other tools' files are read."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amity.engines.past.behaviour.language import Duration, Event
from amity.kernel.errors import Invalid
from amity.rooms.journeys.rules.maps.beginnings import beginning, beginnings
from amity.rooms.journeys.rules.maps.bpmn import DI, MODEL, from_bpmn, to_bpmn
from amity.rooms.journeys.rules.maps.language import JourneyMap, Stage
from tests.rooms.customers.people import Place
from tests.rooms.journeys.maps.test_pages import made, text_of, url

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=30)
STAGES = st.lists(
    st.builds(
        Stage, key=st.just("x"), name=WORDS, event=st.none() | st.builds(Event, name=WORDS), optional=st.booleans(), repeats=st.booleans(),
        at_most=st.none() | st.builds(Duration, amount=st.integers(1, 300), unit=st.just("days")), channels=st.lists(WORDS, max_size=3).map(tuple),
    ),
    max_size=8,
)  # fmt: skip


@settings(deadline=None, suppress_health_check=list(HealthCheck))  # a busy machine is no mistake
@given(STAGES)
def test_there_and_back_nothing_is_lost(stages):
    one = JourneyMap(
        stages=tuple(
            Stage(**{**{n: getattr(each, n) for n in each.__struct_fields__}, "key": f"s{k}"}) for k, each in enumerate(stages, 1)
        )
    )
    assert from_bpmn(to_bpmn(one, name="x").encode(), before=JourneyMap()) == one


@pytest.mark.parametrize("kind", beginnings())
def test_a_stage_of_the_same_name_keeps_what_stands_on_it(kind):
    one = beginning(kind)
    assert from_bpmn(to_bpmn(one, name=kind).encode(), before=one) == one


def test_every_element_lies_on_the_diagram():
    """What the standard asks of a diagram that other tools draw: a shape for each node, an edge for each flow."""
    one = JourneyMap(stages=(Stage(key="s1", name="A"), Stage(key="s2", name="B", optional=True), Stage(key="s3", name="C")))
    root = ET.fromstring(to_bpmn(one, name="x"))
    drawn = {each.get("bpmnElement") for each in root.iter() if each.tag in {f"{{{DI}}}BPMNShape", f"{{{DI}}}BPMNEdge"}}
    process = root.find(f"{{{MODEL}}}process")
    assert drawn == {each.get("id") for each in process}
    ids = [each.get("id") for each in root.iter() if each.get("id")]
    assert len(ids) == len(set(ids))


OTHERS = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="d" targetNamespace="t">
<process id="p" isExecutable="true"><startEvent id="s"><outgoing>f1</outgoing></startEvent>
<userTask id="a" name="Ask" camunda:assignee="x"><incoming>f1</incoming><outgoing>f2</outgoing></userTask>
<exclusiveGateway id="g" name="Known?" default="f4"/><serviceTask id="b" name="Check"/><exclusiveGateway id="h"/>
<task id="c" name="Pay">%s</task><endEvent id="e"/>%s
<sequenceFlow id="f1" sourceRef="s" targetRef="a"/><sequenceFlow id="f2" sourceRef="a" targetRef="g"/>
<sequenceFlow id="f3" sourceRef="g" targetRef="h"><conditionExpression>x</conditionExpression></sequenceFlow>
<sequenceFlow id="f4" sourceRef="g" targetRef="b"/><sequenceFlow id="f5" sourceRef="b" targetRef="h"/>
<sequenceFlow id="f6" sourceRef="h" targetRef="c"/><sequenceFlow id="f7" sourceRef="c" targetRef="e"/></process></definitions>"""


def others(inside: str = "", beside: str = "") -> bytes:
    return (OTHERS % (inside, beside)).encode()


def test_what_another_tool_wrote_is_read():
    found = from_bpmn(others("<standardLoopCharacteristics/>"), before=JourneyMap())
    assert [(one.name, one.optional, one.repeats) for one in found.stages] == [
        ("Ask", False, False), ("Check", True, False), ("Pay", False, True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (others(beside='<parallelGateway id="z" name="Both"/>'), "the parallelGateway “Both”"),
        (others(beside='<subProcess id="z"/>'), "the subProcess “z”"), (others(beside='<inclusiveGateway id="z"/>'), "inclusiveGateway"),
        (others(beside='<boundaryEvent id="z" attachedToRef="a"/>'), "boundaryEvent"),
        (others("<multiInstanceLoopCharacteristics/>"), "multiInstanceLoopCharacteristics of the task “Pay”"),
        (others(beside='<task id="z" name="Alone"/>'), "isn’t come to"), (others(beside='<endEvent id="z"/>'), "one start and one end"),
        (others(beside='<sequenceFlow id="z" sourceRef="c" targetRef="a"/>'), "goes 2 ways"),
        (others().replace(b'"f7" sourceRef="c" targetRef="e"', b'"f7" sourceRef="c" targetRef="a"'), "go back"),
        (others(beside='<sequenceFlow id="z" sourceRef="a" targetRef="nothing"/>'), "at nothing"),
        (others().replace(b'targetRef="h"/>', b'targetRef="c"/>'), "parts ways"),
        (b"<definitions/>", "BPMN 2.0"), (b"no xml", "no BPMN"), (b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', "no BPMN"), (b" " * 2_000_001, "2 MB"),
        (f'<definitions xmlns="{MODEL}"/>'.encode(), "has 0"),
    ],
)  # fmt: skip
def test_what_a_map_cannot_say_is_refused_by_name(body, said):
    with pytest.raises(Invalid, match=said):
        from_bpmn(body, before=JourneyMap())


def test_a_target_is_brought_in_and_given_out(transactional_db, past_ready):
    here = Place()
    one = made(here)
    changed = text_of(here.client.get(url(here, f"{one.pk}/map.bpmn"))).replace("Gets an answer", "Is called back")
    file = SimpleUploadedFile("better.bpmn", changed.encode())
    assert here.client.post(url(here, f"{one.pk}/bpmn"), {"file": file}).headers["Location"].endswith("?side=target")
    one.refresh_from_db()
    assert [stage["name"] for stage in one.target["stages"]] == ["Has a question", "Is called back", "Solved"]
    assert one.target["stages"][0]["steps"] == one.current["stages"][0]["steps"]
    assert "Is called back" in text_of(here.client.get(url(here, f"{one.pk}/map.bpmn?side=target")))
    assert "Is called back" not in text_of(here.client.get(url(here, f"{one.pk}/map.bpmn")))
    assert "Brought in from BPMN: better.bpmn" in text_of(here.client.get(url(here, f"{one.pk}/history")))
    for wrong in ({}, {"file": SimpleUploadedFile("x.bpmn", b"no")}):
        here.client.post(url(here, f"{one.pk}/bpmn"), wrong)
    one.refresh_from_db()
    assert one.number == 2
    assert here.sign_in("viewer").post(url(here, f"{one.pk}/bpmn"), {}).status_code == 403
