"""What telling the demo company costs: `python -m bench.demo [CUSTOMERS]`. CPU time, nothing sent; three rounds."""

from __future__ import annotations

import sys
import time

from amity.demo.company import found, tell
from amity.demo.wire import LogForm

END = 1_795_300_000_000


def main() -> None:
    customers = int(sys.argv[1]) if len(sys.argv) > 1 else 3_000
    form = LogForm(seed=1, workspace=1, sources=[1, 2, 3], received_at=END)
    for _ in range(3):
        begun = time.process_time()
        company = found(customers=customers, seed=1, end=END)
        people = time.process_time()
        entries = list(tell(company))
        told = time.process_time()
        size = sum(len(form.write(one)) for one in entries)
        written = time.process_time()
        number = len(entries)
        print(
            f"{number:,} interactions of {customers:,} customers, {size / number:.0f} bytes each: "
            f"people {(people - begun) / customers * 1e6:.1f} µs each, "
            f"telling {(told - people) / number * 1e6:.1f} µs, writing {(written - told) / number * 1e6:.1f} µs an interaction"
        )


if __name__ == "__main__":
    main()
