"""Reads the features of payments from Feast's online store, one after the other: DIRECTORY HOST:PORT SECONDS."""

import json
import sys
import time
from pathlib import Path

from views import open_store


def main(directory: Path, address: str, seconds: float) -> None:
    store = open_store(directory, address)
    service = store.get_feature_service("payment")
    entities = json.loads((directory / "entities.json").read_text())
    for entity in entities[:200]:
        store.get_online_features(features=service, entity_rows=[entity]).to_dict()
    latencies_ms: list[float] = []
    started = time.perf_counter()
    while (begun := time.perf_counter()) - started < seconds:
        entity = entities[len(latencies_ms) % len(entities)]
        store.get_online_features(features=service, entity_rows=[entity]).to_dict()
        latencies_ms.append((time.perf_counter() - begun) * 1000)
    elapsed = time.perf_counter() - started
    latencies_ms.sort()
    p50, p99 = (latencies_ms[int(len(latencies_ms) * q)] for q in (0.5, 0.99))
    print(json.dumps({"rps": len(latencies_ms) / elapsed, "p50_ms": p50, "p99_ms": p99}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]))
