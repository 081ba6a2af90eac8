"""How long a backup and its restore take, how large the file is, and how much memory the two need, with a filled Amity.

Run: python -m bench.backup [--customers 50000] [--each 20] [--passphrase WORDS]. It starts an Amity of its own in a temporary folder.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

from bench.filling import fill_customers, fill_past
from tests.flows.running import Amity


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--customers", type=int, default=50_000)
    options.add_argument("--each", type=int, default=20, help="interactions of each customer")
    options.add_argument("--passphrase", default="", help="encrypt with it")
    options.add_argument("--folder", default=None, help="where the temporary folder is made")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="amity-backup-", dir=chosen.folder) as folder:
        amity, path = Amity(Path(folder) / "home"), Path(folder) / "a.amity"
        if chosen.passphrase:
            amity.env["AMITY_BACKUP_PASSPHRASE"] = chosen.passphrase
        amity.start()
        try:
            fill(amity, chosen)
            measure("backup", amity, str(path))
        finally:
            amity.stop()
        say(f"file: {path.stat().st_size / 1e6:.1f} MB; load average {os.getloadavg()[0]:.1f}")
        copy = Amity(Path(folder) / "copy")
        copy.env |= {name: value for name, value in amity.env.items() if "PASSPHRASE" in name}
        measure("restore", copy, str(path))


def fill(amity: Amity, chosen: argparse.Namespace) -> None:
    made = json.loads(amity.cli("workspace", "create", "Bench", "--slug", "bench", "--json"))
    os.environ.update({name: value for name, value in amity.env.items() if name.startswith("AMITY_")})
    from amity.config.cli.setup import django_ready

    django_ready()
    fill_customers(made["id"], chosen.customers, each=chosen.each)
    rows = fill_past(made["id"], chosen.customers, each=chosen.each, progress=lambda _: None)
    say(f"{rows:,} interactions of {chosen.customers:,} customers")


def measure(command: str, amity: Amity, path: str) -> None:
    """Run a command; say how long it took, what it used itself, and the most that it and the engines held in memory."""
    most: dict[str, int] = {}
    begun = time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", "amity.config.cli", command, path], env=amity.env)
    ended = threading.Event()
    watching = threading.Thread(target=_watch, args=(process.pid, most, ended))
    watching.start()
    code = process.wait()
    ended.set()
    watching.join()
    assert code == 0
    memory = ", ".join(f"{name} {size / 1e6:.0f} MB" for name, size in sorted(most.items()))
    say(f"{command}: {time.monotonic() - begun:.1f} s; most memory: {memory}")


def _watch(pid: int, most: dict[str, int], ended: threading.Event) -> None:
    while not ended.wait(0.2):
        try:
            root = psutil.Process(pid)
            for one in [root, *root.children(recursive=True)]:
                words = one.cmdline()
                name = next(
                    (w for w in ("loading", "history", "nats", "postgres") if any(w in word for word in words[:4])), "command"
                )
                if name != "postgres":  # its processes share most of what they hold
                    most[name] = max(most.get(name, 0), one.memory_info().rss)
        except psutil.Error:
            continue


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
