"""Importing is free: no heavy library is loaded before it is used."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {"chdb", "pandas", "pyarrow", "numpy", "phonenumbers", "sqlglot", "clickhouse_connect", "httpx"}


def loaded(statement: str) -> set[str]:
    code = f"import sys\n{statement}\nprint(' '.join(sorted({{m.split('.')[0] for m in sys.modules}})))"
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("statement", "forbidden"),
    [
        ("import amity.config.cli.main", HEAVY | {"django", "nats", "granian", "psycopg"}),
        ("import amity", HEAVY | {"django", "nats", "click", "msgspec"}),
        ("import amity.edge.server", HEAVY | {"django", "psycopg"}),
        ("import amity.kernel.ids, amity.kernel.settings, amity.facts.interaction", HEAVY | {"django", "nats", "click"}),
    ],
)
def test_light_modules_load_nothing_heavy(statement, forbidden):
    assert loaded(statement) & forbidden == set()


def test_the_console_starts_without_analysis_libraries():
    statement = "import os; os.environ['DJANGO_SETTINGS_MODULE']='amity.config.settings'\nimport django; django.setup()\nimport amity.config.urls"
    assert loaded(statement) & {"chdb", "pandas", "pyarrow", "phonenumbers"} == set()
