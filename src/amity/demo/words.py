"""What customers say, by topic: sentences from `words.txt`, no two alike until all of a topic are used."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from random import Random

GOOD = frozenset(
    {"onboarding_good", "card_good", "delivery_good", "product_good", "refund_good", "service_good", "app_good", "store_good"}
)


@cache
def sentences() -> dict[str, tuple[str, ...]]:
    """Return all sentences by topic."""
    found: dict[str, list[str]] = {}
    topic = ""
    for line in files("amity.demo").joinpath("words.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            topic = line[3:].strip()
            found[topic] = []
        elif line and not line.startswith("#"):
            found[topic].append(line)
    return {name: tuple(lines) for name, lines in found.items()}


class Speaker:
    """Hands out sentences for the whole company, so that a topic's are spread before one comes again."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._left: dict[str, list[str]] = {}

    def say(self, topic: str, *, close: float = 0.35, **names: str) -> str:
        """Return a sentence about a topic, sometimes with a closing one; `names` fill in product, city and name."""
        text = self._next(topic)
        if topic != "fine" and self._rng.random() < close:
            text += " " + self._next("close_good" if topic in GOOD else "close_bad")
        return text.format(**{"product": "parcel", "city": "Lisbon", "name": "Inês", **names})

    def _next(self, topic: str) -> str:
        left = self._left.get(topic)
        if not left:
            left = self._left[topic] = list(sentences()[topic])
            self._rng.shuffle(left)
        return left.pop()
