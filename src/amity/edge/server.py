"""Runs the edge: one process, one event loop, until a signal asks it to stop."""

from __future__ import annotations

import asyncio
import signal

import structlog
from nats.errors import Error as NatsError

from amity.edge.app import Edge
from amity.edge.coalescer import Coalescer
from amity.edge.desk import Desk
from amity.edge.keys import KeyRing
from amity.edge.routes import Routes
from amity.edge.space import watch_space
from amity.edge.tuning import tune
from amity.edge.wire.listener import Listener
from amity.engines.addresses import addresses
from amity.engines.log.client import Log
from amity.kernel.errors import NotRunning, SettingError
from amity.kernel.network import Networks, read_networks
from amity.kernel.settings import Settings, settings

log = structlog.get_logger("amity.edge")

CONNECT_AGAIN = 0.5
MOST_CONNECTIONS = 16_384
STORE_SECONDS = 5.5
ANSWER_SECONDS = 1.5


def run() -> None:
    """Serve until SIGINT or SIGTERM; what was accepted by then is stored and answered."""
    import uvloop

    tune(sockets=MOST_CONNECTIONS + 1_000)
    uvloop.run(serve(settings()))


async def serve(chosen: Settings, *, log_url: str | None = None, stop: asyncio.Event | None = None) -> None:
    """Serve on the address of `chosen` until `stop` (by default: until a signal)."""
    stop = stop or _stop_on_signal()
    desk = Desk(keys=KeyRing(), coalescer=Coalescer(most_pending=chosen.edge_pending_bytes))
    edge = Edge(Routes(desk, public_url=chosen.public_edge), trusted=_trusted(chosen), body_seconds=chosen.edge_body_seconds)
    listener = Listener(edge.handle, most=MOST_CONNECTIONS)
    await listener.open(chosen.bind, chosen.edge_port)
    log.info("edge_starts", port=chosen.edge_port)
    beside = [
        asyncio.create_task(_connect(desk, chosen, log_url or chosen.log_url or addresses().log)),
        asyncio.create_task(watch_space(desk.coalescer, chosen)),
    ]
    await stop.wait()
    listener.stop()
    await desk.coalescer.close(seconds=STORE_SECONDS)
    await listener.close(seconds=ANSWER_SECONDS)
    for task in beside:
        task.cancel()
    await asyncio.gather(*beside, return_exceptions=True)
    if desk.coalescer.log is not None:
        await desk.coalescer.log.close()
    log.info("edge_stopped")


async def _connect(desk: Desk, chosen: Settings, url: str) -> None:
    """Connect to the log, as often as it takes, then keep the write keys true."""
    while True:
        try:
            connection = await Log.connect(url, name="edge")
            await connection.prepare(max_bytes=chosen.log_max_bytes, max_days=chosen.log_max_days, replicas=chosen.log_replicas)
        except (NotRunning, NatsError, OSError, TimeoutError) as error:
            log.warning("log_unreachable", error=str(error) or type(error).__name__)
            await asyncio.sleep(CONNECT_AGAIN)
        else:
            break
    desk.coalescer.log = connection
    log.info("log_connected")
    await desk.keys.follow(connection)


def _stop_on_signal() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, stop.set)
    return stop


def _trusted(chosen: Settings) -> Networks:
    try:
        return read_networks(chosen.trusted_proxies)
    except ValueError:
        raise SettingError(
            f"AMITY_TRUSTED_PROXIES is {chosen.trusted_proxies!r}; it should be addresses or networks, for example 10.0.0.0/8."
        ) from None
