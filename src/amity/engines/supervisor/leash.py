"""Start a child so that it can't outlive its parent, and so that PostgreSQL runs even where we are root."""

from __future__ import annotations

import ctypes
import os
import pwd
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1
_CLONE_NEWUSER = 0x10000000


def die_with_parent(sign: signal.Signals = signal.SIGKILL) -> None:
    """Ask the kernel for `sign` when our parent dies. To be called between fork and exec; Linux only, nothing elsewhere."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(sign))


def as_ordinary_user() -> None:
    """Enter a user namespace in which root appears as `nobody`, which PostgreSQL insists on.

    Files stay root's own, so the data folder needs no other owner and no open parent folders.
    Raises OSError where the kernel refuses such namespaces.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    nobody = pwd.getpwnam("nobody")
    if libc.unshare(_CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "this kernel allows no user namespace")
    with open("/proc/self/setgroups", "w") as f:  # noqa: PTH123  between fork and exec: as little as possible
        f.write("deny")
    with open("/proc/self/uid_map", "w") as f:  # noqa: PTH123
        f.write(f"{nobody.pw_uid} 0 1")
    with open("/proc/self/gid_map", "w") as f:  # noqa: PTH123
        f.write(f"{nobody.pw_gid} 0 1")


def before_exec(*, ordinary: bool = False, sign: signal.Signals = signal.SIGKILL) -> Callable[[], None]:
    """Return what a child runs before it becomes its program. `ordinary`: drop root for PostgreSQL's eyes."""

    def prepare() -> None:
        os.setsid()
        if ordinary and os.geteuid() == 0:
            as_ordinary_user()
        die_with_parent(sign)

    return prepare
