"""A CSV file in a folder of the machine's, below the one that the operator allows."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from amity.kernel.errors import Invalid
from amity.kernel.settings import settings
from amity.rooms.customers.rules.sync.connector import Message, Receipt, Setting


class Folder:
    """Writes an audience as a file that is replaced as a whole."""

    kind = "folder"
    title = "Folder"
    about = "The whole audience as a CSV file, replaced as a whole whenever it changed."
    takes: Literal["changes", "snapshot"] = "snapshot"
    settings: Sequence[Setting] = (
        Setting(
            name="folder", label="Folder", hint="Below the one that the operator allows (AMITY_EGRESS_FOLDER).", example="crm"
        ),
    )

    def check(self, config: dict[str, Any], secrets: dict[str, Any]) -> None:  # noqa: ARG002  it has none
        """Check that the folder lies below the one that is allowed. Raises Invalid."""
        _within(str(config["folder"]))

    def send(self, message: Message) -> Receipt:
        """Put the file at its place, once it is on disk as a whole."""
        try:
            folder = _within(str(message.config["folder"]))
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            folder = _within(str(message.config["folder"]))  # what is there now may be a link
            if message.file is None:
                _try_out(folder)
            else:
                _put(message.file.path, folder / message.file.name)
        except Invalid as error:
            return Receipt(outcome="failed", said=error.message)
        except OSError as error:
            return Receipt(outcome="failed", said=f"The file can’t be written: {error.strerror}.")
        return Receipt(outcome="taken")

    def words(self, config: Mapping[str, Any]) -> str:
        """Return the folder."""
        return str(config.get("folder", ""))


def _within(name: str) -> Path:
    """Return a folder below the allowed one, whatever links there are. Raises Invalid."""
    base = settings().egress_folder
    if not base:
        raise Invalid("No folder may be written to. The operator allows one with AMITY_EGRESS_FOLDER.")
    root = Path(base).expanduser().resolve()
    if not name or "\0" in name or Path(name).is_absolute():
        raise Invalid(f"Give a folder below {root}, such as crm.")
    found = (root / name).resolve()
    if not found.is_relative_to(root):
        raise Invalid(f"The folder has to lie below {root}.")
    return found


def _put(source: Path, target: Path) -> None:
    number, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
    try:
        with os.fdopen(number, "wb") as out, source.open("rb") as given:
            shutil.copyfileobj(given, out, 1_048_576)
            out.flush()
            os.fsync(out.fileno())
        Path(name).replace(target)
    finally:
        Path(name).unlink(missing_ok=True)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _try_out(folder: Path) -> None:
    with tempfile.NamedTemporaryFile(prefix=".amity-test.", dir=folder) as out:
        out.write(b"x")
