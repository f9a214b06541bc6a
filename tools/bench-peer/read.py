"""Reads the features of payments from Feast's online store, one after the other: DIRECTORY HOST:PORT.

Each line of standard input tells for how many seconds, and gets a line of JSON.
"""

import json
import sys
import time
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

from views import open_store

WARM_UP = 200


def main(directory: Path, address: str) -> None:
    store = open_store(directory, address)
    service = store.get_feature_service("payment")
    entities = json.loads((directory / "entities.json").read_text())

    def read(entity: dict[str, str]) -> list[float | None]:
        answer = store.get_online_features(features=service, entity_rows=[entity]).to_dict()
        return [column[0] for name, column in answer.items() if name not in entity]

    values = [value for entity in entities[:WARM_UP] for value in read(entity)]
    found = {
        "features": len(values) // WARM_UP,
        "present": sum(value is not None for value in values) / len(values),
    }
    turns = cycle(entities)
    for line in sys.stdin:
        latencies_ms, cpu_s = timed(lambda: read(next(turns)), seconds=float(line))
        print(json.dumps(figures(latencies_ms, cpu_s) | found), flush=True)


def timed(call: Callable[[], object], seconds: float) -> tuple[list[float], float]:
    """Calls until the time is up, at least once: the latencies, and the processor time of them all."""
    latencies_ms: list[float] = []
    begun_cpu_s = time.process_time()
    begun_s = started_s = time.perf_counter()
    while not latencies_ms or begun_s - started_s < seconds:
        call()
        ended_s = time.perf_counter()
        latencies_ms.append((ended_s - begun_s) * 1000)
        begun_s = ended_s
    return latencies_ms, time.process_time() - begun_cpu_s


def figures(latencies_ms: list[float], cpu_s: float) -> dict[str, float]:
    calls = len(latencies_ms)
    ordered = sorted(latencies_ms)
    return {
        "rps": calls * 1000 / sum(latencies_ms),
        "p50_ms": ordered[int(calls * 0.5)],
        "p99_ms": ordered[int(calls * 0.99)],
        "cpu_us": cpu_s / calls * 1e6,
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
