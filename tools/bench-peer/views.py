"""The feature views of the peer: what Vigia reads per payment, as Feast would keep it."""

import json
from datetime import timedelta
from pathlib import Path

from feast import Entity, FeatureStore, FeatureView, Field, FileSource, RepoConfig, ValueType
from feast.types import Float32, String


def view_columns(directory: Path) -> dict[str, list[str]]:
    """Feature names by entity, as written by the benchmark."""
    return json.loads((directory / "layout.json").read_text())["views"]


def open_store(directory: Path, address: str) -> FeatureStore:
    """A store on the Redis or Valkey at `address` (host:port); its registry is read once and kept."""
    return FeatureStore(
        config=RepoConfig(
            project="peer",
            provider="local",
            registry={"registry_type": "file", "path": str(directory / "registry.db"), "cache_ttl_seconds": 0},
            online_store={"type": "redis", "connection_string": address},
            offline_store={"type": "file"},
            entity_key_serialization_version=3,
        )
    )


def entity_of(name: str) -> Entity:
    return Entity(name=name, join_keys=[f"{name}_id"], value_type=ValueType.STRING)


def views(directory: Path) -> list[FeatureView]:
    return [
        FeatureView(
            name=entity,
            entities=[entity_of(entity)],
            ttl=timedelta(days=0),
            schema=[Field(name=f"{entity}_id", dtype=String), *(Field(name=name, dtype=Float32) for name in columns)],
            source=FileSource(path=str(directory / f"{entity}.parquet"), timestamp_field="event_timestamp"),
        )
        for entity, columns in view_columns(directory).items()
    ]
