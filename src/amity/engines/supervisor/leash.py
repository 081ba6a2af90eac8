"""Start a child so that it can't outlive its parent, and so that PostgreSQL runs even where we are root."""

from __future__ import annotations

import ctypes
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from typing import Literal

_PR_SET_PDEATHSIG = 1
_CLONE_NEWUSER = 0x10000000
_libc = ctypes.CDLL(None, use_errno=True)  # loaded here: between fork and exec nothing may be loaded

Way = Literal["as is", "namespace", "other user"]


def die_with_parent(sign: signal.Signals = signal.SIGKILL) -> None:
    """Ask the kernel for `sign` when our parent dies. To be called between fork and exec; Linux only, nothing elsewhere."""
    if sys.platform == "linux":
        _libc.prctl(_PR_SET_PDEATHSIG, int(sign))


def as_ordinary_user() -> None:
    """Enter a user namespace in which root appears as `nobody`, which PostgreSQL insists on.

    Files stay root's own, so the data folder needs no other owner and no open parent folders.
    Raises OSError where the kernel refuses such namespaces.
    """
    nobody = ordinary_user()
    if _libc.unshare(_CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "this kernel allows no user namespace")
    with open("/proc/self/setgroups", "w") as f:  # noqa: PTH123  between fork and exec: as little as possible
        f.write("deny")
    with open("/proc/self/uid_map", "w") as f:  # noqa: PTH123
        f.write(f"{nobody.pw_uid} 0 1")
    with open("/proc/self/gid_map", "w") as f:  # noqa: PTH123
        f.write(f"{nobody.pw_gid} 0 1")


@cache
def ordinary_user() -> pwd.struct_passwd:
    """Return the unprivileged user that PostgreSQL runs as, or seems to, where we are root."""
    return pwd.getpwnam("nobody")


@cache
def way_to_drop_root() -> Way:
    """Return how a child that refuses root is started: not root at all, in a user namespace, or as another user."""
    if os.geteuid() != 0:
        return "as is"
    ordinary_user()
    try:
        subprocess.run([sys.executable, "-S", "-c", ""], check=True, preexec_fn=as_ordinary_user, capture_output=True)
    except (OSError, subprocess.SubprocessError):
        return "other user"
    return "namespace"


def before_exec(*, ordinary: bool = False, sign: signal.Signals = signal.SIGKILL) -> Callable[[], None]:
    """Return what a child runs before it becomes its program. `ordinary`: drop root for PostgreSQL's eyes."""
    way: Way = way_to_drop_root() if ordinary else "as is"
    user = ordinary_user() if way == "other user" else None
    parent = os.getpid()

    def prepare() -> None:
        os.setsid()
        for ignored in (signal.SIGINT, signal.SIGQUIT):  # a shell's background jobs inherit them so; children are stopped by them
            signal.signal(ignored, signal.SIG_DFL)
        if way == "namespace":
            as_ordinary_user()
        if user is not None:
            os.setgroups([])
            os.setgid(user.pw_gid)
            os.setuid(user.pw_uid)
        die_with_parent(sign)
        if os.getppid() != parent:  # it died before we asked to be told
            os._exit(1)

    return prepare
