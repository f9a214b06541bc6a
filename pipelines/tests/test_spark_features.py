"""Each test starts the command as its users do: a JVM of its own, and answers on standard output."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet as pq

from vigia.java_home import java_home

COMMAND = [sys.executable, "-m", "vigia.spark_features"]
SMALL = ["--threads", "1", "--memory-mb", "512"]
SQL = """
SELECT p.arrival, p.end_to_end_id, l.fraud,
       CAST(sum(p.amount_cents) OVER (
         PARTITION BY p.payer ORDER BY p.accepted_at_ms RANGE BETWEEN 99 PRECEDING AND CURRENT ROW
       ) AS FLOAT) AS payer_sum
FROM payments p LEFT JOIN labels l ON l.end_to_end_id = p.end_to_end_id
"""


class Served:
    """The command with --serve; `ask` sends one line and gives the answer to it."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, "--serve", *SMALL], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, line: str) -> dict[str, object]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        answer: dict[str, object] = json.loads(self.process.stdout.readline())
        return answer

    def end(self) -> int:
        self.process.communicate(timeout=60)
        return self.process.returncode


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    served = Served()
    yield served
    assert served.end() == 0


@pytest.fixture
def relations(tmp_path: Path) -> dict[str, str]:
    payments = {
        "arrival": [1, 2, 4],
        "end_to_end_id": ["a", "b", "c"],
        "accepted_at_ms": [1_000, 1_099, 1_100],
        "amount_cents": [1, 10, 100],
        "payer": ["p", "p", "p"],
    }
    labels = {"arrival": [3], "end_to_end_id": ["a"], "fraud": [True]}
    pq.write_table(pa.table(payments), tmp_path / "payments.parquet")
    pq.write_table(pa.table(labels), tmp_path / "labels.parquet")
    paths = {name: str(tmp_path / f"{name}.parquet") for name in ("payments", "labels", "out")}
    return {"sql": SQL, **paths}


def test_rows_come_back_as_one_file(served: Served, relations: dict[str, str]) -> None:
    answer = served.ask(json.dumps(relations))
    assert answer["rows"] == 3
    table = pq.read_table(relations["out"]).sort_by("arrival")
    assert table.to_pylist() == [
        {"arrival": 1, "end_to_end_id": "a", "fraud": True, "payer_sum": 1},
        {"arrival": 2, "end_to_end_id": "b", "fraud": None, "payer_sum": 11},
        {"arrival": 4, "end_to_end_id": "c", "fraud": None, "payer_sum": 110},
    ]
    assert table.schema.field("payer_sum").type == pa.float32()
    assert sorted(path.name for path in Path(relations["out"]).parent.iterdir()) == [
        "labels.parquet",
        "out.parquet",
        "payments.parquet",
    ]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"sql": "SELEC 1"}, "Spark refuses the statement"),
        ({"sql": "SELECT nothing FROM payments"}, "nothing"),
        ({"sql": "SELECT 1 / (arrival - 1) AS x FROM payments"}, "DIVIDE_BY_ZERO"),
        ({"payments": "/nowhere.parquet"}, "/nowhere.parquet is missing"),
        ({"payments": __file__}, "is not readable Parquet"),
        ({"out": "/nowhere/out.parquet"}, "/nowhere is no folder"),
    ],
)
def test_a_bad_request_is_told_and_ends_none_but_itself(
    served: Served, relations: dict[str, str], change: dict[str, str], said: str
) -> None:
    answer = served.ask(json.dumps({**relations, **change}))
    assert said in str(answer["error"])
    assert "at org.apache" not in str(answer["error"])
    assert not Path(relations["out"]).exists()
    assert served.ask(json.dumps(relations))["rows"] == 3


@pytest.mark.parametrize("line", ["no JSON", "[]", '{"sql": 1}'])
def test_a_line_that_is_no_request_is_told(served: Served, line: str) -> None:
    assert "request" in str(served.ask(line)["error"])


def test_one_statement_from_a_file(relations: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "features.sql").write_text(relations["sql"])
    flags = [flag for name in ("payments", "labels", "out") for flag in (f"--{name}", relations[name])]
    done = subprocess.run(
        [*COMMAND, "--sql", str(tmp_path / "features.sql"), *flags, *SMALL], capture_output=True, text=True
    )
    assert (done.returncode, json.loads(done.stdout)["rows"]) == (0, 3), done.stderr


def test_missing_arguments_are_named() -> None:
    done = subprocess.run([*COMMAND, "--sql", "x"], capture_output=True, text=True)
    assert done.returncode == 2
    assert "--payments, --labels, --out missing" in done.stderr


def test_java_home_is_taken_where_it_is_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", "/opt/java")
    assert java_home(tmp_path) == Path("/opt/java")
    monkeypatch.delenv("JAVA_HOME")
    version = subprocess.run([java_home(tmp_path) / "bin/java", "-version"], capture_output=True, text=True)
    assert 'version "21' in version.stderr
