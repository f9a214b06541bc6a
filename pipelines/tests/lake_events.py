"""Event files of the lake, as its feeds bring them."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

Event = dict[str, Any]
FIRST = datetime(2026, 3, 1, 12, tzinfo=UTC)


def pseudonym(name: str) -> str:
    return f"k1.{name:_<22}"


def identifier(number: int, day: int = 0) -> str:
    return f"E12345678{FIRST + timedelta(days=day):%Y%m%d%H%M}{number:011d}"


def payment(number: int, day: int = 0, payer: str = "ana", payee: str = "rui", cents: int = 1_000) -> Event:
    """Arrives a second after it was accepted; a later number later."""
    at_ms = round((FIRST + timedelta(days=day, seconds=number)).timestamp() * 1000)
    party = {"accountType": "CACC", "ispb": "12345678", "legalPerson": False, "taxIdValid": True}
    return {
        "kind": "payment",
        "arrivedUs": (at_ms + 1_000) * 1_000,
        "payment": {
            "endToEndId": identifier(number, day),
            "side": "payer",
            "amountCents": cents,
            "acceptedAtMs": at_ms,
            "initiationForm": "DICT",
            "purpose": "IPAY",
            "priority": "PAGPRI",
            "hasTxId": False,
            "hasRemittanceInformation": False,
            "payer": {"person": pseudonym(payer), "account": pseudonym(f"account-{payer}"), **party},
            "payee": {"person": pseudonym(payee), "account": pseudonym(f"account-{payee}"), **party},
        },
    }


def label(number: int, day: int = 0, fraud: bool = True, after_days: int = 1) -> Event:
    arrived = FIRST + timedelta(days=day + after_days, seconds=number, milliseconds=500)
    return {
        "kind": "label",
        "arrivedUs": round(arrived.timestamp() * 1000) * 1000,
        "endToEndId": identifier(number, day),
        "fraud": fraud,
    }


def write(folder: Path, name: str, events: list[Event | str]) -> Path:
    """A text stands as it is."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [event if isinstance(event, str) else json.dumps(event) for event in events]
    content = "".join(f"{line}\n" for line in lines).encode()
    path = folder / name
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return path
