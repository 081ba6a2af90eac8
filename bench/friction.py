"""Whether priced friction finds what is planted. Run: python -m bench.friction [--seeds 100] [--customers 20000] [--processes 2]

A story for each seed by the equations of the demo's truth, in numpy alone (tests/rooms/journeys/friction/linden.py says how it differs
from the told demo). For each friction and outcome: in how many stories the planted effect lies in the 90% interval of the adjusted
and of the plain one, how often the plain one is called misled, and the mean error in standard errors. Story and model have one core.
"""

from __future__ import annotations

import argparse
import os
from concurrent.futures import ProcessPoolExecutor

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# The demo plants nothing of the identity check on orders; and since personas, whom nobody sees, act on both, nothing tells that apart.
UNPLANTED = {("id_check", "orders")}


def story(job: tuple[int, int]) -> dict[tuple[str, str], tuple[float, bool, bool, bool, float]]:
    from tests.rooms.journeys.friction.linden import FRICTIONS, OUTCOMES, live, price

    customers, seed = job
    told, found = live(customers, seed=seed), {}
    for friction in FRICTIONS:
        for outcome in OUTCOMES:
            if (friction, outcome) in UNPLANTED:
                continue
            try:
                one = price(told, friction, outcome, seed=seed)
            except ValueError:
                continue  # too few met it and answered
            adjusted, plain = one.fitted.adjusted, one.fitted.plain
            found[friction, outcome] = (
                (adjusted.value - one.planted) / adjusted.error, adjusted.low <= one.planted <= adjusted.high,
                plain.low <= one.planted <= plain.high, one.fitted.misled, one.planted,
            )  # fmt: skip
    return found


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--seeds", type=int, default=100)
    given.add_argument("--customers", type=int, default=20_000)
    given.add_argument("--processes", type=int, default=2)
    args = given.parse_args()
    jobs = [(args.customers, seed) for seed in range(1, args.seeds + 1)]
    with ProcessPoolExecutor(args.processes) as pool:
        told = list(pool.map(story, jobs))
    print(f"{'friction':15} {'on':8} {'planted':>8} {'stories':>8} {'inside':>7} {'plain in':>8} {'misled':>7} {'bias':>6}")
    for key in dict.fromkeys(key for one in told for key in one):
        rows = [one[key] for one in told if key in one]
        bias, inside, plain, misled, planted = (sum(column) for column in zip(*rows, strict=True))
        n = len(rows)
        print(f"{key[0]:15} {key[1]:8} {planted / n:8.4f} {n:8} {inside:7} {plain:8} {misled:7} {bias / n:6.2f}", flush=True)


if __name__ == "__main__":
    main()
