"""How well customers who are the same person are found. Run: python -m bench.matching [fake_1000 febrl1 febrl2] [--data FOLDER]

Records of known truth become customers with traits, and are compared as the product does it: asked for, worked in the process of its
own, kept as proposals. FOLDER holds `splink/fake_1000.csv` (Splink's made-up people, truth in `cluster`) and `febrl/dataset1.csv`,
`dataset2.csv` (Febrl's, truth in `rec_id`). Needs a PostgreSQL of its own, as bench.customers does.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import math
import time
from pathlib import Path

DATA = Path(__file__).parents[2] / "shared" / "data"
SETS = {"fake_1000": "splink/fake_1000.csv", "febrl1": "febrl/dataset1.csv", "febrl2": "febrl/dataset2.csv"}
THRESHOLDS = (0.5, 0.8, 0.9, 0.99, 0.999)
_FEBRL = {
    "first_name": "given_name", "last_name": "surname", "street_number": "street_number", "street": "address_1",
    "city": "suburb", "postcode": "postcode", "birthday": "date_of_birth",
}  # fmt: skip
_FAKE = {"first_name": "first_name", "last_name": "surname", "birthday": "dob", "city": "city", "email": "email"}


def people(name: str, folder: Path = DATA):
    """Give (who it is in truth, traits) of each record of a set."""
    with (folder / SETS[name]).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, skipinitialspace=True):
            traits = {trait: row[column] for trait, column in (_FAKE if name == "fake_1000" else _FEBRL).items() if row[column]}
            yield row["cluster"] if name == "fake_1000" else row["rec_id"].split("-")[1], traits


def load(workspace: int, some) -> tuple[set, set]:
    """Make customers, and return the true pairs, and those of them that share no e-mail address."""
    from amity.kernel.ids import new_id
    from amity.rooms.customers.models import Activity, Customer

    truth, made = {}, []
    for who, traits in some:
        made.append(Customer(id=new_id(), workspace_id=workspace, created_at=0, traits=traits))
        truth.setdefault(who, []).append(made[-1])
    Customer.objects.bulk_create(made)
    Activity.objects.bulk_create([Activity(customer_id=one.pk, workspace_id=workspace) for one in made])
    pairs = [pair for same in truth.values() for pair in itertools.combinations(same, 2)]
    apart = [(a, b) for a, b in pairs if "email" not in a.traits or a.traits["email"] != b.traits.get("email")]
    return {key(a.pk, b.pk) for a, b in pairs}, {key(a.pk, b.pk) for a, b in apart}


def key(one, other):
    return (min(one, other), max(one, other))


def compare(workspace: int):
    """Compare everybody of a workspace as a person's request does, and return the run and {pair: probability}."""
    from amity.rooms.customers.actions.matching.run import run_next_matching
    from amity.rooms.customers.models import MatchPair, MatchRun

    run = MatchRun.objects.create(workspace_id=workspace, asked_at=0, probability=min(THRESHOLDS))
    run_next_matching(stopping=lambda: False)
    run.refresh_from_db()
    if run.state != "done":
        raise SystemExit(run.trouble)
    rows = MatchPair.objects.filter(workspace_id=workspace).values_list("first_id", "second_id", "probability")
    return run, {(first, second): probability for first, second, probability in rows}


def measured(found, true, threshold: float) -> dict[str, tuple[float, float, float] | int]:
    """Return precision, recall and F1, each with its 95% interval, and how many pairs were proposed."""
    proposed = {pair for pair, probability in found.items() if probability >= threshold}
    right = len(proposed & true)
    union = wilson(right, len(proposed | true))
    return {
        "proposed": len(proposed),
        "precision": wilson(right, len(proposed)),
        "recall": wilson(right, len(true)),
        "f1": tuple(2 * share / (1 + share) for share in union),
    }


def wilson(part: int, whole: int, z: float = 1.959964) -> tuple[float, float, float]:
    """Return a share with Wilson's interval (JASA 22, 1927). F1 = 2j / (1 + j) of j, the share of the union that is in both."""
    if not whole:
        return (0.0, 0.0, 1.0)
    share = part / whole
    centre = (share + z * z / (2 * whole)) / (1 + z * z / whole)
    half = z / (1 + z * z / whole) * math.sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole))
    return (share, centre - half, centre + half)


def main() -> None:
    from bench.customers import database

    parser = argparse.ArgumentParser()
    parser.add_argument("sets", nargs="*", choices=[*SETS, []], default=[])
    parser.add_argument("--data", type=Path, default=DATA)
    given = parser.parse_args()
    with database():
        from amity.rooms.trust.models import Workspace

        for name in given.sets or SETS:
            workspace = Workspace.objects.create(slug=name.replace("_", "-"), name=name).pk
            true, hard = load(workspace, people(name, given.data))
            begun = time.perf_counter()
            run, found = compare(workspace)
            took = time.perf_counter() - begun
            print(
                f"\n{name}: {run.records:,} customers, {len(true):,} true pairs, {run.pairs:,} pairs compared, {took:.1f} s; "
                f"assumed {run.model['assumed']}, left out {run.model['left_out']}"
            )
            print("| from | proposed | precision | recall | F1 |" + (" recall without a common e-mail |" if hard != true else ""))
            for threshold in THRESHOLDS:
                told = measured(found, true, threshold)
                cells = [said(told[what]) for what in ("precision", "recall", "f1")]
                if hard != true:
                    cells.append(said(measured(found, hard, threshold)["recall"]))
                print(f"| {threshold:.1%} | {told['proposed']:,} | " + " | ".join(cells) + " |")


def said(share: tuple[float, float, float]) -> str:
    return "{:.3f} ({:.3f} to {:.3f})".format(*share)


if __name__ == "__main__":
    main()
