"""`python -m amity.edge`."""

from __future__ import annotations

from amity.edge.server import run

if __name__ == "__main__":
    run()
