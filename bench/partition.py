"""How long it takes to work out who is who among a million identifiers, against Splink's clustering in the same run.

Run: python -m bench.partition [--nodes 1000000] [--edges 1270000] [--rounds 5]. Both get the same nodes and edges as arrays of
whole numbers and answer with each node's component; Splink 5 does it on DuckDB in memory (`cluster_pairwise_predictions_at_threshold`).
They take turns. Each round checks that the components are the same; prints medians of CPU seconds and their ratio. The goal is 12.
"""

from __future__ import annotations

import argparse
import logging
import os
import statistics
import time
from typing import Any

import numpy as np
import pyarrow as pa

from amity.rooms.customers.rules.partition import components

GOAL = 12


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--nodes", type=int, default=1_000_000)
    options.add_argument("--edges", type=int, default=1_270_000)
    options.add_argument("--rounds", type=int, default=5)
    chosen = options.parse_args()
    logging.getLogger("splink").setLevel(logging.ERROR)
    few = graph(1_000, 1_270)  # so that no round pays for what is loaded once
    components(1_000, *few)
    splink(1_000, *few)
    left, right = graph(chosen.nodes, chosen.edges)
    took: dict[str, list[tuple[float, float]]] = {"amity": [], "splink": []}
    for _ in range(chosen.rounds):
        ours, spent = timed(lambda: components(chosen.nodes, left, right))
        took["amity"].append(spent)
        theirs, spent = timed(lambda: splink(chosen.nodes, left, right))
        took["splink"].append(spent)
        if not np.array_equal(ours, theirs):
            raise SystemExit("The components differ.")
    print(f"load {os.getloadavg()[0]:.1f}, {chosen.rounds} rounds, {len(np.unique(ours)):,} components, the same each time")
    for name, spent in took.items():
        cpu, wall = ([one[which] for one in spent] for which in (0, 1))
        print(
            f"{name:<8} CPU {statistics.median(cpu):7.3f} s ({min(cpu):.3f} to {max(cpu):.3f}), wall {statistics.median(wall):7.3f} s"
        )
    ratios = sorted(theirs[0] / ours[0] for ours, theirs in zip(took["amity"], took["splink"], strict=True))
    ratio = statistics.median(ratios)
    print(f"ratio of CPU seconds {ratio:.1f} ({ratios[0]:.1f} to {ratios[-1]:.1f}){'' if ratio >= GOAL else '  missed'}")


def graph(nodes: int, edges: int) -> tuple[Any, Any]:
    """Return edges among identifiers as customers have them: each customer a short chain of devices, with repeats.

    Sizes are geometric with a mean of five; edges beyond the chains join an identifier with one up to four behind it in its chain.
    """
    random = np.random.default_rng(20)
    sizes = random.geometric(0.2, nodes)
    ends = np.cumsum(sizes)
    owner = np.searchsorted(ends, np.arange(nodes), side="right")
    shuffled = random.permutation(nodes)
    chain = np.flatnonzero(owner[1:] == owner[:-1])
    back = random.integers(1, 5, edges * 4)
    at = random.integers(4, nodes, edges * 4)
    more = np.flatnonzero(owner[at] == owner[at - back])[: max(edges - len(chain), 0)]
    left = np.concatenate([chain, at[more]])
    right = np.concatenate([chain + 1, at[more] - back[more]])
    mixed = random.permutation(len(left))
    return shuffled[left[mixed]], shuffled[right[mixed]]


def splink(nodes: int, left: Any, right: Any) -> Any:
    """Return each node's component as Splink finds it: the least node of it."""
    from splink import DuckDBAPI
    from splink.clustering import cluster_pairwise_predictions_at_threshold

    api = DuckDBAPI()
    known = api.register(pa.table({"id": np.arange(nodes)}))
    joined = api.register(pa.table({"id_l": left, "id_r": right}))
    found = cluster_pairwise_predictions_at_threshold(known, joined, api, node_id_column_name="id")
    rows = found.as_pyarrow_table() if hasattr(found, "as_pyarrow_table") else pa.Table.from_pandas(found.as_pandas_dataframe())
    answer = np.empty(nodes, np.int64)
    answer[rows["id"].to_numpy()] = rows["cluster_id"].to_numpy()
    return answer


def timed(work: Any) -> tuple[Any, tuple[float, float]]:
    """Return what work does, and its CPU and wall seconds. CPU is that of all threads of this process."""
    cpu, wall = time.process_time(), time.perf_counter()
    done = work()
    return done, (time.process_time() - cpu, time.perf_counter() - wall)


if __name__ == "__main__":
    main()
