"""What an Amity costs while nothing happens: CPU of each process over some minutes of rest, in percent of a core.

    python -m bench.idle [--seconds 120]

A log, both stores and a worker that leads, each a process of its own in a temporary folder, with nothing to do. To compare two
versions, let both rest at the same time.
"""

from __future__ import annotations

import argparse
import os
import time

from bench.drain import Bench, engines


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=int, default=120)
    chosen = options.parse_args()
    with engines():
        bench = Bench(people=10)
        bench.drain(bench.mix.bodies(200))  # so that it has started, and led
        time.sleep(20)
        before, began = bench.cpu(), time.monotonic()
        time.sleep(chosen.seconds)
        took = time.monotonic() - began
        after = bench.cpu()
        bench.close()
    print(f"{took:.0f} s of rest, load {os.getloadavg()[0]:.1f}; percent of a core")
    for name, spent in after.items():
        print(f"  {name:<12} {(spent - before[name]) / took * 100:6.2f}")


if __name__ == "__main__":
    main()
