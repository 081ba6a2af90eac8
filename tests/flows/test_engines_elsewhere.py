"""Engines that run elsewhere, by their addresses: PostgreSQL is somebody else's server, the log is a cluster of three."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import httpx
import pytest

from tests.cluster import Cluster
from tests.elsewhere import PostgreSQL, installed
from tests.flows.running import Amity
from tests.flows.traffic import Traffic

pytestmark = pytest.mark.timeout(300)


def processes(amity: Amity) -> set[str]:
    return {one["name"] for one in json.loads((amity.home / "run" / "processes.json").read_bytes())}


def test_an_external_postgresql(tmp_path: Path):
    """All of Amity on a server that it neither starts nor stops, and that is restarted in between."""
    server = PostgreSQL(tmp_path / "elsewhere", programs=installed(oldest=15))
    amity = Amity(tmp_path / "amity")
    amity.env["AMITY_PRESENT_URL"] = server.url
    try:
        amity.start()
        assert "postgresql" not in processes(amity)
        assert not (amity.home / "present").exists()
        traffic = Traffic(amity)
        traffic.more()
        server.stop()
        traffic.more()  # the log keeps what is collected meanwhile
        server.start()
        traffic.more()
        traffic.end()
        status = amity.status()
        assert (status["verdict"], [one["embedded"] for one in status["engines"]]) == ("ok", [True, False, True])
        shown = json.loads(amity.cli("customer", "show", "s0-user-0", "--json"))
        assert shown["interactions"] > 0
        assert httpx.get(f"{amity.console}/readyz").status_code == 200
    finally:
        amity.stop()
        server.stop()


@pytest.mark.slow
def test_a_cluster_by_its_addresses(tmp_path: Path):
    """The leader is killed, then all three, then one stands still, while clients send to the edge."""
    cluster = Cluster(tmp_path)
    cluster.start()
    amity = Amity(tmp_path / "amity")
    amity.env |= {"AMITY_LOG_URL": cluster.url, "AMITY_LOG_REPLICAS": "3", "AMITY_LOG_MAX_BYTES": "1000000000"}
    try:
        amity.start()
        assert "nats" not in processes(amity)
        traffic = Traffic(amity)
        traffic.more()
        cluster.nodes[0].kill()
        traffic.more()
        cluster.nodes[0].start()
        for one in cluster.nodes:
            one.kill()
        for one in cluster.nodes:
            one.start()
        traffic.more()
        cluster.nodes[1].send(signal.SIGSTOP)
        traffic.more()
        cluster.nodes[1].send(signal.SIGCONT)
        traffic.more()
        traffic.end()
        assert [one["halted"] for one in amity.status()["pipeline"]["readers"]] == [""]
    finally:
        amity.stop()
        cluster.stop()
