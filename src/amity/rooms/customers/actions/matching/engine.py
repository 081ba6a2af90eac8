"""Compare everybody with whom they share something, by Splink in DuckDB: learn, predict, and tell why. One process's whole work."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from amity.rooms.customers.rules.matching.learning import settle
from amity.rooms.customers.rules.matching.model import (
    CERTAIN,
    CERTAIN_RECALL,
    COMPARISONS,
    KEYS,
    LEARNED_ON,
    MISSING,
    SWAPPED,
    Comparison,
    probability_of,
    weight_of,
)

SEED = 20_261_127
MOST_SHARING = (100, 50, 25, 12, 6, 3)  # a value that more customers share brings no pair; less, where pairs would be too many
MOST_PAIRS = 20_000_000
U_PAIRS = 2_000_000
EM_PAIRS = 200_000
FEWEST = 10  # records that know something, for it to be compared at all
_COLUMNS = {
    "id": "VARCHAR", "given": "VARCHAR", "family": "VARCHAR", "birth": "VARCHAR", "emails": "VARCHAR[]", "boxes": "VARCHAR[]",
    "phones": "VARCHAR[]", "devices": "VARCHAR[]", "street": "VARCHAR", "town": "VARCHAR", "postcode": "VARCHAR",
}  # fmt: skip
_PEOPLE = "CREATE TABLE people AS SELECT *, coalesce(street, postcode, town) AS place FROM read_json(?, format='newline_delimited', columns=?)"

Told = Callable[[str, float], None]


@dataclass(slots=True, kw_only=True)
class Learned:
    """The model as it was used: per comparison its levels with m and u, and whether they were learned or assumed."""

    prior: float
    comparisons: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    assumed: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    records: int = 0
    pairs: int = 0
    certain: int = 0  # of them, that are the same nearly always
    most_sharing: int = 0  # a value that more customers share brings no pair
    too_common: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one run may take."""

    memory_mb: int = 1_024
    threads: int = 1
    spill_mb: int = 10_240
    most_found: int = 20_000


