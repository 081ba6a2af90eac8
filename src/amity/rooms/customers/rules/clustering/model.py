"""By what customers are sorted, how it is scaled, and which centre is nearest: one definition for learning and for later. Pure.

Counts are a month's, by log(1 + x), so that a few who do a hundred times as much don't stretch the scale; shares by their square
root (Hellinger's, as Legendre and Gallagher 2001, Oecologia 129, advise for distances between mixtures with zeros). Each column is
then put to mean 0 and standard deviation 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    import numpy as np

GROUPS: Mapping[str, str] = {
    "channels": "Channels: how often a month on each",
    "value": "Value: money brought a month",
    "service": "Service: contacts and requests a month",
    "rhythm": "Rhythm: how lately, on how many days a month, for how long",
    "events": "Events: how often a month each of the most common",
    "hours": "Time: parts of the day, and weekends",
}
USUAL = ("channels", "value", "service")
LEAST_INTERACTIONS = 5
MONTH = 30.0
PARTS_OF_DAY = ("Night, 0 to 6", "Morning, 6 to 12", "Afternoon, 12 to 18", "Evening, 18 to 24")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tallies:
    """What customers did, a row each. `first`, `last`: days ago; `days`: on how many. The rest counts interactions by column."""

    interactions: np.ndarray
    days: np.ndarray
    first: np.ndarray
    last: np.ndarray
    value: np.ndarray
    service: np.ndarray
    weekend: np.ndarray
    hours: np.ndarray  # four columns: parts of the day
    channels: np.ndarray  # a column for each of the model's channels
    events: np.ndarray


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """What was learned. `channels` and `events` name the tallies' columns, `names` the features' (group, words)."""

    groups: tuple[str, ...]
    channels: tuple[str, ...]
    events: tuple[str, ...]
    names: tuple[tuple[str, str], ...]
    means: tuple[float, ...]
    sds: tuple[float, ...]
    centres: tuple[tuple[float, ...], ...]


def features(
    of: Tallies, *, groups: Sequence[str], channels: Sequence[str], events: Sequence[str]
) -> tuple[np.ndarray, list[tuple[str, str]]]:
    """Return the features, a column each, before they are scaled, and each column's (group, words)."""
    import numpy as np

    months = np.maximum((of.first - of.last) / MONTH, 1.0)[:, None]
    columns: list[np.ndarray] = []
    names: list[tuple[str, str]] = []

    def add(group: str, words: Sequence[str], values: np.ndarray) -> None:
        if group in groups and len(words):
            columns.append(values.reshape(len(months), -1))
            names.extend((group, one) for one in words)

    add("channels", list(channels), np.log1p(of.channels / months))
    add("value", ["Money a month"], np.log1p(np.maximum(of.value[:, None], 0.0) / months))
    add("service", ["Service contacts a month"], np.log1p(of.service[:, None] / months))
    rhythm = np.column_stack([np.log1p(of.last), np.log1p(of.days[:, None] / months)[:, 0], np.log1p(of.first)])
    add("rhythm", ["Days since last seen", "Active days a month", "Days since first seen"], rhythm)
    add("events", list(events), np.log1p(of.events / months))
    every = np.maximum(of.interactions, 1)[:, None]
    add("hours", [*PARTS_OF_DAY, "Weekends"], np.sqrt(np.column_stack([of.hours, of.weekend]) / every))
    return (np.hstack(columns) if columns else np.zeros((len(months), 0))), names


def scaling(raw: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return means and standard deviations of columns; one that never varies is left as it is."""
    import numpy as np

    sds = raw.std(axis=0)
    return raw.mean(axis=0), np.where(sds > 1e-9, sds, 1.0)


def nearest(raw: np.ndarray, model: Model) -> tuple[np.ndarray, np.ndarray]:
    """Return each row's nearest centre and the distance to it, in the model's scale. Of equally near ones it is the first."""
    import numpy as np

    scaled = (raw - np.array(model.means)) / np.array(model.sds)
    centres = np.array(model.centres)
    squares = (scaled**2).sum(axis=1)[:, None] - 2 * scaled @ centres.T + (centres**2).sum(axis=1)[None, :]
    found = squares.argmin(axis=1)
    return found, np.sqrt(np.maximum(squares[np.arange(len(found)), found], 0.0))


def read(stored: Any) -> Model:
    """Return a model as it was stored."""
    return msgspec.convert(stored, Model)


def written(model: Model) -> dict[str, Any]:
    """Return a model as it is stored."""
    return dict(msgspec.to_builtins(model))
