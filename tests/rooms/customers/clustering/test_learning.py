"""Segments against what was planted, with scikit-learn's own measure as the oracle."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from amity.rooms.customers.actions.clustering.learning import STABLE, learn
from amity.rooms.customers.rules.clustering.describe import differences, named
from amity.rooms.customers.rules.clustering.model import GROUPS, Model, Tallies, features, nearest, read, written


def blobs(number: int = 3, *, each: int = 120, apart: float = 8.0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(5)
    centres = random.normal(0, apart, (number, 4))
    return np.vstack([random.normal(one, 1, (each, 4)) for one in centres]), np.repeat(np.arange(number), each)


def model_of(raw: np.ndarray, **more) -> tuple[Model, np.ndarray]:
    learned = learn(raw, resamples=4, **more)
    made = Model(
        groups=("channels",), channels=(), events=(), names=tuple(("channels", f"c{n}") for n in range(raw.shape[1])),
        means=tuple(learned.means.tolist()), sds=tuple(learned.sds.tolist()),
        centres=tuple(tuple(one) for one in learned.chosen.centres.tolist()),
    )  # fmt: skip
    return made, nearest(raw, made)[0]


def test_what_was_planted_is_found_in_its_number():
    raw, truth = blobs()
    learned = learn(raw, resamples=4)
    assert (learned.chosen.number, learned.stable) == (3, True)
    assert learned.chosen.stability > 0.95
    made, found = model_of(raw)
    assert adjusted_rand_score(truth, found) == 1.0
    assert read(written(made)) == made


def test_where_nothing_is_it_says_so():
    """One round cloud in ten dimensions: each resample cuts it elsewhere."""
    random = np.random.default_rng(6)
    learned = learn(random.normal(0, 1, (600, 10)), resamples=6, number=5)
    assert not learned.stable
    assert learned.chosen.stability < STABLE


def test_the_same_data_give_the_same_segments():
    raw, _ = blobs(4, apart=1.5)
    first, second = (learn(raw, resamples=3, number=4).chosen for _ in range(2))
    assert np.array_equal(first.centres, second.centres)
    assert (first.stability, first.silhouette) == (second.stability, second.silhouette)


def test_who_asked_that_it_stops_is_heard():
    class Stop(Exception):
        pass

    def told(_: str, share: float) -> None:
        if share > 0.1:
            raise Stop

    with pytest.raises(Stop):
        learn(blobs()[0], resamples=3, told=told)


def test_later_customers_go_to_the_nearest_centre():
    raw, _ = blobs()
    made, found = model_of(raw, number=3)
    scaled = (raw - np.array(made.means)) / np.array(made.sds)
    brute = [min(range(3), key=lambda one, row=row: float(((row - np.array(made.centres[one])) ** 2).sum())) for row in scaled]
    assert list(found) == brute
    _, distance = nearest(raw[:1], made)
    assert distance[0] == pytest.approx(np.linalg.norm(scaled[0] - np.array(made.centres[brute[0]])))


def tallies(n: int = 3) -> Tallies:
    ones = np.ones(n)
    return Tallies(
        interactions=10 * ones, days=4 * ones, first=90 * ones, last=30 * ones, value=np.array([-5.0, 0, 200])[:n], service=ones,
        weekend=2 * ones, hours=np.tile([0.0, 4, 4, 2], (n, 1)), channels=np.tile([6.0, 4], (n, 1)), events=np.tile([3.0], (n, 1)),
    )  # fmt: skip


def test_counts_are_a_months_and_shares_are_roots():
    raw, names = features(tallies(), groups=tuple(GROUPS), channels=("web", "phone"), events=("Bought",))
    by_name = dict(zip([words for _, words in names], raw.T, strict=True))
    assert by_name["web"][0] == pytest.approx(np.log1p(3))  # six in two months
    assert list(by_name["Money a month"]) == pytest.approx([0, 0, np.log1p(100)])
    assert by_name["Weekends"][0] == pytest.approx(np.sqrt(0.2))
    assert by_name["Days since last seen"][0] == pytest.approx(np.log1p(30))
    only, names = features(tallies(), groups=("value",), channels=("web",), events=())
    assert (only.shape, names) == ((3, 1), [("value", "Money a month")])


def test_segments_are_told_by_what_sets_them_apart():
    random = np.random.default_rng(9)
    raw = np.vstack([random.normal(3, 1, (80, 2)), random.normal(0, 1, (80, 2))])
    raw[:, 1] = random.normal(0, 1, 160)
    told = differences(raw, np.repeat([0, 1], 80), 2, [("channels", "phone"), ("value", "Money a month")])
    assert [one["size"] for one in told] == [80, 80]
    assert told[0]["told"][0]["label"] == "Phone a month"
    assert told[0]["told"][0]["low"] > 2
    assert named([one["told"] for one in told]) == ["More phone", "Less phone"]
    assert named([[], []]) == ["Segment 1", "Segment 2"]
    assert named([told[0]["told"], told[0]["told"]]) == ["More phone", "More phone (2)"]
