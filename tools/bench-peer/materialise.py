"""Writes the features of the load's entities into the online store: DIRECTORY HOST:PORT."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
from feast import FeatureService
from views import entity_of, open_store, view_columns, views


def main(directory: Path, address: str) -> None:
    store = open_store(directory, address)
    rows = json.loads((directory / "rows.json").read_text())
    made = views(directory)
    frames = {view.name: frame_of(rows[view.name], view_columns(directory)[view.name], view.name) for view in made}
    # Feast reads the schema of a source from its file.
    for name, frame in frames.items():
        frame.to_parquet(directory / f"{name}.parquet")
    entities = [entity_of(view.name) for view in made]
    store.apply([*entities, *made, FeatureService(name="payment", features=made)])
    for name, frame in frames.items():
        store.write_to_online_store(name, frame)
        print(f"{name}: {len(frame)} entities, {len(frame.columns) - 2} features", flush=True)


def frame_of(rows: list[list[str | float | None]], features: list[str], entity: str) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=[f"{entity}_id", *features])
    frame = frame.drop_duplicates(f"{entity}_id", keep="last").astype(dict.fromkeys(features, "float32"))
    frame["event_timestamp"] = datetime.now(UTC)
    return frame


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
