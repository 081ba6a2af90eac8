"""A map as a picture: SVG that stands by itself, as it was drawn. Pure.

Lines are broken by how wide letters are on average in a sans-serif, half their height and a bit; so a picture needs no fonts here.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from amity.rooms.journeys.rules.maps.language import LANES, JourneyMap, Stage
from amity.rooms.journeys.rules.texts import plain

LEFT, WIDE, PAD, SIZE, LINE = 130, 190, 10, 12, 16  # px: of lanes' names, of a stage, around, of letters, of a line
_LETTER = 0.56  # of a letter's height: how wide it is
_CURVE = 120
_INK, _SOFT, _RULE, _GROUND, _DO = "#1c2524", "#5a6664", "#d9dedc", "#f4f6f5", "#0f5f6b"


def picture(one: JourneyMap, *, title: str) -> str:
    """Return a map as SVG: its stages across, how they are imagined to feel, lanes and owners down."""
    draw = _Drawing()
    high = draw.text(title, PAD, 26, size=18, bold=True, room=10_000) + 16
    high = _row(draw, high, "Stage", [[f"{n}  {stage.name}"] for n, stage in enumerate(one.stages, 1)], bold=True, ground=True)
    if any(stage.emotion is not None for stage in one.stages):
        high = _curve(draw, high, one.stages)
    for lane, name in LANES.items():
        high = _row(draw, high, name, [list(getattr(stage, lane)) for stage in one.stages])
    high = _row(draw, high, "Owner", [[stage.owner] if stage.owner else [] for stage in one.stages])
    wide = LEFT + WIDE * max(len(one.stages), 1) + PAD
    for n in range(len(one.stages)):
        x = LEFT + WIDE * n - PAD / 2
        draw.parts.insert(0, f'<line x1="{x:g}" x2="{x:g}" y1="42" y2="{high:g}" stroke="{_RULE}"/>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high + PAD:g}" viewBox="0 0 {wide} {high + PAD:g}" '
        f'font-family="system-ui, sans-serif" font-size="{SIZE}" fill="{_INK}" role="img" aria-label="{_safe(title)}">'
        f'<title>{_safe(title)}</title><rect width="100%" height="100%" fill="#ffffff"/>{"".join(draw.parts)}</svg>\n'
    )


def broken_at(text: str, room: float, *, size: int = SIZE) -> list[str]:
    """Return a text as lines that fit into so many px; a word that is longer is cut."""
    most = max(int(room / (size * _LETTER)), 1)
    found, line = [], ""
    for word in plain(text).split():
        while len(word) > most:
            if line:
                found.append(line)
                line = ""
            found.append(word[:most])
            word = word[most:]  # noqa: PLW2901  what is left of it
        if line and len(line) + 1 + len(word) > most:
            found.append(line)
            line = word
        elif word:
            line = f"{line} {word}" if line else word
    return [*found, line] if line else found


class _Drawing:
    def __init__(self) -> None:
        self.parts: list[str] = []

    def text(  # noqa: PLR0913  one argument for each part
        self,
        said: str,
        x: float,
        y: float,
        *,
        size: int = SIZE,
        bold: bool = False,
        soft: bool = False,
        room: float = WIDE - 2 * PAD,
    ) -> float:
        """Write a text from a line on, and return the next line's place."""
        for line in broken_at(said, room, size=size):
            weight, ink = ' font-weight="600"' if bold else "", f' fill="{_SOFT}"' if soft else ""
            self.parts.append(f'<text x="{x:g}" y="{y:g}" font-size="{size}"{weight}{ink}>{_safe(line)}</text>')
            y += LINE * size / SIZE
        return y


def _row(  # noqa: PLR0913  one argument for each part
    draw: _Drawing, high: float, name: str, cells: Sequence[Sequence[str]], *, bold: bool = False, ground: bool = False
) -> float:
    first, at = len(draw.parts), high + PAD + SIZE
    ends = [draw.text(name, PAD, at, bold=True, soft=True, room=LEFT - 2 * PAD)]
    for n, lines in enumerate(cells):
        y = at
        for line in lines:
            y = draw.text(line, LEFT + WIDE * n + PAD / 2, y, bold=bold) + 3
        ends.append(y)
    end = max(ends) - SIZE + PAD
    wide = LEFT + WIDE * max(len(cells), 1) + PAD
    if ground:
        draw.parts.insert(first, f'<rect x="0" y="{high:g}" width="{wide}" height="{end - high:g}" fill="{_GROUND}"/>')
    draw.parts.append(f'<line x1="0" x2="{wide}" y1="{end:g}" y2="{end:g}" stroke="{_RULE}"/>')
    return end


def _curve(draw: _Drawing, high: float, stages: Sequence[Stage]) -> float:
    draw.text("They feel", PAD, high + PAD + SIZE, bold=True, soft=True, room=LEFT - 2 * PAD)
    draw.text("as imagined", PAD, high + PAD + SIZE + LINE, soft=True, room=LEFT - 2 * PAD)
    middle, wide = high + _CURVE / 2, LEFT + WIDE * len(stages) + PAD
    draw.parts.append(f'<line x1="{LEFT}" x2="{wide}" y1="{middle:g}" y2="{middle:g}" stroke="{_RULE}" stroke-dasharray="3 3"/>')
    points = [
        (LEFT + WIDE * (n + 0.5) - PAD / 2, middle - stage.emotion * (_CURVE / 2 - 18) / 2)
        for n, stage in enumerate(stages) if stage.emotion is not None
    ]  # fmt: skip
    line = " ".join(f"{x:g},{y:g}" for x, y in points)
    draw.parts.append(f'<polyline points="{line}" fill="none" stroke="{_DO}" stroke-width="2"/>')
    draw.parts += [f'<circle cx="{x:g}" cy="{y:g}" r="4" fill="#ffffff" stroke="{_DO}" stroke-width="2"/>' for x, y in points]
    draw.parts.append(f'<line x1="0" x2="{wide}" y1="{high + _CURVE:g}" y2="{high + _CURVE:g}" stroke="{_RULE}"/>')
    return high + _CURVE


def _safe(text: str) -> str:
    return escape(plain(text))