def work(
    *, people: Path, scratch: Path, threshold: float, limits: Limits, told: Told
) -> tuple[Learned, Iterator[dict[str, Any]]]:
    """Compare the people of a file (one JSON record a line) and return the model and the pairs of at least `threshold`, heaviest first.

    `threshold` is a match weight. `told` hears (what is being done, how far from 0 to 1). The same file gives the same result.
    """
    import duckdb

    logging.getLogger("splink").setLevel(logging.ERROR)
    connection = duckdb.connect(
        config={
            "threads": limits.threads,
            "memory_limit": f"{limits.memory_mb}MB",
            "temp_directory": str(scratch),
            "max_temp_directory_size": f"{limits.spill_mb}MB",
            "preserve_insertion_order": True,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
    told("Reading", 0.0)
    connection.execute(_PEOPLE, [str(people), _COLUMNS])
    records = _number(connection, "SELECT count(*) FROM people")
    learned = Learned(prior=0.0, records=records)
    if records < 2:
        return learned, iter(())
    told("Looking for pairs", 0.05)
    _find_pairs(connection, learned)
    if not learned.pairs:
        return learned, iter(())
    learned.certain, learned.prior = _prior(connection, records)
    used = _known(connection, learned)
    told("Learning", 0.2)
    settings = _learn(connection, used, learned, told)
    told("Comparing", 0.7)
    table = _predict(connection, settings, learned)
    return learned, _heaviest(connection, table, used, learned, threshold=threshold, most=limits.most_found)


def _find_pairs(connection: Any, learned: Learned) -> None:
    connection.execute("CREATE TABLE keys (rule VARCHAR, key VARCHAR, id VARCHAR)")
    for rule, what in KEYS.items():
        keyed = f"SELECT DISTINCT ?, key, id FROM (SELECT {what} AS key, id FROM people) WHERE key <> ''"  # noqa: S608  our own text
        connection.execute(f"INSERT INTO keys {keyed}", [rule])
    connection.execute("CREATE TABLE sizes AS SELECT rule, key, count(*) AS n FROM keys GROUP BY ALL HAVING n > 1")
    learned.most_sharing = next((most for most in MOST_SHARING if _pairs_within(connection, most) <= MOST_PAIRS), 2)
    common = connection.execute(
        "SELECT rule, count(*) FROM sizes WHERE n > ? GROUP BY rule ORDER BY rule", [learned.most_sharing]
    ).fetchall()
    learned.too_common = dict(common)
    connection.execute(
        """
        CREATE TABLE pairs AS SELECT '0' AS match_key, l.id AS join_key_l, r.id AS join_key_r
        FROM sizes s JOIN keys l ON l.rule = s.rule AND l.key = s.key JOIN keys r ON r.rule = s.rule AND r.key = s.key AND l.id < r.id
        WHERE s.n <= ? GROUP BY ALL ORDER BY ALL
        """,
        [learned.most_sharing],
    )
    learned.pairs = _number(connection, "SELECT count(*) FROM pairs")


def _pairs_within(connection: Any, most: int) -> int:
    return _number(connection, f"SELECT coalesce(sum(n * (n - 1) / 2), 0) FROM sizes WHERE n <= {most}")  # noqa: S608  our own text


def _number(connection: Any, sql: str) -> int:
    [[number]] = connection.execute(sql).fetchall()
    return int(number)


def _prior(connection: Any, records: int) -> tuple[int, float]:
    certain = " OR ".join(f"coalesce({one}, false)" for one in CERTAIN)
    found = _number(
        connection,
        f"SELECT count(*) FROM pairs p JOIN people l ON l.id = p.join_key_l JOIN people r ON r.id = p.join_key_r WHERE {certain}",  # noqa: S608
    )
    everything = records * (records - 1) / 2
    return found, min(max(found, 1) / CERTAIN_RECALL / everything, 0.5)


def _known(connection: Any, learned: Learned) -> list[Comparison]:
    used = []
    for one in COMPARISONS:
        known = " AND ".join(f"{column} IS NOT NULL" for column in one.columns)
        if _number(connection, f"SELECT count(*) FROM people WHERE {known}") >= FEWEST:  # noqa: S608
            used.append(one)
        else:
            learned.left_out.append(one.key)
    return used


def _learn(connection: Any, used: list[Comparison], learned: Learned, told: Told) -> dict[str, Any]:
    from splink import Linker, block_on
    from splink.internals.duckdb.database_api import DuckDBAPI

    api = DuckDBAPI(connection)
    linker = Linker(api.register("people"), _settings(used, learned.prior), log_level=None, validate_settings=False)
    linker.training.estimate_u_using_random_sampling(max_pairs=U_PAIRS, seed=SEED, min_count_per_level=None, num_chunks=1)
    columns = {column for one in used for column in one.columns} | (
        {"street", "postcode"} if any(o.key == "address" for o in used) else set()
    )
    sessions = [on for on in LEARNED_ON if set(on) <= columns and _pairs_on(connection, on) >= FEWEST]
    for n, on in enumerate(sessions):
        told("Learning", 0.3 + 0.4 * n / len(sessions))
        _learn_on(linker, block_on(*on))
    trained = linker.misc.save_model_to_json()
    return _sane(trained, used, learned)


def _learn_on(linker: Any, rule: Any) -> None:
    """Learn m from pairs that have something in common. With few of them a level's m may fall below what Splink takes: fewer rounds then."""
    settings = linker._settings_obj  # noqa: SLF001  rounds can only be given with the whole model
    for rounds in (25, 10, 4):
        before = deepcopy(settings.core_model_settings)
        settings.training_settings = replace(settings.training_settings, max_iterations=rounds)
        try:
            linker.training.estimate_parameters_using_expectation_maximisation(rule, max_pairs=EM_PAIRS)
        except ValueError:
            settings.core_model_settings = before  # it breaks off in the middle
            continue
        return


def _pairs_on(connection: Any, on: tuple[str, ...]) -> int:
    keys = ", ".join(on)
    known = " AND ".join(f"{column} IS NOT NULL" for column in on)
    return _number(
        connection,
        f"SELECT coalesce(sum(n * (n - 1) / 2), 0) FROM (SELECT count(*) AS n FROM people WHERE {known} GROUP BY {keys})",  # noqa: S608
    )


def _settings(used: list[Comparison], prior: float) -> dict[str, Any]:
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "id",
        "probability_two_random_records_match": prior,
        "blocking_rules_to_generate_predictions": [],
        "retain_matching_columns": True,
        "retain_intermediate_calculation_columns": True,
        "comparisons": [_comparison(one) for one in used],
    }


def _comparison(one: Comparison) -> dict[str, Any]:
    missing = " OR ".join(f"{column}_l IS NULL OR {column}_r IS NULL" for column in one.columns)
    if one.silent:
        missing += f" OR {one.silent}"
    levels: list[dict[str, Any]] = [{"sql_condition": missing, "label_for_charts": "not known", "is_null_level": True}]
    for level in one.levels:
        made: dict[str, Any] = {
            "sql_condition": level.sql, "label_for_charts": level.words, "m_probability": level.m, "u_probability": level.u,
        }  # fmt: skip
        if level.common:
            made["tf_adjustment_column"] = level.common
        levels.append(made)
    return {"output_column_name": one.key, "comparison_levels": levels}


def _sane(trained: dict[str, Any], used: list[Comparison], learned: Learned) -> dict[str, Any]:
    """Return the settings with what is to be believed of what was learned, and say what was assumed."""
    settings = _settings(used, learned.prior)
    for one, mine, theirs in zip(used, settings["comparisons"], trained["comparisons"], strict=True):
        told = theirs["comparison_levels"][1:]
        pairs, taught = settle(
            one,
            m=[_changed(level.get("m_probability"), known.m) for level, known in zip(told, one.levels, strict=True)],
            u=[_changed(level.get("u_probability"), known.u) for level, known in zip(told, one.levels, strict=True)],
            matches=learned.certain,
            prior=learned.prior,
        )
        if not taught:
            learned.assumed.append(one.key)
        for level, (m, u) in zip(mine["comparison_levels"][1:], pairs, strict=True):
            level["m_probability"], level["u_probability"] = m, u
        learned.comparisons[one.key] = [
            {"words": level.words, "m": m, "u": u} for level, (m, u) in zip(one.levels, pairs, strict=True)
        ]
    return settings


def _changed(value: Any, begun: float) -> float | None:
    """Return what was learned; nothing where it is what it began with: a level that wasn't met keeps that."""
    return value if isinstance(value, float) and math.isfinite(value) and value != begun else None


def _predict(connection: Any, settings: Mapping[str, Any], learned: Learned) -> str:
    """Weigh all pairs, settle the prior, and return the table of their weights."""
    from splink import Linker
    from splink.internals.duckdb.database_api import DuckDBAPI

    api = DuckDBAPI(connection)
    linker = Linker(api.register("people"), dict(settings), log_level=None, validate_settings=False)
    linker.table_management.register_blocked_pairs_for_predict(api.register("pairs"))
    table: str = linker.inference.predict().physical_name
    begun, learned.prior = weight_of(learned.prior), _settled(connection, table, learned)
    connection.execute(f"UPDATE {table} SET match_weight = match_weight + ?", [weight_of(learned.prior) - begun])  # noqa: S608
    return table


def _heaviest(  # noqa: PLR0913
    connection: Any, table: str, used: list[Comparison], learned: Learned, *, threshold: float, most: int
) -> Iterator[dict[str, Any]]:
    cursor = connection.execute(
        f"SELECT * FROM {table} WHERE match_weight >= ? ORDER BY match_weight DESC, id_l, id_r LIMIT {int(most)}",  # noqa: S608
        [threshold],
    )
    names = [one[0] for one in cursor.description]
    while rows := cursor.fetchmany(1_000):
        for row in rows:
            yield _pair(dict(zip(names, row, strict=True)), used, learned)


def _settled(connection: Any, table: str, learned: Learned) -> float:
    """Return how probable a match is that the pairs themselves show: the share of all that they add up to (EM of the prior)."""
    everything = learned.records * (learned.records - 1) / 2
    prior, begun = learned.prior, weight_of(learned.prior)
    for _ in range(20):
        [[expected]] = connection.execute(
            f"SELECT coalesce(sum(1 / (1 + pow(2, least(-(match_weight + ?), 500)))), 0) FROM {table}",  # noqa: S608
            [weight_of(prior) - begun],
        ).fetchall()
        after = min(max(expected, 0.5) / everything, 0.5)
        if abs(after - prior) < prior / 1_000:
            break
        prior = after
    return float(after)


def _pair(row: Mapping[str, Any], used: list[Comparison], learned: Learned) -> dict[str, Any]:
    parts: list[dict[str, Any]] = []
    for one in used:
        gamma = row[f"gamma_{one.key}"]
        if gamma < 0:
            words = (
                "counted with the first name" if one.silent and parts and parts[-1]["words"] == SWAPPED else "not known of both"
            )
            parts.append({"key": one.key, "level": MISSING, "words": words, "weight": 0.0, "common": 0.0})
            continue
        level = len(one.levels) - 1 - gamma
        parts.append(
            {
                "key": one.key,
                "level": level,
                "words": one.levels[level].words,
                "m": learned.comparisons[one.key][level]["m"],
                "u": learned.comparisons[one.key][level]["u"],
                "weight": row[f"mw_{one.key}"],
                "common": row.get(f"mw_tf_adj_{one.key}") or 0.0,
            }
        )
    weight = float(row["match_weight"])
    return {"first": row["id_l"], "second": row["id_r"], "weight": weight, "probability": probability_of(weight), "parts": parts}
