"""Bronze to Gold on both table formats: every row is somewhere, once."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from lake_events import Event, identifier, label, payment, pseudonym, write
from lake_spark import both_formats, lake, spark  # noqa: F401
from vigia.errors import BadInput, DataRefused
from vigia.lake.bronze import Landed, Source, land
from vigia.lake.erasure import erase
from vigia.lake.gold import distil, feature_set
from vigia.lake.lake import Lake
from vigia.lake.silver import Counts, refine
from vigia.progress import silent

# The client of the JVM closes its sockets when they are collected.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
]
TODAY = date(2026, 3, 9)
HANDBOOK = feature_set("handbook")


class Feed:
    """A folder of event files, and runs of the lake on it."""

    def __init__(self, lake: Lake, folder: Path) -> None:  # noqa: F811
        self.lake = lake
        self.source = Source("ledger", folder)

    def brings(self, name: str, *events: Event | str) -> Path:
        return write(self.source.folder, name, list(events))

    def land(self) -> Landed:
        return land(self.lake, [self.source], TODAY, silent())

    def refine(self, share: float = 1) -> Counts:
        self.land()
        return refine(self.lake, share, silent())

    def distil(self) -> dict[str, int]:
        return distil(self.lake, HANDBOOK, silent())

    def rows(self, table: str) -> list[Any]:
        rows = self.lake.table(table).read()
        return [] if rows is None else rows.collect()


@pytest.fixture
def feed(lake: Lake, tmp_path: Path) -> Feed:  # noqa: F811
    return Feed(lake, tmp_path / "feed")


def test_a_file_lands_once(feed: Feed) -> None:
    feed.brings("a.ndjson.gz", payment(1), "no JSON", "")
    feed.brings("b.ndjson", payment(2))
    feed.brings("unfinished.ndjson.part", payment(3))
    assert feed.land() == Landed(2, 0, 4)
    assert feed.land() == Landed(0, 2, 0)
    feed.brings("c.ndjson", payment(3))
    assert feed.land() == Landed(1, 2, 1)
    rows = feed.rows("bronze")
    assert sorted((row.file, row.batch, row.day) for row in rows) == [
        *[("a.ndjson.gz", 1, TODAY)] * 3,
        ("b.ndjson", 1, TODAY),
        ("c.ndjson", 2, TODAY),
    ]
    assert "no JSON" in [row.payload for row in rows]


def test_a_file_that_changed_is_refused_and_nothing_lands(feed: Feed) -> None:
    feed.brings("a.ndjson", payment(1))
    feed.land()
    feed.brings("a.ndjson", payment(1), payment(2))
    feed.brings("b.ndjson", payment(3))
    with pytest.raises(BadInput, match=r"a\.ndjson has changed since it landed"):
        feed.land()
    assert len(feed.rows("bronze")) == 1


def test_a_day_that_comes_again_under_another_name_is_counted_and_adds_nothing(feed: Feed) -> None:
    day = [payment(1), payment(2), label(1)]
    feed.brings("a.ndjson", *day)
    assert feed.refine() == Counts(rows=3, payments=2, labels=1)
    feed.brings("a-again.ndjson", *day)
    assert feed.refine() == Counts(rows=3, repeats=3)
    assert len(feed.rows("silver/payments")) == 2


@both_formats
def test_a_file_that_is_cut_off_lands_nothing(feed: Feed) -> None:
    path = feed.brings("a.ndjson.gz", *[payment(number) for number in range(50)])
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(BadInput, match="bring the broken one again"):
        feed.land()
    assert feed.rows("bronze") == []


def changed(number: int, **fields: object) -> Event:
    event = payment(number)
    event["payment"].update(fields)
    return event


BAD: list[tuple[Event | str, str]] = [
    ("no JSON", "no JSON event of the declared types"),
    ("", "no JSON event of the declared types"),
    ("[]", "no JSON event of the declared types"),
    (changed(1, amountCents=1.5), "no JSON event of the declared types"),
    (changed(1, amountCents="100"), "no JSON event of the declared types"),
    (changed(1, hasTxId="yes"), "no JSON event of the declared types"),
    (changed(1, amountCents=-5), "amountCents is not > 0"),
    (changed(1, amountCents=None), "amountCents is missing"),
    (changed(1, initiationForm="FAX"), "initiationForm is no code of the contract"),
    (changed(1, endToEndId=identifier(1).replace("20260301", "20260230")), "endToEndId has no date inside"),
    (changed(1, endToEndId="E1"), "endToEndId has not the form of the contract"),
    (changed(1, endToEndId=identifier(1) + "\n"), "endToEndId has not the form of the contract"),
    (changed(1, acceptedAtMs=4_000_000_000_000), "acceptedAtMs is more than a day after the arrival"),
    (changed(1, payer={"person": "12345678909"}), "payer.person has not the form of the contract"),
    (changed(1, device={"id": pseudonym("d"), "firstSeenAt": "yesterday"}), "device.firstSeenAt has not the form"),
    (changed(1, session={"behaviourAnomaly": 2}), "session.behaviourAnomaly is not <= 1"),
    ({**payment(1), "arrivedUs": -1}, "arrivedUs is no moment"),
    ({**payment(1), "kind": "refund"}, "kind is neither payment nor label"),
    ({"kind": "payment", "arrivedUs": 1}, "payment is missing"),
    ({**label(1), "fraud": None}, "fraud is missing"),
    ({**label(1), "endToEndId": "x"}, "endToEndId has not the form of the contract"),
]


def test_bad_rows_are_kept_with_the_reason(feed: Feed) -> None:
    lines = [line for line, _ in BAD]
    feed.brings("a.ndjson", *lines, payment(2))
    counts = feed.refine()
    assert counts == Counts(rows=len(BAD) + 1, payments=1, quarantined=len(BAD))
    kept = {row.payload: row.reason for row in feed.rows("silver/quarantine")}
    for line, reason in BAD:
        payload = line if isinstance(line, str) else json.dumps(line)
        assert reason in kept[payload], payload


def test_too_many_bad_rows_stop_silver_with_nothing_written(feed: Feed) -> None:
    feed.brings("a.ndjson", payment(1), changed(2, amountCents=-5), payment(3))
    with pytest.raises(DataRefused, match=r"1 of 3 rows .*1 rows: amountCents is not > 0"):
        feed.refine(0.3)
    assert [feed.rows(f"silver/{name}") for name in ("payments", "labels", "quarantine")] == [[], [], []]
    assert feed.refine(0.4).payments == 2


@both_formats
def test_the_first_arrival_is_kept_whenever_it_lands(feed: Feed) -> None:
    first, late = payment(1, cents=100), payment(1, cents=200)
    late["arrivedUs"] += 5
    feed.brings("a.ndjson", late, late, payment(2, day=3))
    assert feed.refine() == Counts(rows=3, payments=2, repeats=1)
    corrected = {**label(1, after_days=2), "fraud": False}
    contradicted = [label(2, 3), {**label(2, 3), "fraud": False}]
    feed.brings("b.ndjson", first, payment(2, day=3), label(1), label(1), corrected, *contradicted)
    assert feed.refine() == Counts(rows=7, payments=0, labels=3, repeats=2, quarantined=2)
    amounts = {row.end_to_end_id: row.payment.amountCents for row in feed.rows("silver/payments")}
    assert amounts == {identifier(1): 100, identifier(2, 3): 1_000}
    refused = feed.rows("silver/quarantine")
    assert sorted((row.file, row.reason.split(":")[0]) for row in refused) == [
        ("a.ndjson", "payment"),
        ("b.ndjson", "label"),
    ]
    assert feed.lake.payments.state["totals"] == {
        "rows": 10, "payments": 2, "labels": 3, "repeats": 3, "quarantined": 2, "erased": 0,
    }  # fmt: skip


@both_formats
def test_a_second_run_adds_nothing(feed: Feed) -> None:
    feed.brings("a.ndjson", payment(1), payment(2), label(1))
    feed.refine()
    assert feed.distil() == {"vectors": 2, "days": 1}
    states = {name: table.state for name, table in feed.lake.tables().items()}
    assert feed.refine() == Counts()
    assert feed.distil() == {"vectors": 0, "days": 0}
    assert {name: table.state for name, table in feed.lake.tables().items()} == states


def test_gold_has_vectors_labels_as_known_and_days(feed: Feed) -> None:
    feed.brings("a.ndjson", payment(1, 0, cents=100), payment(2, 1, cents=300), label(1), payment(3, 9, "eva"))
    feed.refine()
    feed.distil()
    vectors = {row.end_to_end_id: row for row in feed.rows("gold/handbook")}
    second = vectors[identifier(2, 1)]
    assert (second.customer_count_7d, second.customer_mean_7d, second.amount) == (2, 2, 3)
    assert vectors[identifier(3, 9)].terminal_fraud_share_30d == pytest.approx(1 / 2)
    known = {id: (row.fraud, row.fraud_known_us) for id, row in vectors.items()}
    assert known == {
        identifier(1): (True, label(1)["arrivedUs"]),
        identifier(2, 1): (None, None),
        identifier(3, 9): (None, None),
    }
    days = {row.day.isoformat(): (row.payments, row.amount_cents, row.frauds) for row in feed.rows("gold/daily")}
    assert days == {"2026-03-01": (1, 100, 1), "2026-03-02": (1, 300, 0), "2026-03-10": (1, 1_000, 0)}


@both_formats
def test_what_comes_late_changes_the_days_from_its_own_on(feed: Feed) -> None:
    feed.brings("a.ndjson", *[payment(1, day) for day in range(4)])
    feed.refine()
    feed.distil()
    feed.brings("b.ndjson", payment(7, 2))
    feed.refine()
    assert feed.distil() == {"vectors": 3, "days": 2}
    assert len(feed.rows("gold/handbook")) == 5
    assert {row.customer_count_7d for row in feed.rows("gold/handbook") if row.day == date(2026, 3, 4)} == {5}


def test_two_payments_of_one_arrival_are_refused(feed: Feed) -> None:
    feed.brings("a.ndjson", payment(1), {**payment(2), "arrivedUs": payment(1)["arrivedUs"]})
    feed.refine()
    with pytest.raises(DataRefused, match="2 payments arrived at"):
        feed.distil()


@both_formats
def test_a_person_is_erased_from_every_layer(feed: Feed, tmp_path: Path) -> None:
    bad = changed(5, amountCents=-1)
    feed.brings("a.ndjson", payment(1), label(1), bad, payment(2, payer="eva"), label(2), payment(3, 1, "eva", "ana"))
    feed.brings("b.ndjson", payment(4, payer="eva", payee="leo"))
    feed.refine()
    feed.distil()
    lost = erase(feed.lake, [pseudonym("ana")], silent())
    assert lost == {
        "bronze": 4, "silver/payments": 2, "silver/labels": 1, "silver/quarantine": 1, "gold/handbook": 2,
    }  # fmt: skip
    left = {row.end_to_end_id for row in feed.rows("silver/payments")}
    assert left == {row.end_to_end_id for row in feed.rows("gold/handbook")} == {identifier(2), identifier(4)}
    assert [row.end_to_end_id for row in feed.rows("silver/labels")] == [identifier(2)]
    for path in (tmp_path / "lake").rglob("*.parquet"):
        assert pseudonym("ana") not in str(feed.lake.spark.read.parquet(str(path)).collect())
    for path in (tmp_path / "lake").rglob("*.json"):
        assert pseudonym("ana") not in path.read_text()
    assert len(feed.rows("bronze")) == 7
    assert feed.land().rows == 0
    assert feed.refine() == Counts()
    assert erase(feed.lake, [pseudonym("ana")], silent())["bronze"] == 0


@both_formats
def test_small_files_are_joined_and_old_ones_go(feed: Feed, tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        feed.brings(f"{name}.ndjson", payment(ord(name)))
        feed.refine()
    bronze = feed.lake.bronze
    before = bronze.state
    assert bronze.compact(1 << 20) == 2
    assert bronze.vacuum(1) == 0
    assert bronze.vacuum(0) == 3
    assert len(list((tmp_path / "lake/bronze").glob("day=*/*.parquet"))) == 1
    assert (len(feed.rows("bronze")), bronze.state) == (3, before)
    assert feed.refine() == Counts()


@both_formats
def test_a_new_column_is_empty_in_older_rows_and_another_type_is_refused(lake: Lake) -> None:  # noqa: F811
    table = lake.table("silver/some")
    sql = lake.spark.sql
    table.append(sql("SELECT DATE'2026-03-01' AS day, named_struct('a', 1L) AS s"), {"batch": 1})
    table.append(sql("SELECT DATE'2026-03-01' AS day, named_struct('a', 2L, 'b', 'x') AS s, 7 AS n"), {"batch": 2})
    rows = table.read()
    assert rows is not None
    assert sorted((row.s.a, row.s.b, row.n) for row in rows.collect()) == [(1, None, None), (2, "x", 7)]
    with pytest.raises(Exception, match=r"s\.a was|DELTA_FAILED_TO_MERGE"):
        table.append(sql("SELECT DATE'2026-03-01' AS day, named_struct('a', 'text') AS s"), {"batch": 3})
    assert table.state == {"batch": 2}
