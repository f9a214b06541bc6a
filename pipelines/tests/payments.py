"""Small training sets that the tests make themselves."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
FROM_MS = 1_767_225_600_000  # 2026-01-01


@dataclass
class Payments:
    """Columns of a training set in the making, to be bent by a test before it is written."""

    columns: dict[str, pa.Array]
    manifest: dict[str, Any]

    def write(self, folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table(self.columns), folder / "rows.parquet")
        rows_sha256 = hashlib.sha256((folder / "rows.parquet").read_bytes()).hexdigest()
        (folder / "manifest.json").write_text(json.dumps({"rowsSha256": rows_sha256, **self.manifest}))
        return folder

    def set_labels(self, labels: NDArray[np.int32]) -> None:
        self.columns["label"] = pa.array(labels, pa.int32())
        self.manifest["frauds"] = int(labels.sum())

    @property
    def days(self) -> NDArray[np.float64]:
        """Days since the first moment of the range, [rows]."""
        at_ms: NDArray[np.float64] = self.columns["accepted_at_ms"].to_numpy()
        return (at_ms - FROM_MS) / DAY_MS

    @property
    def labels(self) -> NDArray[np.int32]:
        labels: NDArray[np.int32] = self.columns["label"].to_numpy().copy()
        return labels


def some_payments(rows: int = 6_000, days: int = 60, delay_days: int = 5, seed: int = 1) -> Payments:
    """
    About 4 % frauds over `days`, in six features: two tell of fraud together, one is often missing and tells by that,
    one is noise, one is constant and one is always missing.
    """
    random = np.random.default_rng(seed)
    at = np.sort(FROM_MS + random.random(rows) * days * DAY_MS).round()
    amount = np.round(random.lognormal(9, 1, rows))
    speed, age = random.gamma(2, 1, rows), random.exponential(100, rows)
    log_odds = -5.5 + 1.2 * speed - 0.02 * age + 0.8 * (np.log(amount) - 9) * (speed > 2)
    missing = random.random(rows) < np.where(log_odds > -2, 0.6, 0.2)
    labels = (random.random(rows) < 1 / (1 + np.exp(-log_odds))).astype(np.int32)
    features = {
        "amount": amount / 100,
        "payer_speed": speed,
        "key_age": np.where(missing, np.nan, age),
        "noise": random.normal(size=rows),
        "constant": np.ones(rows),
        "never": np.full(rows, np.nan),
    }
    columns = {
        "end_to_end_id": pa.array([f"E{index:031d}" for index in range(rows)]),
        "accepted_at_ms": pa.array(at, pa.float64()),
        "amount_cents": pa.array(amount, pa.float64()),
        "label": pa.array(labels, pa.int32()),
        "weight": pa.array(np.ones(rows)),
        **{name: pa.array(values.astype(np.float32)) for name, values in features.items()},
    }
    manifest = {
        "format": 2,
        "featureSet": {"name": "small", "hash": "ab" * 32},
        "features": list(features),
        "fromMs": FROM_MS,
        "toMs": FROM_MS + days * DAY_MS,
        "labelCutOffMs": FROM_MS + (days + delay_days) * DAY_MS,
        "labelDelayMs": delay_days * DAY_MS,
        "rows": rows,
        "frauds": int(labels.sum()),
    }
    return Payments(columns, manifest)
