"""`amity token`: create, list and revoke API tokens."""

from __future__ import annotations

import click


@click.group()
def command() -> None:
    """Create and revoke API tokens."""


@command.command()
@click.option("--role", required=True, help="owner, admin, analyst, marketer, agent, privacy_officer or viewer.")
@click.option("--name", default="Command line", show_default=True, help="What uses the token.")
@click.option("--workspace", default=None, metavar="SLUG", help="The workspace; the default one unless given.")
@click.option("--days", type=int, default=None, help="Days until it expires; never unless given.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def create(role: str, name: str, workspace: str | None, days: int | None, *, as_json: bool) -> None:
    """Create a token and print it: it is never shown again."""
    from amity.config.cli.setup import chosen_workspace, django_ready, print_json

    django_ready()
    from amity.rooms.trust.actions.tokens import create_system_token

    info = chosen_workspace(workspace)
    made, secret = create_system_token(workspace_id=info.id, name=name, role=role, days=days)
    if as_json:
        expires = made.expires_at.isoformat() if made.expires_at else None
        print_json({"id": made.pk, "token": secret, "role": role, "workspace": info.slug, "expires_at": expires})
    else:
        click.echo(secret)


@command.command("list")
@click.option("--workspace", default=None, metavar="SLUG", help="The workspace; the default one unless given.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")
def list_command(workspace: str | None, *, as_json: bool) -> None:
    """List the tokens of a workspace that still work."""
    from amity.config.cli.setup import chosen_workspace, django_ready, print_json

    django_ready()
    from amity.rooms.trust.queries.people import list_tokens

    found = list_tokens(chosen_workspace(workspace).id)
    if as_json:
        print_json([{"id": t.pk, "name": t.name, "role": t.role, "hint": t.hint, "expires_at": t.expires_at,
                     "last_used_at": t.last_used_at} for t in found])  # fmt: skip
        return
    for t in found:
        click.echo(f"{t.pk:<6}  {t.hint:<14}  {t.role:<16}  {t.name}")


@command.command()
@click.argument("token_id", type=int)
@click.option("--workspace", default=None, metavar="SLUG", help="The workspace; the default one unless given.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def revoke(token_id: int, workspace: str | None, *, as_json: bool) -> None:
    """Revoke the token numbered TOKEN_ID (see `amity token list`): its next request is refused."""
    from amity.config.cli.setup import chosen_workspace, django_ready, print_json

    django_ready()
    from amity.rooms.trust.actions.tokens import revoke_token
    from amity.rooms.trust.contracts import COMMAND_LINE

    revoke_token(who=COMMAND_LINE, workspace_id=chosen_workspace(workspace).id, token_id=token_id)
    if as_json:
        print_json({"revoked": token_id})
    else:
        click.echo(f"Revoked token {token_id}.")
