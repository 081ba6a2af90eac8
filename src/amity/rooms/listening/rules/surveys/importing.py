"""Surveys of SurveyJS, Formbricks and Typeform as definitions, with a report of what was left out. Pure.

Formats: SurveyJS's survey JSON (`pages[].elements[]`), Formbricks's survey (`questions[]` or `blocks[].elements[]`, texts by language),
Typeform's Create API form (`fields[]`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

import msgspec

from amity.kernel.errors import Invalid
from amity.rooms.listening.rules.surveys.form import key_of
from amity.rooms.listening.rules.surveys.language import LONGEST_DEFINITION, MOST_OPTIONS, MOST_QUESTIONS, Definition, read

NAMES = {"surveyjs": "SurveyJS", "formbricks": "Formbricks", "typeform": "Typeform"}
_LONGEST = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """A survey that came from elsewhere, and in sentences what isn't as it was there."""

    source: str
    definition: Definition
    report: list[str]


def bring_in(text: str) -> Brought:
    """Return a survey of another system's JSON; which one is told by its shape. Raises Invalid for what is none of them."""
    if len(text) > LONGEST_DEFINITION:
        raise Invalid(f"A survey has at most {LONGEST_DEFINITION:,} characters.")
    try:
        given = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        raise Invalid(f"This is no JSON: {str(error).removeprefix('JSON is malformed: ')}.") from None
    if isinstance(given, dict) and isinstance(given.get("data"), dict):
        given = given["data"]  # as Formbricks's API wraps it
    if not isinstance(given, dict):
        raise Invalid("This is none of SurveyJS, Formbricks and Typeform.")
    making = _Making()
    if isinstance(given.get("fields"), list):
        source = "typeform"
        making.typeform(given)
    elif (
        isinstance(given.get("questions"), list) and any("headline" in one for one in _dicts(given["questions"]))
    ) or isinstance(given.get("blocks"), list):
        source = "formbricks"
        making.formbricks(given)
    elif isinstance(given.get("pages"), list) or isinstance(given.get("elements"), list):
        source = "surveyjs"
        making.surveyjs(given)
    else:
        raise Invalid("This is none of SurveyJS, Formbricks and Typeform.")
    if not making.questions:
        raise Invalid("There is no question in it that can be asked here.")
    definition = read(msgspec.json.encode(making.whole()))
    return Brought(source=source, definition=definition, report=making.report)


