"""Segments of the demo company's customers beside the kinds that they were made of (personas)."""

from __future__ import annotations

import json
from collections import Counter

import numpy as np
from sklearn.metrics import adjusted_rand_score

from amity.kernel.clock import DAY
from amity.rooms.customers.actions.clustering.learning import learn
from amity.rooms.customers.rules.clustering.model import LEAST_INTERACTIONS, USUAL, Tallies, features
from tests.demo.panel import END

SERVICE = {"phone", "chat", "whatsapp"}


def tallied(world) -> tuple[Tallies, list[str], list[str]]:
    """Count each customer's interactions as the past does, and return them with the channels and the true kinds."""
    channels, first, last, value, service, days = {}, {}, {}, Counter(), Counter(), {}
    for one in world.entries:
        context = json.loads(one[10]) if one[10] else {}
        if context.get("voice") == "ours":
            continue
        who, at, channel = one[1], one[0], context.get("channel", "")
        channels.setdefault(who, Counter())[channel] += 1
        first[who], last[who] = min(first.get(who, at), at), max(last.get(who, at), at)
        days.setdefault(who, set()).add(at // DAY)
        service[who] += channel in SERVICE or one[5] in {"Ticket Opened", "Complaint Filed"}
        if one[5] == "Order Completed":
            value[who] += json.loads(one[8])["revenue"]
    known = [who for who in sorted(channels) if channels[who].total() >= LEAST_INTERACTIONS]
    common = Counter(name for who in known for name in channels[who])
    names = [name for name, n in common.most_common() if name and n >= 0.05 * len(known)]
    zero = np.zeros(len(known))
    made = Tallies(
        interactions=np.array([channels[who].total() for who in known], dtype=float),
        days=np.array([len(days[who]) for who in known], dtype=float),
        first=np.array([(END - first[who]) / DAY for who in known]), last=np.array([(END - last[who]) / DAY for who in known]),
        value=np.array([value[who] for who in known], dtype=float), service=np.array([service[who] for who in known], dtype=float),
        weekend=zero, hours=np.zeros((len(known), 4)), events=np.zeros((len(known), 0)),
        channels=np.array([[channels[who][name] for name in names] for who in known], dtype=float),
    )  # fmt: skip
    return made, names, [world.company.people[who].persona for who in known]


def test_segments_know_something_of_the_kinds(world):
    """What docs/personas.md reports: five segments, which all numbers and twenty resamples choose; here it is given, to be quick.

    Kinds differ in tendencies, not in what one of them does; chance alone is 0 on average. 0.14 was measured.
    """
    made, names, kinds = tallied(world)
    raw, _ = features(made, groups=USUAL, channels=names, events=())
    assert raw.shape[0] > 3_000
    learned = learn(raw, number=5, resamples=2)
    scaled = (raw - learned.means) / learned.sds
    found = ((scaled[:, None, :] - learned.chosen.centres[None]) ** 2).sum(axis=2).argmin(axis=1)
    agreed = adjusted_rand_score(kinds, found)
    assert agreed > 0.1
    shuffled = np.random.default_rng(1).permutation(kinds)
    assert abs(adjusted_rand_score(shuffled, found)) < 0.01
