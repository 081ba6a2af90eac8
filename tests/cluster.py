"""Three NATS servers on the loopback address that make one log with three replicas."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path

from amity.engines.log import server
from amity.engines.supervisor.leash import before_exec
from amity.engines.supervisor.ports import free_ports, is_free


class Node:
    """One server of a cluster."""

    def __init__(self, folder: Path, *, name: str, port: int, routes: list[int], own: int) -> None:
        self.name, self.port, self.data, self.out = name, port, folder / name, folder / f"{name}.log"
        self.config = folder / f"{name}.conf"
        self.config.write_text(
            f"""
listen: "127.0.0.1:{port}"
server_name: {name}
max_payload: {server.MAX_PAYLOAD}
accounts {{
  AMITY {{ jetstream: enabled, users: [{{ user: amity, password: p }}] }}
  SYS {{ users: [{{ user: system, password: p }}] }}
}}
system_account: SYS
jetstream {{ store_dir: {json.dumps(str(self.data))}, sync_interval: always, max_file_store: 2000000000 }}
cluster {{
  name: amity
  listen: "127.0.0.1:{own}"
  routes: [{", ".join(f'"nats://127.0.0.1:{one}"' for one in routes)}]
}}
"""
        )

    def start(self) -> None:
        with self.out.open("ab") as out:
            self.process = subprocess.Popen(
                [server.binary(), "-c", str(self.config)], stdout=out, stderr=out, preexec_fn=before_exec()
            )
        deadline = time.monotonic() + 20
        while is_free(self.port):
            assert self.process.poll() is None, self.out.read_text()
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def send(self, sign: signal.Signals) -> None:
        self.process.send_signal(sign)

    def kill(self, sign: signal.Signals = signal.SIGKILL) -> None:
        self.process.send_signal(sign)
        self.process.wait(20)


class Cluster:
    """Three of them. `url` is what AMITY_LOG_URL is set to."""

    def __init__(self, folder: Path) -> None:
        ports = free_ports(6)
        self.nodes = [
            Node(folder, name=f"n{i}", port=ports[i], own=ports[3 + i], routes=[ports[3 + j] for j in range(3) if j != i])
            for i in range(3)
        ]
        self.url = ",".join(f"nats://amity:p@127.0.0.1:{node.port}" for node in self.nodes)

    def start(self) -> None:
        for node in self.nodes:
            node.start()

    def stop(self) -> None:
        for node in self.nodes:
            if node.process.poll() is None:
                node.send(signal.SIGCONT)
                node.kill()

    def named(self, name: str) -> Node:
        """Return the server of this name."""
        return next(node for node in self.nodes if node.name == name)
