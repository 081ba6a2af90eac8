"""Times: how a column writes them is decided once, over the whole column."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from amity.kernel.clock import to_ms
from amity.kernel.errors import Invalid
from amity.rooms.collection.rules.imports.dates import date_reader, find_dates
from tests.rooms.collection.imports.read import fact, look_at, read

ZONE = ZoneInfo("UTC")
AT = to_ms(datetime(2024, 2, 29, 13, 5, tzinfo=UTC))
DAY = to_ms(datetime(2024, 2, 29, tzinfo=UTC))


@pytest.mark.parametrize(
    ("cells", "form", "ms"),
    [
        (["2024-02-29T13:05:00Z", "2024-03-01T00:00:00+02:00"], "iso", AT),
        (["2024-02-29 13:05:00", "2024-03-01"], "iso", AT),
        (["29/02/2024 13:05", "01/03/2024 00:00"], "dmy", AT),
        (["02/29/2024 1:05 PM", "03/01/2024 12:00 AM"], "mdy", AT),
        (["2/29/2024", "3/1/2024"], "mdy", DAY),
        (["29.02.2024, 13:05", "01.03.2024, 01:00"], "dmy", AT),
        (["29-02-24", "01-03-24"], "dmy", DAY),
        (["2024/02/29 13:05:00", "2024/03/01 00:00:00"], "ymd", AT),
        (["29 Feb 2024 13:05", "1 Mar 2024 00:00"], "%d %b %Y %H:%M", AT),
        (["February 29, 2024", "March 1, 2024"], "%B %d, %Y", DAY),
        (["1709211900", "1709211901"], "seconds", AT),
        (["1709211900000", "1709211901000"], "milliseconds", AT),
        (["20240229", "20240301"], "digits", DAY),
        (["29/02/2024 13:05:00.250 +01:00", "01/03/2024 00:00:00.000 Z"], "dmy", AT - 3_600_000 + 250),
    ],
)
def test_forms_are_found_and_read(cells, form, ms):
    found = find_dates(cells)
    assert (found.form, found.ambiguous) == (form, False)
    assert date_reader(found.form, zone=ZONE)(cells[0]) == ms


def test_one_cell_decides_for_the_whole_column():
    found = find_dates(["01/02/2024", "03/04/2024", "13/04/2024"])
    assert (found.form, found.why) == ("dmy", "13/04/2024 can be read no other way")
    assert find_dates(["13/01/2024", "01/13/2024"]).form == "", "two that contradict are no dates of one form"


def test_the_order_of_rows_tells_where_no_cell_does():
    assert find_dates(["01/02/2024"]).ambiguous
    rising = find_dates(["05/01/2024", "06/01/2024", "01/02/2024", "02/02/2024"])
    assert (rising.form, rising.ambiguous) == ("dmy", False)


def test_what_nothing_decides_is_asked():
    found = look_at("who,at\na,05/06/2024\nb,01/02/2024\nc,03/04/2024\n", "{event: B, user_id: who}")
    assert [one.field for one in found.questions] == ["dates"]
    assert found.questions[0].choices == ("dmy", "mdy")
    assert "can't be told apart" in fact(found, "Times")
    made, _ = read("who,at\na,05/06/2024\n", "{event: B, user_id: who, time: at, dates: mdy}")
    assert datetime.fromtimestamp(made[0].time / 1000, UTC).month == 5


def test_a_row_far_down_still_decides():
    body = "who,at\n" + "".join(f"u,{n % 12 + 1:02}/{n % 11 + 1:02}/2024\n" for n in range(4_000)) + "u,25/12/2024\n"
    found = look_at(body, "{event: B, user_id: who}")
    assert found.questions == []
    assert "25/12/2024 can be read no other way" in fact(found, "Times")


def test_a_few_broken_times_are_rejected_rows_and_make_no_column_of_texts():
    body = "who,bought\n" + "".join(f"u,{n % 28 + 1:02}.03.2026 14:{n:02}\n" for n in range(40)) + "u,no date\nu,??\n"
    made, refused = read(body, "{event: B, user_id: who}")
    assert (len(made), [one.reason for one in refused]) == (40, ["bad_time", "bad_time"])


def test_a_time_without_a_zone_is_of_the_maps_zone():
    made, _ = read("who,at\na,2024-07-01 12:00\n", "{event: B, user_id: who, time: at, timezone: Europe/Vienna}")
    assert made[0].time == to_ms(datetime(2024, 7, 1, 10, tzinfo=UTC))
    with pytest.raises(Invalid, match="no zone"):
        look_at("who,at\na,2024-07-01\n", "{timezone: Middle/Earth}")


def test_times_that_are_absurd_or_missing_are_refused():
    body = "who,at\na,2024-07-01\nb,1969-01-01\nc,2999-01-01\nd,\ne,someday\n"
    made, refused = read(body, "{event: B, user_id: who, time: at, dates: iso}")
    assert [one.user_id for one in made] == ["a"]
    assert [(one.line, one.reason) for one in refused] == [(3, "bad_time"), (4, "bad_time"), (5, "no_time"), (6, "bad_time")]


def test_old_times_are_fine():
    made, refused = read("who,at\na,1997-01-01\nb,1970-01-02\n")
    assert (len(made), refused) == (2, [])


def test_a_form_that_is_none_is_told():
    with pytest.raises(Invalid, match="dates is 'german'"):
        read("who,at\na,2024-07-01\n", "{event: B, user_id: who, time: at, dates: german}")
