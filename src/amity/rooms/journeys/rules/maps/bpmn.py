"""A map's stages as BPMN 2.0 (OMG formal/2013-12-09, ISO/IEC 19510), there and back: a subset, and what is beyond it is refused.

A stage is a task; one after another between a start and an end. A stage that may be left out lies between two exclusive gateways
with a flow past it; one that may come again is a loop. Which event shows a stage, and how soon and by which channels it is asked
for, stands in elements of Amity's own beside the task, which other tools keep. What else a model says, such as parallel work,
messages or subprocesses, has no place on a map, so it isn't left out silently.
"""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree as ET

from amity.kernel.errors import Invalid
from amity.rooms.journeys.rules.maps.language import MOST_STAGES, JourneyMap, read, written
from amity.rooms.journeys.rules.texts import plain

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
DI, DC, DD = (f"http://www.omg.org/spec/{name}" for name in ("BPMN/20100524/DI", "DD/20100524/DC", "DD/20100524/DI"))
OURS = "urn:amity:journey"
LARGEST = 2_000_000  # bytes of a file
_TASKS = {
    "task", "userTask", "manualTask", "serviceTask", "sendTask", "receiveTask", "scriptTask", "businessRuleTask", "callActivity",
}  # fmt: skip
_BESIDE = {"documentation", "extensionElements", "incoming", "outgoing", "textAnnotation", "association", "laneSet"}
_ASKED = ("event", "at_most", "channels")
_Stage = dict[str, Any]


def to_bpmn(one: JourneyMap, *, name: str) -> str:
    """Return a map's stages as a BPMN 2.0 model with its diagram."""
    for prefix, uri in (("bpmn", MODEL), ("bpmndi", DI), ("dc", DC), ("di", DD), ("amity", OURS)):
        ET.register_namespace(prefix, uri)
    root = ET.Element(f"{{{MODEL}}}definitions", {"id": "definitions", "targetNamespace": OURS})
    process = ET.SubElement(root, f"{{{MODEL}}}process", {"id": "journey", "name": plain(name), "isExecutable": "false"})
    drawn = _Drawn(root, process)
    before = [drawn.node("startEvent", "start", "", 36)]
    for stage in written(one).get("stages", []):
        key, optional = stage["key"], stage.get("optional", False)
        if optional:
            fork = drawn.node("exclusiveGateway", f"fork_{key}", "", 50)
            drawn.flow(before, fork)
            before = [fork]
        task = drawn.node("task", f"stage_{key}", stage["name"], 100)
        _asked(drawn.elements[task], stage)
        drawn.flow(before, task)
        before = [task]
        if optional:
            join = drawn.node("exclusiveGateway", f"join_{key}", "", 50)
            drawn.flow([task, fork], join)
            before = [join]
    drawn.flow(before, drawn.node("endEvent", "end", "", 36))
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def from_bpmn(body: bytes, *, before: JourneyMap) -> JourneyMap:
    """Return the map that a model says. A stage that `before` has by the same name keeps its key and all else that it says.

    Raises Invalid with what a map can't say.
    """
    process = _process(body)
    nodes, out = _graph(process)
    found = [_stage(nodes[node], optional=optional) for node, optional in _walked(nodes, out)]
    if len(found) > MOST_STAGES:
        raise Invalid(f"A map has at most {MOST_STAGES} stages; this model has {len(found)}.")
    kept = written(before)
    there: dict[str, list[_Stage]] = {}
    for stage in kept.get("stages", []):
        there.setdefault(stage["name"], []).append(stage)
    taken = {stage["key"] for stage in kept.get("stages", [])}
    stages = []
    for stage in found:
        known = there.get(stage["name"])
        base = known.pop(0) if known else {"key": next(f"s{n}" for n in range(1, 1_000) if f"s{n}" not in taken)}
        taken.add(base["key"])
        stages.append({name: value for name, value in {**base, **stage}.items() if value is not None})
    return read(json.dumps({**kept, "version": 1, "stages": stages}))


