"""Roles and permissions: pure decisions about who may do what, and who may grant what."""

from __future__ import annotations

PERMISSIONS: dict[str, str] = {
    "customers.read": "See customers and their stories",
    "customers.write": "Change customers",
    "sensitive.read": "Open what the tracking plan calls sensitive; each look is recorded",
    "identity.write": "Join customers, and take joins back",
    "audiences.write": "Make and change audiences",
    "audiences.send": "Send audiences to destinations, for a purpose",
    "destinations.write": "Create destinations and change where they lead",
    "metrics.read": "See metrics and dashboards",
    "metrics.write": "Make and change metrics and dashboards",
    "checks.write": "Make, change and try synthetic checks",
    "alerts.answer": "Acknowledge alerts of metrics, and let them rest",
    "surveys.read": "See surveys and what was answered",
    "surveys.write": "Make, change and publish surveys",
    "journeys.read": "See journeys, funnels and paths",
    "journeys.write": "Make and change journeys and funnels",
    "incidents.write": "Open incidents, change and end them, write their notes",
    "customers.export": "Take customers and interactions out as files",
    "sources.read": "See sources and their health",
    "sources.write": "Create sources and their write keys",
    "imports.write": "Bring files of interactions in",
    "plan.read": "See the catalogue, the tracking plan and what breaks it",
    "plan.write": "Change the tracking plan and what becomes of what breaks it",
    "live.read": "Watch interactions as they arrive",
    "quarantine.replay": "Send quarantined interactions through again",
    "people.read": "See colleagues and their roles",
    "people.write": "Invite colleagues and change their roles",
    "rights.enter": "See what people ask of their data, and take requests down",
    "audit.read": "Read the audit log",
    "rights.read": "See erasures and their receipts",
    "rights.write": "Carry out what people ask of their data, erase customers, let erased ones come back",
    "settings.write": "Change the workspace's settings",
    "tokens.write": "Create and revoke API tokens",
    "query.run": "Ask the past in SQL",
    "system.read": "See engines, lag and disk",
    "workspaces.write": "Create workspaces",
}

_SEE = frozenset({"customers.read", "journeys.read", "metrics.read", "surveys.read", "sources.read", "plan.read", "people.read"})
_ALL = frozenset(PERMISSIONS)

ROLES: dict[str, frozenset[str]] = {
    "owner": _ALL,
    "admin": _ALL - {"workspaces.write"},
    "analyst": _SEE
    | {
        "alerts.answer",
        "incidents.write",
        "audiences.write",
        "journeys.write",
        "surveys.write",
        "metrics.write",
        "checks.write",
        "customers.export",
        "live.read",
        "query.run",
        "system.read",
    },
    "marketer": _SEE
    | {
        "alerts.answer",
        "incidents.write",
        "audiences.write",
        "journeys.write",
        "surveys.write",
        "metrics.write",
        "audiences.send",
        "customers.write",
        "live.read",
    },
    "agent": _SEE | {"alerts.answer", "incidents.write", "customers.write", "rights.enter"},
    "privacy_officer": _SEE
    | {
        "customers.write",
        "sensitive.read",
        "identity.write",
        "customers.export",
        "rights.enter",
        "rights.read",
        "rights.write",
        "audit.read",
        "system.read",
    },
    "viewer": _SEE,
}

ROLE_NAMES: dict[str, str] = {
    "owner": "Owner",
    "admin": "Admin",
    "analyst": "Analyst",
    "marketer": "Marketer",
    "agent": "Agent",
    "privacy_officer": "Privacy officer",
    "viewer": "Viewer",
}

ROLE_HINTS: dict[str, str] = {
    "owner": "Everything, and new workspaces",
    "admin": "Everything in this workspace",
    "analyst": "Reads and exports customers, asks the past, watches interactions arrive",
    "marketer": "Reads and changes customers, makes audiences and sends them to destinations, watches interactions arrive",
    "agent": "Reads and changes customers, takes data requests down",
    "privacy_officer": "Reads, changes, joins, exports and erases customers, carries out data requests, reads the audit log",
    "viewer": "Reads customers and sources",
}


def permissions_of(role: str) -> frozenset[str]:
    """Return what a role may do; a role that is unknown may do nothing."""
    return ROLES.get(role, frozenset())


def may_grant(granter: str, role: str) -> bool:
    """Whether someone with role `granter` may give, change or take away `role`: nobody deals in what they don't hold."""
    return role in ROLES and permissions_of(role) <= permissions_of(granter)


def grantable(granter: str) -> list[str]:
    """Return the roles that `granter` may give, strongest first."""
    return [role for role in ROLES if may_grant(granter, role)]


def token_permissions(token_role: str, maker_role: str | None) -> frozenset[str]:
    """Return what a token may do now: its role, but never more than its maker's present role.

    `maker_role` is None for a token that was made on the command line, which stands on its own.
    """
    own = permissions_of(token_role)
    return own if maker_role is None else own & permissions_of(maker_role)


def keeps_an_owner(owners: int, *, was: str, becomes: str | None) -> bool:
    """Whether a workspace with `owners` owners still has one after a member's role changes (None: the member leaves)."""
    return was != "owner" or becomes == "owner" or owners > 1
