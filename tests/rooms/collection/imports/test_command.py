"""`amity import`, as a person at a terminal or a script calls it."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from amity.config.cli.main import cli
from amity.kernel.errors import AmityError
from amity.rooms.collection.models import Import
from amity.rooms.trust.models import Workspace

CSV = "who,at,n\nada,2024-03-01,1\nben,2024-03-02,2\nbroken\n"


@pytest.fixture
def slug(workspace) -> str:
    return Workspace.objects.get(pk=workspace).slug


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "shop.csv"
    path.write_text(CSV)
    return path


def call(*args: str, **options):
    return CliRunner().invoke(cli, ["import", *map(str, args)], catch_exceptions=True, **options)


def test_a_dry_run_shows_all_and_stores_nothing(file, slug):
    done = call(file, "--event", "Bought", "--customer", "who", "--dry-run")
    assert done.exit_code == 0, done.output
    for said in ("Encoding:", "Separator:    comma", "Times:        at, as ISO 8601", "user_id: who", "Bought  of ada",
                 "3 rows: 2 interactions", "1 rejected", "the first at 4: It has 1 of 3 cells."):  # fmt: skip
        assert said in done.output
    assert Import.objects.count() == 0
    assert list(file.parent.iterdir()) == [file]


def test_it_imports_and_says_what_became_of_it(file, slug):
    done = call(file, "--event", "Bought", "--customer", "who", "--workspace", slug)
    assert done.exit_code == 0, done.output
    assert "2 interactions of 3 rows are in the log, 1 rows rejected." in done.output
    assert (file.parent / "shop.csv.rejected.csv").read_text().splitlines()[1].startswith("4,columns")
    again = call(file, "--event", "Bought", "--customer", "who", "--workspace", slug)
    assert isinstance(again.exception, AmityError)
    assert "--again" in again.exception.message
    told = call(file, "--event", "Bought", "--customer", "who", "--workspace", slug, "--again", "--json")
    shown = json.loads(told.output[told.output.index("{") :])
    assert (shown["state"], shown["stored"], shown["rejected"]) == ("done", 2, 1)
    assert file.exists(), "somebody else's file stays"


def test_what_is_missing_is_told_with_the_option_that_gives_it(file, slug):
    done = call(file, "--workspace", slug)
    assert isinstance(done.exception, AmityError)
    assert "--customer NAME_OF_A_COLUMN" in done.exception.message
    assert "One of: who, at, n" in done.exception.message


def test_a_map_can_be_kept_and_given_back(file, slug, tmp_path):
    saved = tmp_path / "map.yaml"
    call(file, "--event", "Bought", "--customer", "who", "--dry-run", "--save-map", saved)
    assert "user_id: who" in saved.read_text()
    done = call(file, "--map", saved, "--workspace", slug)
    assert done.exit_code == 0, done.output


def test_it_goes_on_with_the_same_map_only(file, slug):
    call(file, "--event", "Bought", "--customer", "who", "--workspace", slug)
    Import.objects.update(state="cancelled", stored=1)
    other = call(file, "--event", "Sold", "--customer", "who", "--workspace", slug)
    assert "begun with another map" in other.exception.message
    done = call(file, "--event", "Bought", "--customer", "who", "--workspace", slug)
    assert "2 interactions" in done.output


def test_an_unknown_source_says_how_to_make_it(file, slug):
    done = call(file, "--event", "B", "--customer", "who", "--workspace", slug, "--source", "Till")
    assert "amity source create" in done.exception.message


def test_a_person_is_asked(file, slug, monkeypatch):
    from amity.config.cli import importing

    answers = iter(["who", "Bought"])
    monkeypatch.setattr(importing.click, "prompt", lambda *_args, **_options: next(answers))
    with file.open("rb") as stream:
        found = importing.Asked(file, stream, importing.Mapping()).look(may_ask=True)
    assert (found.mapping.user_id, found.mapping.event) == ("who", "Bought")
