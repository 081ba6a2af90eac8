from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.template import Context, Template, TemplateSyntaxError

import amity

SOURCES = Path(amity.__file__).parent


def render(text, **context):
    return Template("{% load amity %}" + text).render(Context(context))


def test_what_is_shown_is_escaped():
    assert "&lt;b&gt;" in render('{% mark "good" said %}', said="<b>")


def test_an_address_breaks_where_a_reader_would_and_is_escaped():
    assert render("{{ value|breakable }}", value="ana.li_9@ex-ample.net") == "ana.<wbr>li_<wbr>9@<wbr>ex-<wbr>ample.<wbr>net"
    assert render("{{ value|breakable }}", value="<b>@x..y") == "&lt;b&gt;@<wbr>x..<wbr>y"
    assert render("{{ value|breakable }}", value="") == ""


@pytest.mark.parametrize("text", ['{% icon "unicorn" %}', '{% mark "splendid" "x" %}'])
def test_an_icon_or_mark_that_does_not_exist_fails_loudly(text):
    with pytest.raises(TemplateSyntaxError):
        render(text)


def test_a_time_carries_the_exact_one():
    instant = datetime(2020, 3, 12, 14, 32, 5, tzinfo=UTC)
    html = render("{{ instant|when }}", instant=instant)
    assert 'datetime="2020-03-12T14:32:05.000+00:00"' in html
    assert 'title="Thursday 12 Mar 2020, 14:32:05 UTC"' in html
    assert ">12 Mar 2020<" in html
    assert render("{{ instant|when }}", instant=int(instant.timestamp() * 1000)) == html
    assert render("{{ instant|when }}", instant=None) == "never"


def test_no_template_holds_inline_script_or_style():
    bad = re.compile(
        r"\sstyle=|<style|\son[a-z]+=\"|javascript:|<script(?![^>]*\s(?:src=|type=\"application/json\"))", re.IGNORECASE
    )
    found = [
        str(p.relative_to(SOURCES)) for p in SOURCES.rglob("templates/**/*.html") if bad.search(p.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_every_icon_that_a_template_names_exists():
    sprite = set(re.findall(r'<symbol id="([^"]+)"', (SOURCES / "shell/static/amity/icons.svg").read_text(encoding="utf-8")))
    named = {name for p in SOURCES.rglob("*.html") for name in re.findall(r'{% icon "([^"]+)"', p.read_text(encoding="utf-8"))}
    assert named <= sprite
