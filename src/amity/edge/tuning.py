"""What is set once, before the edge serves: how Python and the C library share out time and memory."""

from __future__ import annotations

import ctypes
import gc
import resource
import sys

from amity.edge.limits import MB

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # mallopt's parameters, from glibc's malloc.h
_KEPT_FREE = 64 * MB
_OWN_PAGES = 32 * MB


def tune(*, sockets: int) -> None:
    """Prepare this process to serve so many connections."""
    _allow_sockets(sockets)
    _share_time()
    _keep_memory()


def _allow_sockets(wanted: int) -> None:
    """Raise this process's limit of open files to what it is allowed: idle connections must not keep others out."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY:
        wanted = min(hard, wanted)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _share_time() -> None:
    """Hand the interpreter over quickly, and look for garbage seldom.

    The server's own thread needs the interpreter for each request that arrives, and would wait up to 5 ms for it while a batch is
    worked on. Requests leave no cycles behind, so looking through all that a thousand of them hold is in vain: a tenth of the time.
    """
    sys.setswitchinterval(0.0005)
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def _keep_memory() -> None:
    """Keep up to 64 MB that are free. An envelope is copied a few times, and fresh pages cost more than the copying."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # glibc's; other libraries do as they do
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, _OWN_PAGES)
        mallopt(_TRIM_THRESHOLD, _KEPT_FREE)
