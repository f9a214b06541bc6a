"""Writes the features of the load's entities into the online store: DIRECTORY HOST:PORT."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
from feast import Entity, FeatureService
from views import open_store, views


def main(directory: Path, address: str) -> None:
    store = open_store(directory, address)
    made = views(directory)
    entities = [Entity(name=view.name, join_keys=[f"{view.name}_id"]) for view in made]
    store.apply([*entities, *made, FeatureService(name="payment", features=made)])
    rows = json.loads((directory / "rows.json").read_text())
    now = datetime.now(UTC)
    for view in made:
        columns = [f"{view.name}_id", *(field.name for field in view.schema if not field.name.endswith("_id"))]
        frame = pd.DataFrame(rows[view.name], columns=columns).drop_duplicates(columns[0], keep="last")
        frame = frame.astype({name: "float32" for name in columns[1:]})
        frame["event_timestamp"] = now
        store.write_to_online_store(view.name, frame)
        print(f"{view.name}: {len(frame)} entities, {len(columns) - 1} features", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
