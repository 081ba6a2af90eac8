"""The command line: `amity …`. Each command lives in its own module and is imported when it is called."""

from __future__ import annotations

import sys
from importlib import import_module
from keyword import iskeyword

import click

from amity.kernel.errors import AmityError

COMMANDS = {
    "serve": "Start everything: engines, edge, worker and console.",
    "edge": "Run the process that collects interactions.",
    "worker": "Run one worker of the pipeline.",
    "console": "Run the console.",
    "history": "Run the embedded past (chDB behind ClickHouse's HTTP interface).",
    "status": "Show each engine and role, and how far the pipeline is behind.",
    "doctor": "Check this machine and this data folder, and say how to mend what is wrong.",
    "workspace": "Create and list workspaces.",
    "source": "Create and list sources and their write keys.",
    "key": "List and rotate the keys that sensitive values are encrypted with.",
    "person": "Create people and one-time sign-in links.",
    "token": "Create and revoke API tokens.",
    "customer": "Show a customer.",
    "consent": "Make a link to a customer's choices.",
    "erase": "Erase a customer everywhere.",
    "erasure": "List erasures, get and verify receipts, let somebody back.",
    "audience": "List and show audiences, look at everybody again, make lists of files.",
    "destination": "Send audiences to other systems.",
    "plan": "Write the tracking plan to files, and make it what files say.",
    "journey": "Test journeys: exit code and JUnit XML for a pipeline.",
    "trait": "List and show computed traits, work one out again.",
    "matching": "Find customers who may be the same person, and decide.",
    "identity": "Show identity rules, try others over history, apply them.",
    "import": "Bring a file of interactions in: CSV, JSON Lines, Parquet, XES, OCEL.",
    "query": "Ask the past a read-only question in SQL.",
    "export": "Write interactions or customers to a file.",
    "backup": "Write everything to one file, while Amity runs.",
    "restore": "Restore a backup into an empty data folder.",
    "log": "Show what the log lost, and go on without it.",
    "replay": "Work interactions of a time span again.",
    "audit": "Verify the audit chain.",
    "demo": "Load the demo company; write down the truth about it.",
}


class LazyGroup(click.Group):
    """Knows its commands' names and help without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module = f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name
        command: click.Command = import_module(f"amity.config.cli.{module}").command
        command.name = cmd_name
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="amity", message="Amity %(version)s")
def cli() -> None:
    """Amity: every interaction with your customers in one log, each customer's story, and the loop closed."""


def main() -> None:
    """Run the command line; an error of Amity's own is one clear line on standard error and exit code 1."""
    try:
        cli()
    except AmityError as error:
        click.echo(f"amity: {error.message}", err=True)
        sys.exit(1)
