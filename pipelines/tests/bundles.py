"""Training sets and bundles that gate tests make themselves: what is right and wrong with a model is written down."""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pyarrow as pa
from onnx import TensorProto, helper

from payments import DAY_MS, FROM_MS, Payments, some_payments
from vigia.bundle import write_bundle
from vigia.clock import iso

ROWS, DAYS = 8_000, 80
FEATURES = ["tells", "noise", "payer_is_company"]
# Of log-odds: what makes a payment fraudulent in this world.
SLOPE, LEVEL = 3.0, -6.0
HOLD_OUT = (FROM_MS + 50 * DAY_MS, FROM_MS + DAYS * DAY_MS)


def told_payments() -> Payments:
    """4 % frauds, by one feature alone; one payer in ten is a company, which has nothing to do with it."""
    payments = some_payments(rows=ROWS, days=DAYS)
    random = np.random.default_rng(4)
    tells = random.normal(size=ROWS)
    labels = random.random(ROWS) < 1 / (1 + np.exp(-SLOPE * tells - LEVEL))
    payments.set_labels(labels.astype(np.int32))
    features = [tells, random.normal(size=ROWS), random.random(ROWS) < 0.1]
    for name in payments.manifest["features"]:
        del payments.columns[name]
    for name, values in zip(FEATURES, features, strict=True):
        payments.columns[name] = pa.array(np.asarray(values, np.float32))
    payments.manifest["features"] = FEATURES
    return payments


@dataclass(frozen=True)
class Linear:
    """A model of log-odds `weights` . features + `level`; the standard one is the truth."""

    weights: tuple[float, float, float] = (SLOPE, 0.0, 0.0)
    level: float = LEVEL
    version: str = "candidate"
    manifest: dict[str, Any] = field(default_factory=dict)

    def write(self, folder: Path, data: Path) -> Path:
        """A bundle that came of the training set in `data`."""
        told = json.loads((data / "manifest.json").read_text())
        from_ms, to_ms = HOLD_OUT
        manifest = {
            "format": 2,
            "name": "pix-fraud",
            "version": self.version,
            "featureSet": told["featureSet"],
            "features": told["features"],
            "algorithm": "logistic",
            "thresholds": {"review": 0.1, "reject": 0.6},
            "metrics": {"baseline_average_precision": 0.2},
            "training": {**span(0, 35), "datasetSha256": told["rowsSha256"], "seed": 7},
            "validation": span(40, 45),
            "holdOut": {"from": iso(from_ms), "to": iso(to_ms), "rows": rows_from(data, from_ms)},
            "parameters": {},
            **self.manifest,
        }
        write_bundle(folder, {"model.onnx": linear_graph(self.weights, self.level)}, manifest)
        return folder


def span(first_day: float, last_day: float) -> dict[str, str]:
    return {"from": iso(FROM_MS + first_day * DAY_MS), "to": iso(FROM_MS + last_day * DAY_MS)}


def rows_from(data: Path, from_ms: float) -> int:
    at = pa.parquet.read_table(data / "rows.parquet", columns=["accepted_at_ms"])["accepted_at_ms"].to_numpy()
    return int((at >= from_ms).sum())


def linear_graph(weights: tuple[float, ...], level: float) -> bytes:
    nodes = [
        helper.make_node("Gemm", ["features", "weights", "level"], ["margin"]),
        helper.make_node("Sigmoid", ["margin"], ["probability"]),
    ]
    outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 1]) for name in ("probability", "margin")]
    graph = helper.make_graph(
        nodes,
        "linear",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", len(weights)])],
        outputs,
        [
            helper.make_tensor("weights", TensorProto.FLOAT, [len(weights), 1], weights),
            helper.make_tensor("level", TensorProto.FLOAT, [1], [level]),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString(deterministic=True))


def replace_file(bundle: Path, name: str, content: bytes) -> None:
    """As a trainer with an error would: the digest fits."""
    (bundle / name).write_bytes(content)
    manifest = json.loads((bundle / "bundle.json").read_text())
    manifest["files"][name] = hashlib.sha256(content).hexdigest()
    (bundle / "bundle.json").write_text(json.dumps(manifest))
