"""The house itself: sizes, names, and what must not be committed."""

from __future__ import annotations

import re
import subprocess
from importlib.metadata import distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted(p for p in (ROOT / "src").rglob("*.py") if "migrations" not in p.parts)
EMPTY_NAMES = {"utils", "helpers", "common", "manager", "misc", "base2"}


def committed() -> list[Path]:
    names = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    return [ROOT / n for n in names if n and (ROOT / n).is_file()]


def test_no_file_outgrows_itself():
    lines = {p.relative_to(ROOT): p.read_text(encoding="utf-8").count("\n") for p in SOURCES}
    assert {p: n for p, n in lines.items() if n > 500} == {}
    ordered = sorted(n for n in lines.values() if n)
    assert ordered[len(ordered) // 2] < 110


def test_names_say_something():
    assert [p for p in SOURCES if p.stem in EMPTY_NAMES] == []


def test_packages_are_empty_on_purpose():
    packages = [p for p in SOURCES if p.name == "__init__.py" and p.parent.name != "models"]  # Django finds tables there by name
    assert [p for p in packages if len(p.read_text(encoding="utf-8").splitlines()) > 25] == []


def test_no_index_address_and_no_machine_path_is_committed():
    index = re.compile(
        r"^\s*(--index-url|--extra-index-url|-i |--find-links)|\"resolved\":|https?://[^\s\"]*(pypi|registry|simple)[^\s\"]*/simple",
        re.MULTILINE,
    )
    home = re.compile(r"(?<![\w/])/(root|home/[a-z]+|work)/")
    wrong = []
    for path in committed():
        if path.suffix in {".png", ".ico"} or path == Path(__file__):
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        if path.suffix in {".txt", ".json", ".toml", ".lock", ".npmrc"} and index.search(text):
            wrong.append((path.relative_to(ROOT), "an index address"))
        if home.search(text) and "tests" not in path.parts:
            wrong.append((path.relative_to(ROOT), "a path of one machine"))
    assert wrong == []


def test_every_lock_line_is_hashed():
    for lock in ROOT.glob("requirements*.txt"):
        text = lock.read_text(encoding="utf-8")
        pins = re.findall(r"^[a-z0-9][\w.-]*(?:\[[\w,-]+\])?==", text, re.MULTILINE | re.IGNORECASE)
        assert pins
        assert text.count("--hash=sha256:") >= len(pins)


@pytest.mark.parametrize("lock", ["requirements.txt"])
def test_no_dependency_is_gpl(lock):
    names = {
        n.lower().replace("_", "-")
        for n in re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE)
    }
    bad = []
    for dist in distributions():
        if dist.metadata["Name"].lower().replace("_", "-") not in names:
            continue
        words = " ".join(
            [
                dist.metadata.get("License-Expression") or "",
                *(c for c in dist.metadata.get_all("Classifier") or [] if "License" in c),
            ]
        )
        if re.search(r"(?<!L)(?<!Lesser )\b(A?GPL|GNU (Affero )?General)", words):
            bad.append((dist.metadata["Name"], words))
    assert bad == []
