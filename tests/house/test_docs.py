"""The docs tell what there is: settings, permissions, facts, commands, rooms."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from amity.config.cli.main import COMMANDS, cli
from amity.kernel.settings import Settings

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def test_settings_are_documented_and_nothing_else_is():
    text = (DOCS / "settings.md").read_text(encoding="utf-8")
    real = {f.metadata["env"] for f in fields(Settings)}
    assert set(re.findall(r"\bAMITY_[A-Z_]+\b", text)) == real


def test_no_other_environment_variable_is_read():
    used = set()
    for path in (ROOT / "src").rglob("*.py"):
        used |= set(re.findall(r"\bAMITY_[A-Z_]+\b", path.read_text(encoding="utf-8")))
    of_a_notebook = {
        "AMITY_PURPOSE",
        "AMITY_TOKEN",
        "AMITY_URL",
    }  # no settings of Amity's: a client reads them, and its own page says so
    assert used - {f.metadata["env"] for f in fields(Settings)} == of_a_notebook
    assert all(f"`{name}`" in (ROOT / "docs" / "notebook.md").read_text(encoding="utf-8") for name in of_a_notebook)


def test_commands_are_documented():
    text = (DOCS / "commands.md").read_text(encoding="utf-8")
    assert [c for c in COMMANDS if f"amity {c}" not in text] == []


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_loads_and_has_help(name):
    command = cli.get_command(None, name)
    assert command.get_short_help_str(), name


def test_permissions_are_documented():
    from amity.rooms.trust.rules.roles import ROLES

    text = (DOCS / "rooms" / "trust.md").read_text(encoding="utf-8")
    for role, permissions in ROLES.items():
        assert str(role) in text, role
        assert [p for p in permissions if f"`{p}`" not in text] == []


def test_endpoints_of_the_api_are_documented():
    from amity.config.api import api

    text = (DOCS / "api.md").read_text(encoding="utf-8").replace("{id}", "{customer_id}").replace("{kind}:{value}", "{who}")
    paths = [path.removeprefix("/api/v1") for path in api.get_openapi_schema()["paths"]]
    assert [path for path in paths if f"{path}`" not in text] == []


def test_every_room_has_its_page():
    rooms = [p.name for p in (ROOT / "src/amity/rooms").iterdir() if (p / "apps.py").exists()]
    for room in rooms:
        assert (DOCS / "rooms" / f"{room}.md").exists(), room


def test_links_between_docs_lead_somewhere():
    broken = []
    for page in [*DOCS.rglob("*.md"), ROOT / "README.md"]:
        targets = re.findall(r"\]\((?!https?://|#|mailto:)([^)#]+)", page.read_text(encoding="utf-8"))
        broken += [(page.name, target) for target in targets if not (page.parent / target).exists()]
    assert broken == []


def test_decisions_are_short_and_numbered():
    for page in (DOCS / "adr").glob("*.md"):
        assert re.match(r"\d{4}-[a-z0-9-]+\.md", page.name), page.name
        assert len(page.read_text(encoding="utf-8").split()) <= 260, page.name
