"""The usual stack: FastAPI reads the features of a payment from Feast's online store and lets XGBoost score one row."""

import json
import os
from pathlib import Path

import numpy as np
import xgboost
from fastapi import FastAPI
from pydantic import BaseModel
from views import open_store, view_columns

DIRECTORY = Path(os.environ["PEER_DIRECTORY"])

LAYOUT = json.loads((DIRECTORY / "layout.json").read_text())
STORE = open_store(DIRECTORY, os.environ["PEER_REDIS"])
SERVICE = STORE.get_feature_service("payment")
BOOSTER = xgboost.Booster({"nthread": 1}, model_file=os.environ["PEER_TREES"])
BOOSTER.set_param("nthread", 1)
REQUEST_COLUMNS = np.array(LAYOUT["request"])
FEATURES = LAYOUT["features"]
STORED = [(name, FEATURES.index(name)) for names in view_columns(DIRECTORY).values() for name in names]

app = FastAPI()


class Payment(BaseModel):
    payer_id: str
    payee_id: str
    pair_id: str
    device_id: str
    request: list[float | None]


class Answer(BaseModel):
    probability: float


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ready"}


@app.post("/predict")
async def predict(payment: Payment) -> Answer:
    entity = {
        "payer_id": payment.payer_id,
        "payee_id": payment.payee_id,
        "pair_id": payment.pair_id,
        "device_id": payment.device_id,
    }
    stored = STORE.get_online_features(features=SERVICE, entity_rows=[entity]).to_dict()
    row = np.full((1, len(FEATURES)), np.nan, dtype=np.float32)
    row[0, REQUEST_COLUMNS] = np.array(payment.request, dtype=np.float32)
    for name, column in STORED:
        value = stored[name][0]
        if value is not None:
            row[0, column] = value
    score = BOOSTER.inplace_predict(row, validate_features=False)
    return Answer(probability=float(score[0]))
