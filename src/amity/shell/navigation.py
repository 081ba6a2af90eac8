"""What the console can show and do: each room registers its pages and acts here, the frame shows those one may use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from django.urls import reverse

GROUPS = ("", "Know", "Discover", "Design", "Deliver", "Refine", "Trust")


class Reader(Protocol):
    """Who looks at a page: all that the frame needs to know of it."""

    @property
    def workspace_slug(self) -> str:
        """The workspace's name in addresses."""

    def can(self, permission: str) -> bool:
        """Tell whether this actor holds the permission here."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A page in the navigation. `tab` places it among the four of the bottom bar on a phone (0: not there).

    `key` is the letter that opens it after `g`.
    """

    group: str
    label: str
    icon: str
    url_name: str
    permission: str
    order: int = 50
    tab: int = 0
    key: str = ""


@dataclass(frozen=True, kw_only=True)
class Command:
    """Something to do, offered by the palette. Its address is opened; `words` are further words to find it by."""

    label: str
    icon: str
    url_name: str
    permission: str
    fragment: str = ""
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class Finder:
    """A search that the palette asks while someone types: `url_name` answers `?q=…` with a partial of options."""

    label: str
    url_name: str
    permission: str


@dataclass(frozen=True, kw_only=True)
class Act:
    """What a room offers to do with a thing (`on`) of a room below: `url_name` is opened with the thing's id as `?<on>=`."""

    on: str
    label: str
    icon: str
    url_name: str
    permission: str


@dataclass(frozen=True, kw_only=True)
class Link:
    """An entry or command as one page shows it: with its address, and whether it is the page."""

    label: str
    icon: str
    url: str
    current: bool = False
    tab: int = 0
    key: str = ""
    words: str = ""


_entries: list[Entry] = []
_commands: list[Command] = []
_finders: list[Finder] = []
_acts: list[Act] = []


def register(entry: Entry) -> None:
    """Add a page to the navigation; called once, from a room's `ready()`."""
    if entry.group not in GROUPS:
        raise ValueError(f"{entry.group!r} is no group of the navigation; choose one of {', '.join(GROUPS[1:])}.")
    _entries.append(entry)
    _entries.sort(key=lambda e: (GROUPS.index(e.group), e.order, e.label))


def register_command(command: Command) -> None:
    """Offer an act in the palette; called once, from a room's `ready()`."""
    _commands.append(command)


def register_finder(finder: Finder) -> None:
    """Let the palette find things of a room; called once, from a room's `ready()`."""
    _finders.append(finder)


def register_act(act: Act) -> None:
    """Offer something to do with a thing of a room below; called once, from a room's `ready()`."""
    _acts.append(act)


def acts_on(on: str, number: int, reader: Reader) -> list[Link]:
    """Return what this reader may do with a thing beyond what its own room offers."""
    return [
        Link(label=one.label, icon=one.icon, url=f"{_address(one.url_name, reader)}?{on}={number}")
        for one in _acts
        if one.on == on and reader.can(one.permission)
    ]


def groups_for(reader: Reader, *, path: str = "") -> list[tuple[str, list[Link]]]:
    """Return the groups that have a page this reader may open, in the order of the loop, with the open page marked."""
    addresses = [
        (e, reverse(e.url_name, kwargs={"workspace": reader.workspace_slug})) for e in _entries if reader.can(e.permission)
    ]
    open_one = max((url for _, url in addresses if path.startswith(url)), key=len, default=None)
    shown: dict[str, list[Link]] = {}
    for entry, url in addresses:
        link = Link(label=entry.label, icon=entry.icon, url=url, current=url == open_one, tab=entry.tab, key=entry.key)
        shown.setdefault(entry.group, []).append(link)
    return list(shown.items())


def tabs_of(groups: Iterable[tuple[str, list[Link]]]) -> list[Link]:
    """Return at most four links for the bottom bar: those that ask for a place, then the others in their order."""
    links = [link for _, members in groups for link in members]
    chosen = sorted((link for link in links if link.tab), key=lambda link: link.tab)
    return (chosen + [link for link in links if not link.tab])[:4]


def commands_for(reader: Reader) -> list[Link]:
    """Return the acts that this reader may do."""
    return [
        Link(label=c.label, icon=c.icon, url=_address(c.url_name, reader) + (c.fragment and f"#{c.fragment}"), words=c.words)
        for c in _commands
        if reader.can(c.permission)
    ]


def finders_for(reader: Reader) -> list[tuple[str, str]]:
    """Return label and address of each search that this reader may ask."""
    return [(f.label, _address(f.url_name, reader)) for f in _finders if reader.can(f.permission)]


def _address(url_name: str, reader: Reader) -> str:
    return reverse(url_name, kwargs={"workspace": reader.workspace_slug})
