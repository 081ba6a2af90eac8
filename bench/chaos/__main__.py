"""Kills Amity's processes at random while clients send, then proves that nothing is lost, doubled or different.

Run: python -m bench.chaos --kills 100 --seed 1 [--report chaos.json]. It starts an Amity of its own in a temporary folder on
free ports. The same seed does the same things in the same order; moments differ as machines do.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bench.chaos.run import Chosen, result, run
from bench.chaos.target import Broken


def main() -> int:
    options = argparse.ArgumentParser(
        prog="bench.chaos", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--kills", type=int, default=100, help="how many faults, stops included (default 100)")
    options.add_argument("--early", type=int, default=3, help="first starts that are cut short by killing everything (3)")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--stops", type=float, default=0.02, help="share of faults that only stop a process for a while (0.02)")
    options.add_argument("--stop-seconds", type=float, default=30.0, help="for how long (30)")
    options.add_argument("--rate", type=float, default=60.0, help="events a second that clients send, in all (60)")
    options.add_argument(
        "--workers", type=int, default=1, help="workers; several take customers in no one order, so less is compared (1)"
    )
    options.add_argument("--check-every", type=int, default=100, help="faults after which the acknowledged are looked for (100)")
    options.add_argument("--minutes", type=float, default=180.0, help="longest time for the faults (180)")
    options.add_argument("--folder", type=Path, help="where the temporary folder is made")
    options.add_argument("--progress", type=Path, help="file that always holds a summary of the run so far")
    options.add_argument("--report", type=Path, help="file for the report as JSON")
    given = vars(options.parse_args())
    path = given.pop("report")
    try:
        report, verdict = run(Chosen(**given))
    except Broken as error:
        print(f"broken: {error}", file=sys.stderr, flush=True)
        return 2
    print(report.table(verdict), flush=True)
    if path:
        report.write(path, result(report, verdict))
    return 0 if verdict.good else 1


if __name__ == "__main__":
    sys.exit(main())
