"""What the strings that prove an answer say, in words: TCF's core segment, and GPP's sections for the United States.

TCF: "Consent string and vendor list formats v2"; the names of the purposes are those of version 2.2. GPP: the sections `usnat` (7) and
`usca` (8) of the "Consent String Specification". Times in TCF are deciseconds since 1970.
"""

from __future__ import annotations

from amity.kernel.clock import from_ms
from amity.rooms.customers.rules.choices.iab import LONGEST, Bits, Unreadable, gpp_opted_out, sections_of, tcf_purposes

TCF_PURPOSES = (
    "Store or access information on a device", "Use limited data to select advertising", "Create profiles for personalised advertising",
    "Use profiles to select personalised advertising", "Create profiles to personalise content",
    "Use profiles to select personalised content", "Measure advertising performance", "Measure content performance",
    "Understand audiences through statistics", "Develop and improve services", "Use limited data to select content",
)  # fmt: skip
_SECTIONS = {2: "TCF EU v2", 5: "TCF Canada", 6: "US privacy string", 7: "US national", 8: "California", 9: "Virginia", 10: "Colorado",
             11: "Utah", 12: "Connecticut"}  # fmt: skip
_OPT_OUTS = {0: "doesn’t apply", 1: "opted out", 2: "didn’t opt out"}
_A = ord("A")


def decoded(origin: str, proof: str) -> list[tuple[str, str]]:
    """Return what a proof says as (what, value); empty for a proof that is no string of a standard, or can't be read."""
    try:
        return _tcf(proof) if origin == "tcf" else _gpp(proof) if origin == "gpp" else []
    except Unreadable:
        return []


def _tcf(text: str) -> list[tuple[str, str]]:
    bits = Bits(text[:LONGEST].partition(".")[0])
    bits.skip(6)
    created, updated = (from_ms(bits.take(36) * 100) for _ in range(2))
    platform, platform_version, screen = bits.take(12), bits.take(12), bits.take(6)
    language = "".join(chr(_A + bits.take(6)) for _ in range(2))
    vendors, policy, service = bits.take(12), bits.take(6), bits.take(1)
    consented, interests = tcf_purposes(text)
    return [
        ("Said yes to", _purposes(consented)),
        ("Didn’t object to a legitimate interest in", _purposes(interests)),
        ("Made", f"{created:%d %b %Y, %H:%M} UTC"),
        ("Changed", f"{updated:%d %b %Y, %H:%M} UTC"),
        ("Consent platform", f"number {platform}, version {platform_version}, screen {screen}, in {language}"),
        ("Vendor list", f"version {vendors}, policy {policy}" + (", for this service only" if service else "")),
    ]


def _purposes(numbers: frozenset[int]) -> str:
    known = [f"{one}: {TCF_PURPOSES[one - 1]}" for one in sorted(numbers) if one <= len(TCF_PURPOSES)]
    return "; ".join(known) or "nothing"


def _gpp(text: str) -> list[tuple[str, str]]:
    header, *sections = text[:LONGEST].split("~")
    numbers = sections_of(header)
    found = [("Sections", ", ".join(_SECTIONS.get(one, f"number {one}") for one in numbers))]
    for number, section in zip(numbers, sections, strict=False):
        if number in {7, 8}:
            found += _us(number, section)
    opted_out = gpp_opted_out(text)
    if opted_out is not None:
        found.append(("All in all", "opted out of sale and sharing" if opted_out else "didn’t opt out of sale and sharing"))
    return found


def _us(number: int, section: str) -> list[tuple[str, str]]:
    core, *others = section.split(".")
    bits = Bits(core)
    bits.skip(6 + (12 if number == 7 else 6))
    asked = ("sale", "sharing", "targeted advertising") if number == 7 else ("sale", "sharing")
    found = [(f"{_SECTIONS[number]}: {one}", _OPT_OUTS.get(bits.take(2), "unknown")) for one in asked]
    for other in others:
        segment = Bits(other)
        if segment.take(2) == 1:
            found.append((f"{_SECTIONS[number]}: Global Privacy Control", "sent" if segment.take(1) else "not sent"))
    return found
