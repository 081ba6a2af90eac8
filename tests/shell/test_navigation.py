from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from amity.shell import navigation
from amity.shell.navigation import GROUPS, Entry, commands_for, finders_for, groups_for, register, tabs_of


@dataclass(frozen=True)
class Someone:
    permissions: frozenset[str] = field(default_factory=frozenset)
    workspace_slug: str = "linden"

    def can(self, permission):
        return permission in self.permissions


EVERYTHING = Someone(frozenset(e.permission for e in navigation._entries) | {c.permission for c in navigation._commands})


def test_groups_come_in_the_order_of_the_loop_and_none_is_empty():
    groups = groups_for(EVERYTHING)
    names = [name for name, _ in groups]
    assert names == sorted(names, key=GROUPS.index)
    assert all(links for _, links in groups)


def test_who_may_nothing_is_shown_nothing():
    assert groups_for(Someone()) == []
    assert commands_for(Someone()) == []
    assert finders_for(Someone()) == []


def test_the_page_of_a_thing_marks_its_list():
    links = [link for _, links in groups_for(EVERYTHING, path="/w/linden/sources/7/quarantine/") for link in links]
    assert [link.label for link in links if link.current] == ["Sources"]


def test_the_bar_of_a_phone_holds_four_and_those_who_asked_come_first():
    tabs = tabs_of(groups_for(EVERYTHING))
    assert len(tabs) == 4
    assert [t.tab for t in tabs if t.tab] == sorted(t.tab for t in tabs if t.tab)


def test_shortcuts_are_not_given_twice():
    keys = [e.key for e in navigation._entries if e.key]
    assert len(keys) == len(set(keys))


def test_an_unknown_group_is_refused():
    with pytest.raises(ValueError, match="Discover"):
        register(Entry(group="Misc", label="x", icon="x", url_name="x", permission="x"))