class _Making:
    def __init__(self) -> None:
        self.title: Any = ""
        self.intro: Any = ""
        self.thanks: Any = ""
        self.languages: list[str] = []
        self.questions: list[dict[str, Any]] = []
        self.report: list[str] = []

    def whole(self) -> dict[str, Any]:
        """Return the definition as JSON objects."""
        return {
            "version": 1, "title": self.title or "Survey", "intro": self.intro, "thanks": self.thanks,
            "languages": self.languages or ["en"], "questions": self.questions,
        }  # fmt: skip

    def surveyjs(self, given: Mapping[str, Any]) -> None:
        """Take a survey of SurveyJS."""
        self.title, self.intro = self.text(given.get("title")), self.text(given.get("description"))
        self.thanks = self.text(given.get("completedHtml"))
        for name in ("triggers", "calculatedValues", "completedHtmlOnCondition"):
            if given.get(name):
                self.report.append(f"{name}: left out; write the logic anew.")
        pages = _dicts(given.get("pages")) or [dict(given)]
        for n, page in enumerate(pages):
            first = n > 0
            for one in _deep(page):
                if one.get("visibleIf") or one.get("enableIf") or one.get("requiredIf"):
                    self.report.append(f"{_name(one)}: its conditions are left out; write them anew.")
                self.add(one, name=_name(one), ask=one.get("title") or one.get("html") or one.get("name"), hint=one.get("description"),
                         required=bool(one.get("isRequired")), new_page=first, **_of_surveyjs(one))  # fmt: skip
                first = False

    def formbricks(self, given: Mapping[str, Any]) -> None:
        """Take a survey of Formbricks."""
        self.title = str(given.get("name") or "")
        welcome, endings = given.get("welcomeCard"), _dicts(given.get("endings"))
        if isinstance(welcome, dict) and welcome.get("enabled"):
            self.intro = self.text(welcome.get("headline"))
        if endings:
            self.thanks = self.text(endings[0].get("headline"))
        if len(endings) > 1:
            self.report.append("Of several endings the first is kept.")
        pages = [_dicts(block.get("elements")) for block in _dicts(given.get("blocks"))] or [
            [one] for one in _dicts(given.get("questions"))
        ]
        for n, page in enumerate(pages):
            for m, one in enumerate(page):
                if one.get("logic"):
                    self.report.append(f"{_name(one)}: its logic is left out; write it anew.")
                self.add(one, name=str(one.get("id") or ""), ask=one.get("headline") or one.get("html"), hint=one.get("subheader"),
                         required=bool(one.get("required")), new_page=n > 0 and m == 0, **_of_formbricks(one))  # fmt: skip
        if any(block.get("logic") for block in _dicts(given.get("blocks"))):
            self.report.append("The logic of blocks is left out; write it anew.")

    def typeform(self, given: Mapping[str, Any]) -> None:
        """Take a form of Typeform."""
        self.title = self.text(given.get("title"))
        welcome, thanks = _dicts(given.get("welcome_screens")), _dicts(given.get("thankyou_screens"))
        self.intro = self.text(welcome[0].get("title")) if welcome else ""
        self.thanks = self.text(thanks[0].get("title")) if thanks else ""
        if given.get("logic"):
            self.report.append("Logic jumps are left out; write them anew.")
        for n, one in enumerate(_fields(_dicts(given["fields"]))):
            properties, rules = _dict(one.get("properties")), _dict(one.get("validations"))
            self.add(one, name=str(one.get("ref") or one.get("id") or ""), ask=one.get("title"), hint=properties.get("description"),
                     required=bool(rules.get("required")), new_page=n > 0, **_of_typeform(one, properties, rules))  # fmt: skip

    def add(  # noqa: PLR0913  one argument for each part
        self, one: Mapping[str, Any], *, name: str, ask: Any, hint: Any, required: bool, new_page: bool, kind: str, options: Any = (),
        low: Any = "", high: Any = "", look: str = "", least: Any = None, most: Any = None, note: str = "",
    ) -> None:  # fmt: skip
        """Take a question; one of a kind that isn't asked here is told of in the report."""
        asked = self.text(ask)
        if not kind or not asked:
            self.report.append(
                f"{name or 'A question'}: {str(one.get('type') or 'nothing')[:40]} isn't asked here, and is left out."
            )
            return
        if len(self.questions) == MOST_QUESTIONS:
            self.report.append(f"{name}: only {MOST_QUESTIONS} questions can be asked.")
            return
        made: dict[str, Any] = {
            "key": key_of(name or "question", {question["key"] for question in self.questions}), "kind": kind, "ask": asked,
            "hint": self.text(hint), "low": self.text(low), "high": self.text(high), "required": required and kind != "statement",
            "new_page": new_page,
        }  # fmt: skip
        if look:
            made["look"] = look
        if kind in {"single", "multiple"}:
            made["options"] = self.options(name, options)
            if len(made["options"]) < 2:
                self.report.append(f"{name}: it has fewer than two answers, and is left out.")
                return
        if kind == "number":
            made |= {key: float(value) for key, value in (("least", least), ("most", most)) if isinstance(value, int | float)}
        if note:
            self.report.append(f"{name}: {note}")
        self.questions.append(made)

    def options(self, name: str, given: Any) -> list[dict[str, Any]]:
        """Return the options of a choice."""
        made: list[dict[str, Any]] = []
        taken: set[str] = set()
        for one in given if isinstance(given, list) else ():
            value = one if not isinstance(one, dict) else one.get("value") or one.get("id") or one.get("ref") or one.get("text")
            words = self.text(one if not isinstance(one, dict) else one.get("text") or one.get("label") or one.get("value"))
            if not words:
                continue
            key = key_of(str(value), taken)
            taken.add(key)
            made.append({"key": key, "text": words})
        if len(made) > MOST_OPTIONS:
            self.report.append(f"{name}: only the first {MOST_OPTIONS} answers are kept.")
        return made[:MOST_OPTIONS]

    def text(self, given: Any) -> Any:
        """Return a text, in the languages in which it is said, without HTML."""
        if isinstance(given, dict):
            found = {_language(code): _words(words) for code, words in given.items() if isinstance(words, str) and words.strip()}
            first = found.pop("default", "") or found.get("en", "") or next(iter(found.values()), "")
            self.languages = self.languages or ["en"]
            found = {code: words for code, words in found.items() if re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}", code)}
            self.languages += [code for code in found if code not in self.languages]
            found.setdefault(self.languages[0], first)
            return found if len(found) > 1 else first
        return _words(given) if isinstance(given, str | int | float) and not isinstance(given, bool) else ""


def _of_surveyjs(one: Mapping[str, Any]) -> dict[str, Any]:
    kind, options = str(one.get("type", "")), one.get("choices")
    if kind in {"radiogroup", "dropdown", "imagepicker", "buttongroup"}:
        return {
            "kind": "single",
            "options": options,
            "note": "“Other” is left out." if one.get("showOtherItem") or one.get("hasOther") else "",
        }
    if kind in {"checkbox", "tagbox"}:
        return {"kind": "multiple", "options": options}
    if kind == "rating":
        return _scale(one.get("rateMin", 1), one.get("rateMax") or (len(one["rateValues"]) if isinstance(one.get("rateValues"), list) else one.get("rateCount", 5)),
                      low=one.get("minRateDescription"), high=one.get("maxRateDescription"), look={"stars": "stars", "smileys": "faces"}.get(str(one.get("rateType") or one.get("rateDisplayMode")), ""))  # fmt: skip
    if kind == "text":
        inner = str(one.get("inputType", "text"))
        return {"kind": {"number": "number", "date": "date"}.get(inner, "text"), "least": one.get("min"), "most": one.get("max")}
    plain = {"comment": "text", "html": "statement", "expression": "", "boolean": "single"}
    found = {"kind": plain.get(kind, "")}
    return found | (
        {"options": [{"value": "yes", "text": one.get("labelTrue", "Yes")}, {"value": "no", "text": one.get("labelFalse", "No")}]}
        if kind == "boolean"
        else {}
    )


