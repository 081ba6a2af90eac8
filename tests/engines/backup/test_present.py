import pytest

from amity.engines.backup.chunks import lines_in_chunks
from amity.engines.backup.past import Schema, _known_columns
from amity.engines.backup.present import _BOUND
from amity.engines.past.client import connect
from amity.kernel.errors import AmityError


@pytest.mark.parametrize(
    "bound", ["FOR VALUES IN (5152)", "FOR VALUES IN (1, 2)", "DEFAULT", "FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')"]
)
def test_bounds_of_our_own_kind_are_taken(bound):
    assert _BOUND.fullmatch(bound)


@pytest.mark.parametrize(
    "bound", ["DEFAULT; DROP TABLE trust_audit", "FOR VALUES IN (pg_read_file('/etc/passwd')::int)", "FOR VALUES IN ()", ""]
)
def test_a_file_can_not_bring_sql_of_its_own(bound):
    assert not _BOUND.fullmatch(bound)


def test_tables_and_columns_that_no_migration_made_are_refused(past_ready):
    client = connect(database=None)
    for columns in ({"interactions_raw": ("message_id", "x) SELECT 1 --")}, {"users": ("name",)}, {}):
        schema = Schema(server="", ledger={}, columns=columns)
        with pytest.raises(AmityError, match="that this Amity doesn't know"):
            _known_columns(client, next(iter(columns), "interactions_raw"), schema)
    client.close()


@pytest.mark.parametrize("size", [1, 3, 8, 1000])
def test_chunks_end_where_lines_end(size):
    text = b"one\ntwo\n\na longer line\nend\n"
    for step in (1, 2, 5, len(text)):
        pieces = [text[at : at + step] for at in range(0, len(text), step)]
        chunks = list(lines_in_chunks(pieces, size=size))
        assert b"".join(chunk for chunk, _ in chunks) == text
        assert all(chunk.endswith(b"\n") and chunk.count(b"\n") == rows for chunk, rows in chunks)
    assert list(lines_in_chunks([b"a\nb"], size=size)) in ([(b"a\n", 1), (b"b", 0)], [(b"a\nb", 1)])
