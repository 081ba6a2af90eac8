"""`python -m amity.config.cli` is the same as `amity`."""

from __future__ import annotations

from amity.config.cli.main import main

main()
