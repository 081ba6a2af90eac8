"""The edge takes nothing more while the log's disk has less than its reserve, and goes on by itself."""

from __future__ import annotations

import httpx

from amity.engines.supervisor.records import write_holder
from tests.edge.conftest import running_edge
from tests.edge.test_outage import OwnLog, make_key, send, until_ready


async def test_a_disk_below_its_reserve(volume, tmp_path):
    disk = volume("log", megabytes=60)
    (tmp_path / "run").mkdir()
    log = OwnLog(tmp_path)
    write_holder(tmp_path / "run", version="0", ports={"log": log.port})
    key = await make_key(log.url)
    env = {"AMITY_HOME": str(tmp_path), "AMITY_DISK_RESERVE": "20000000", "AMITY_LOG_MAX_BYTES": "50000000"}
    with running_edge(AMITY_LOG_URL=log.url, **env) as url:
        async with httpx.AsyncClient(base_url=url, timeout=30) as http:
            assert (await send(http, key, "before")).status_code == 200
            disk.fill(leave=10_000_000)
            await until_ready(http, 503)
            assert (await http.get("/readyz")).json()["code"] == "disk_full"
            refused = await send(http, key, "full")
            assert (refused.status_code, refused.json()["code"], refused.headers["retry-after"]) == (503, "disk_full", "10")
            free = next(
                line for line in (await http.get("/metrics")).text.splitlines() if line.startswith("amity_edge_log_disk_free")
            )
            assert 0 < float(free.split()[1]) < 20_000_000
            disk.empty()
            await until_ready(http, 200)
            assert (await send(http, key, "after")).status_code == 200
    assert await log.message_ids() == {"before", "after"}
    log.kill()
