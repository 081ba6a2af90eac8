"""The API's schemas have names of their own: of two with one name, the document would show one in both places."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

ROOMS = Path(__file__).parents[2] / "src" / "amity" / "rooms"


def test_no_two_schemas_of_the_api_share_a_name():
    where = defaultdict(set)
    for path in sorted(ROOMS.glob("*/http/**/*.py")):
        for one in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(one, ast.ClassDef) and one.bases:
                where[one.name].add(str(path.relative_to(ROOMS)))
    assert len(where) > 100
    assert {name: files for name, files in where.items() if len(files) > 1} == {}
