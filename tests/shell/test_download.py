"""Files that are made while they are sent."""

from __future__ import annotations

import asyncio
import re
import threading

import pytest

from amity.kernel.errors import Busy, NotRunning
from amity.shell import download as module
from amity.shell.download import download


def made(pieces, log=None):
    try:
        yield from pieces
    finally:
        if log is not None:
            log.append("closed")


async def read(answer) -> bytes:
    return b"".join([piece async for piece in answer])


def end(answer) -> None:
    """What Django does once an answer is over, but for ending the database's connections."""
    for close in answer._resource_closers:
        close()


def test_the_pieces_come_in_order_and_the_name_is_told():
    answer = download(made([b"a", b"", b"b"]), name="x.csv", media_type="text/csv")
    assert answer["Content-Disposition"] == 'attachment; filename="x.csv"'
    assert asyncio.run(read(answer)) == b"ab"


def test_what_fails_at_once_fails_before_the_answer():
    def broken():
        raise NotRunning("The past does not answer.")
        yield b""

    with pytest.raises(NotRunning):
        download(broken(), name="x", media_type="text/csv")
    assert module._open == 0


def test_what_fails_later_breaks_the_answer():
    def broken():
        yield b"half"
        raise NotRunning("The past does not answer.")

    answer = download(broken(), name="x", media_type="text/csv")
    with pytest.raises(NotRunning):
        asyncio.run(read(answer))
    assert module._open == 0


def test_closing_an_answer_ends_its_pieces():
    log = []
    answer = download(made([b"a", b"b"], log), name="x", media_type="text/csv")
    assert module._open == 1
    end(answer)
    assert (log, module._open) == (["closed"], 0)


def test_nothing_is_made_before_it_is_asked_for():
    taken = []

    def counting():
        for number in range(5):
            taken.append(number)
            yield b"x"

    async def first_two(answer):
        pieces = aiter(answer)
        return await anext(pieces) + await anext(pieces)

    answer = download(counting(), name="x", media_type="text/csv")
    assert asyncio.run(first_two(answer)) == b"xx"
    assert taken == [0, 1]
    end(answer)


def test_one_too_many_is_told_to_wait():
    running = [download(made([b"a"]), name="x", media_type="text/csv") for _ in range(module.MOST)]
    with pytest.raises(Busy, match=re.escape("amity export")):
        download(made([b"a"]), name="x", media_type="text/csv")
    for one in running:
        end(one)
    end(download(made([b"a"]), name="x", media_type="text/csv"))
    assert module._open == 0


def test_pieces_are_made_outside_the_event_loop():
    where = []

    def telling():
        for _ in range(3):
            where.append(threading.current_thread())
            yield b"x"

    async def whole():
        answer = await asyncio.to_thread(download, telling(), name="x", media_type="text/csv")
        return await read(answer), threading.current_thread()

    told, loops = asyncio.run(whole())
    assert told == b"xxx"
    assert loops not in where
