"""Merge and unmerge is never merged, though processes are killed while joins are taken back, and whatever arrives meanwhile."""

from __future__ import annotations

import threading
from pathlib import Path

import httpx
import pytest

from tests.flows.recovering import backed_up, restored
from tests.flows.running import Amity
from tests.flows.unmerging import VICTIMS, Families, House, strikes_until, waiting
from tests.flows.wait import wait_for

pytestmark = pytest.mark.timeout(600)


class Law:
    """One Amity with a workspace whose customers are joined and parted, and one whose customers are never joined."""

    def __init__(self, home: Path, *, families: int, great: int, workers: int = 1) -> None:
        self.amity = Amity(home)
        self.amity.env["AMITY_WORKERS"] = str(workers)
        self.families = families
        self.amity.start()
        self.story = Families(families, great=great)
        self.tried, self.clean = House.made(self.amity, "tried"), House.made(self.amity, "clean")

    def join(self) -> None:
        """Let both live until the customers of one are joined; those of the other are told apart before."""
        begun = self.story.apart()
        for house in (self.tried, self.clean):
            house.send(begun)
        self.clean.rest()
        for n in range(self.families):
            given = {"first_id": self.clean.who(f"anonymous_id:t{n}"), "second_id": self.clean.who(f"user_id:u{n}"), "reason": ""}
            assert self.clean.client.post("/apart", json=given).status_code == 201
        later = [*self.story.joined(), *self.story.since()]
        for house in (self.tried, self.clean):
            house.send(later)
        for house in (self.tried, self.clean):
            house.rest()

    def part(self) -> int:
        """Ask to take all joins back and return the run."""
        asked = self.tried.client.post("/unmerges", json={"rule": "shared_identifiers", "reason": "Two people"})
        assert asked.status_code == 202, asked.text
        assert asked.json()["merges"] == self.families
        return int(asked.json()["id"])

    def parted(self) -> bool:
        """Whether none waits; False also where nothing answers just now."""
        try:
            return not waiting(self.amity)["customers_unmerge"]
        except Exception:  # noqa: BLE001  whatever a server that was just killed answers
            return False

    def holds(self) -> None:
        """Compare everything that present and past tell."""
        self.tried.rest(facts=self.families)
        mine, never = self.tried.told(), self.clean.told()
        assert len(never) == 2 * self.families
        for told, expected in zip(mine, never, strict=True):
            assert told == expected

    def end(self) -> None:
        for house in (self.tried, self.clean):
            house.client.close()
        self.amity.stop()

    def go_on(self) -> None:
        """Let the customers of both do more."""
        told = self.story.meanwhile()
        self.clean.send(told)
        self.tried.send(told)


def test_killed_at_odd_moments_it_goes_on_and_parts_them_whole(tmp_path):
    law = Law(tmp_path / "home", families=10, great=4_500)
    try:
        law.join()
        run = law.part()
        more = threading.Thread(target=law.go_on)
        more.start()
        struck = strikes_until(law.amity, law.parted, seed=4, most=7)
        more.join()
        assert set(struck) == set(VICTIMS)  # each while some still waited
        law.clean.rest()
        law.holds()
        told = law.tried.client.get(f"/unmerges/{run}").json()
        assert (told["merges"], told["done"]) == (10, 10)
        assert told["finished_at"]
    finally:
        law.end()


@pytest.mark.slow
def test_two_workers_part_customers_of_both_shards(tmp_path):
    law = Law(tmp_path / "home", families=16, great=1_000, workers=2)
    try:
        law.join()
        law.part()
        more = threading.Thread(target=law.go_on)
        more.start()
        struck = strikes_until(law.amity, law.parted, seed=11, most=8, victims=(*VICTIMS, "worker-1"))
        more.join()
        assert set(struck) == {*VICTIMS, "worker-1"}
        law.clean.rest()
        law.holds()
    finally:
        law.end()


@pytest.mark.slow
def test_a_backup_that_is_taken_meanwhile_goes_on_where_it_is_restored(tmp_path):
    law = Law(tmp_path / "home", families=12, great=4_500)
    try:
        law.join()
        run = law.part()
        wait_for(lambda: law.tried.client.get(f"/unmerges/{run}").json()["moved"], every=0.02)
        made = backed_up(law.amity, tmp_path / "amid.amity")
        assert made["rows"]["present/customers_unmerge"]
        wait_for(law.parted, seconds=120)
        law.clean.rest()
        law.holds()
        never = law.clean.told()
    finally:
        law.end()
    copy = restored(tmp_path / "amid.amity", tmp_path / "copy")
    copy.start()
    client = httpx.Client(base_url=f"{copy.console}/api/v1", headers=law.tried.client.headers, timeout=60)
    try:
        again = House(amity=copy, slug="tried", id=law.tried.id, client=client, sent=law.tried.sent)
        again.rest(facts=12)
        assert again.told() == never
    finally:
        client.close()
        copy.stop()