def _of_formbricks(one: Mapping[str, Any]) -> dict[str, Any]:
    kind, low, high = str(one.get("type", "")), one.get("lowerLabel"), one.get("upperLabel")
    if kind in {"multipleChoiceSingle", "multipleChoiceMulti"}:
        options = [{"id": each.get("id"), "label": each.get("label")} for each in _dicts(one.get("choices"))]
        return {"kind": "single" if kind.endswith("Single") else "multiple", "options": options}
    if kind in {"rating", "nps", "csat", "ces"}:
        top = {"nps": 10, "csat": 5, "ces": one.get("range", 7)}.get(kind, one.get("range", 5))
        look = {"star": "stars", "smiley": "faces"}.get(str(one.get("scale")), "")
        return _scale(0 if kind == "nps" else 1, top, low=low, high=high, look=look)
    if kind == "openText":
        return {"kind": "number" if one.get("inputType") == "number" else "text"}
    return {"kind": {"consent": "consent", "cta": "statement", "date": "date"}.get(kind, "")}


def _of_typeform(one: Mapping[str, Any], properties: Mapping[str, Any], rules: Mapping[str, Any]) -> dict[str, Any]:
    kind, labels = str(one.get("type", "")), _dict(properties.get("labels"))
    if kind in {"multiple_choice", "dropdown", "picture_choice"}:
        options = [
            {"ref": each.get("ref") or each.get("label"), "label": each.get("label")}
            for each in _dicts(properties.get("choices"))
        ]
        return {"kind": "multiple" if properties.get("allow_multiple_selection") else "single", "options": options}
    if kind == "yes_no":
        return {"kind": "single", "options": ["Yes", "No"]}
    if kind in {"nps", "opinion_scale", "rating"}:
        steps = properties.get("steps", 11 if kind != "rating" else 5)
        low = 1 if kind == "rating" or properties.get("start_at_one") else 0
        top = steps if low else steps - 1 if isinstance(steps, int) else steps
        return _scale(
            0 if kind == "nps" else low,
            10 if kind == "nps" else top,
            low=labels.get("left"),
            high=labels.get("right"),
            look="stars" if kind == "rating" else "",
        )
    plain = {
        "short_text": "text", "long_text": "text", "email": "text", "website": "text", "phone_number": "text", "number": "number", "date": "date",
        "legal": "consent", "statement": "statement",
    }  # fmt: skip
    return {"kind": plain.get(kind, ""), "least": rules.get("min_value"), "most": rules.get("max_value")}


def _scale(low_end: Any, high_end: Any, *, low: Any, high: Any, look: str) -> dict[str, Any]:
    """Return the scale that has these ends; one that isn't asked here becomes a choice of its points."""
    ends = (low_end, high_end)
    kind = {(0, 10): "nps", (1, 5): "csat", (1, 7): "ces"}.get(ends if all(isinstance(end, int) for end in ends) else (0, 0), "")
    if kind:
        return {"kind": kind, "low": low, "high": high, "look": look if kind == "csat" else ""}
    if all(isinstance(end, int) and 0 <= end <= 20 for end in ends) and low_end < high_end:
        points = [str(n) for n in range(low_end, high_end + 1)]
        return {
            "kind": "single",
            "options": points,
            "note": f"a scale of {low_end} to {high_end} becomes a choice, without a score.",
        }
    return {"kind": ""}


def _deep(page: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Give the questions of a page, those in panels too; deeper than ten panels is none."""
    stack = [(one, 0) for one in reversed(_dicts(page.get("elements")))]
    while stack:
        one, depth = stack.pop()
        inside = _dicts(one.get("elements"))
        if inside and depth < 10:
            stack += [(each, depth + 1) for each in reversed(inside)]
        else:
            yield one


def _fields(given: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for one in given:
        inside = _dicts(_dict(one.get("properties")).get("fields")) if one.get("type") in {"group", "inline_group"} else []
        yield from inside or [one]


def _dicts(given: Any) -> list[dict[str, Any]]:
    return [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []


def _dict(given: Any) -> dict[str, Any]:
    return given if isinstance(given, dict) else {}


def _name(one: Mapping[str, Any]) -> str:
    return str(one.get("name") or one.get("id") or "")[:80]


def _language(code: str) -> str:
    return code.strip().replace("_", "-")


class _Plain(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def _words(given: Any) -> str:
    """Return words without HTML, and without what would be read as a place to fill in."""
    parser = _Plain()
    parser.feed(str(given)[: 4 * _LONGEST])
    parser.close()
    return " ".join("".join(parser.said).replace("\0", "").replace("{{", "{").replace("}}", "}").split())[:_LONGEST]
