"""What stands around every page of a workspace, put together from what the rooms registered.

The shell knows no room: trust tells it at start which workspaces a person may open and what to watch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from amity.shell.navigation import Link, Reader, commands_for, finders_for, groups_for, tabs_of


class WorkspaceLike(Protocol):
    """A workspace in the switcher."""

    @property
    def slug(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def is_demo(self) -> bool: ...


class ActorLike(Protocol):
    """Who looks."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def email(self) -> str: ...


class AccessLike(Reader, Protocol):
    """What a room's page decorator leaves at `request.access`."""

    @property
    def workspace(self) -> Any: ...
    @property
    def actor(self) -> ActorLike: ...
    @property
    def role(self) -> str: ...


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A workspace that one may switch to."""

    name: str
    url: str
    is_demo: bool
    current: bool


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """Something that stands still: what, what that means, and where to read what to do."""

    what: str
    then: str
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Example:
    """That this workspace tells of an invented company, and where one connects one's own; no address for who has none."""

    name: str
    own_url: str


@dataclass(frozen=True, kw_only=True)
class Frame:
    """Everything that `shell/page.html` shows around a page."""

    workspace: str
    home_url: str
    workspaces: list[Choice]
    person: str
    role: str
    groups: list[tuple[str, list[Link]]]
    tabs: list[Link]
    commands: list[Link]
    finders: list[tuple[str, str]]
    pulse_url: str
    account_url: str
    example: Example | None = field(default=None)
    more_current: bool = field(default=False)


_workspaces: list[Callable[[str], Iterable[WorkspaceLike]]] = []


def provide_workspaces(list_workspaces_of: Callable[[str], Iterable[WorkspaceLike]]) -> None:
    """Tell the frame how to list the workspaces that a person (by id) may open; called once, from trust's `ready()`."""
    _workspaces[:] = [list_workspaces_of]


def frame_of(request: HttpRequest, access: AccessLike) -> Frame:
    """Return the frame of one page for who looks at it."""
    groups = groups_for(access, path=request.path)
    tabs = tabs_of(groups)
    mine = list(_workspaces[0](access.actor.id) if _workspaces else [access.workspace])
    return Frame(
        workspace=access.workspace.name,
        home_url=f"/w/{access.workspace_slug}/",
        workspaces=_choices(mine, access),
        person=access.actor.name or access.actor.email,
        role=access.role.replace("_", " "),
        groups=groups,
        tabs=tabs,
        commands=commands_for(access),
        finders=finders_for(access),
        pulse_url=_maybe("trust:pulse", workspace=access.workspace_slug),
        account_url=_maybe("trust:account"),
        example=_example(mine, access),
        more_current=any(link.current for _, links in groups for link in links) and not any(link.current for link in tabs),
    )


def _choices(mine: list[WorkspaceLike], access: AccessLike) -> list[Choice]:
    return [Choice(name=w.name, url=f"/w/{w.slug}/", is_demo=w.is_demo, current=w.slug == access.workspace_slug) for w in mine]


def _example(mine: list[WorkspaceLike], access: AccessLike) -> Example | None:
    if not access.workspace.is_demo:
        return None
    own = next((one.slug for one in mine if not one.is_demo), "")
    return Example(name=access.workspace.name, own_url=_maybe("collection:welcome", workspace=own) if own else "")


def _maybe(name: str, **kwargs: str) -> str:
    try:
        return reverse(name, kwargs=kwargs)
    except NoReverseMatch:
        return ""