class _Drawn:
    """What is written: elements, and where they lie on the diagram."""

    def __init__(self, root: ET.Element, process: ET.Element) -> None:
        diagram = ET.SubElement(root, f"{{{DI}}}BPMNDiagram", {"id": "diagram"})
        self.plane = ET.SubElement(diagram, f"{{{DI}}}BPMNPlane", {"id": "plane", "bpmnElement": "journey"})
        self.process, self.elements, self.places, self.x, self.flows = (
            process,
            dict[str, ET.Element](),
            dict[str, tuple[int, int]](),
            100,
            0,
        )

    def node(self, kind: str, key: str, name: str, size: int) -> str:
        given = {"id": key} | ({"name": plain(name)} if name else {})
        self.elements[key] = ET.SubElement(self.process, f"{{{MODEL}}}{kind}", given)
        high = 80 if kind == "task" else size
        shape = ET.SubElement(self.plane, f"{{{DI}}}BPMNShape", {"id": f"shape_{key}", "bpmnElement": key})
        box = {"x": str(self.x), "y": str(140 - high // 2), "width": str(size), "height": str(high)}
        ET.SubElement(shape, f"{{{DC}}}Bounds", box)
        self.places[key] = (self.x, self.x + size)
        self.x += size + 50
        return key

    def flow(self, sources: list[str], target: str) -> None:
        for source in sources:
            self.flows += 1
            key = f"flow_{self.flows}"
            ET.SubElement(self.process, f"{{{MODEL}}}sequenceFlow", {"id": key, "sourceRef": source, "targetRef": target})
            edge = ET.SubElement(self.plane, f"{{{DI}}}BPMNEdge", {"id": f"edge_{key}", "bpmnElement": key})
            past = source.startswith("fork_") and target.startswith("join_")
            first, last = self.places[source], self.places[target]
            ends = (
                [(first[0] + 25, 165), (first[0] + 25, 220), (last[0] + 25, 220), (last[0] + 25, 165)]
                if past
                else [(first[1], 140), (last[0], 140)]
            )
            for x, y in ends:
                ET.SubElement(edge, f"{{{DD}}}waypoint", {"x": str(x), "y": str(y)})


def _asked(task: ET.Element, stage: _Stage) -> None:
    said = {name: stage[name] for name in _ASKED if stage.get(name)}
    if said:
        beside = ET.SubElement(task, f"{{{MODEL}}}extensionElements")
        ET.SubElement(beside, f"{{{OURS}}}stage").text = plain(json.dumps(said, ensure_ascii=True))
    if stage.get("repeats"):
        ET.SubElement(task, f"{{{MODEL}}}standardLoopCharacteristics")


def _process(body: bytes) -> ET.Element:
    from defusedxml import ElementTree as Safe
    from defusedxml.common import DefusedXmlException

    if len(body) > LARGEST:
        raise Invalid("The file is larger than 2 MB.")
    try:
        root: ET.Element = Safe.fromstring(body)
    except (ET.ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise Invalid(f"This is no BPMN file: {error}.") from None
    if root.tag != f"{{{MODEL}}}definitions":
        raise Invalid("This is no BPMN 2.0 file: it doesn’t begin with its definitions.")
    if root.find(f"{{{MODEL}}}collaboration/{{{MODEL}}}messageFlow") is not None:
        raise Invalid("A map can’t say messages between processes.")
    processes = root.findall(f"{{{MODEL}}}process")
    if len(processes) != 1:
        raise Invalid(f"A map is one process; this file has {len(processes)}.")
    return processes[0]


def _graph(process: ET.Element) -> tuple[dict[str, ET.Element], dict[str, list[str]]]:
    nodes: dict[str, ET.Element] = {}
    flows = []
    for one in process:
        kind = _kind(one)
        if kind == "sequenceFlow":
            flows.append((one.get("sourceRef", ""), one.get("targetRef", "")))
        elif kind in _TASKS or kind in {"startEvent", "endEvent", "exclusiveGateway"}:
            _plain_node(one, kind)
            nodes[one.get("id", "")] = one
        elif kind not in _BESIDE:
            raise Invalid(
                f"A map can’t say {_called(one)}. It knows tasks, exclusive gateways past one task, one start and one end."
            )
    out: dict[str, list[str]] = {key: [] for key in nodes}
    for source, target in flows:
        if source not in nodes or target not in nodes:
            raise Invalid("A flow of this model begins or ends at nothing.")
        out[source].append(target)
    return nodes, out


def _plain_node(one: ET.Element, kind: str) -> None:
    allowed = _BESIDE | ({"standardLoopCharacteristics"} if kind in _TASKS else set())
    for part in one:
        if _kind(part) not in allowed and not _kind(part).endswith(("Specification", "Association")):
            raise Invalid(f"A map can’t say {_called(part)} of {_called(one)}.")


def _walked(nodes: dict[str, ET.Element], out: dict[str, list[str]]) -> list[tuple[str, bool]]:
    """Return the tasks from start to end, each with whether it may be left out."""
    starts = [key for key, one in nodes.items() if _kind(one) == "startEvent"]
    if len(starts) != 1 or sum(_kind(one) == "endEvent" for one in nodes.values()) != 1:
        raise Invalid("A map has one start and one end.")
    found, seen, at = list[tuple[str, bool]](), set[str](), starts[0]
    while _kind(nodes[at]) != "endEvent":
        if at in seen:
            raise Invalid(f"A map doesn’t go back: {_called(nodes[at])} is come to again. Mark a task as a loop instead.")
        seen.add(at)
        following = out[at]
        if _kind(nodes[at]) == "exclusiveGateway" and len(following) == 2:
            task, at = _left_out(nodes, out, at, following)
            found.append((task, True))
            seen.add(task)
            continue
        if len(following) != 1:
            raise Invalid(f"From {_called(nodes[at])} the model goes {len(following)} ways; a map goes one.")
        at = following[0]
        if _kind(nodes[at]) in _TASKS:
            found.append((at, False))
    seen.add(at)
    if missed := [key for key in nodes if key not in seen]:
        raise Invalid(f"{_called(nodes[missed[0]])} isn’t come to from the start.".removeprefix("the ").capitalize())
    return found


def _left_out(nodes: dict[str, ET.Element], out: dict[str, list[str]], fork: str, ways: list[str]) -> tuple[str, str]:
    """Return the task that lies between two gateways with a flow past it, and the second gateway."""
    for task, join in (ways, ways[::-1]):
        if (
            _kind(nodes[task]) in _TASKS
            and out[task] == [join]
            and _kind(nodes[join]) == "exclusiveGateway"
            and len(out[join]) == 1
        ):
            return task, join
    raise Invalid(f"{_called(nodes[fork])} parts ways for more than one task: a map can only leave a stage out.".capitalize())


def _stage(task: ET.Element, *, optional: bool) -> _Stage:
    found: _Stage = {"name": " ".join(task.get("name", "").split())[:120] or task.get("id", "")[:120], "optional": optional}
    found["repeats"] = task.find(f"{{{MODEL}}}standardLoopCharacteristics") is not None
    said = task.find(f"{{{MODEL}}}extensionElements/{{{OURS}}}stage")
    if said is not None:
        try:
            told = json.loads(said.text or "")
        except (ValueError, RecursionError):
            told = None
        if not isinstance(told, dict):
            raise Invalid(f"What stands beside {_called(task)} is none of Amity’s.")
        found |= {name: told.get(name) for name in _ASKED if told.get(name) is not None}
    return found


def _kind(one: ET.Element) -> str:
    return str(one.tag).rpartition("}")[2]


def _called(one: ET.Element) -> str:
    name = one.get("name") or one.get("id") or ""
    return f"the {_kind(one)} “{name[:60]}”" if name else f"the {_kind(one)}"
