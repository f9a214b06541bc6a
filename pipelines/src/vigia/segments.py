"""Groups of payments that a model is measured on apart: where it may be right on the whole and wrong for some."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vigia.clock import HOUR_MS

Mask = NDArray[np.bool_]
# Segmentation, segment, and which rows [n] are in it.
Segments = dict[str, dict[str, Mask]]

BRASILIA_OFFSET_MS = 3 * HOUR_MS
# [from, to) hours in Brasília. Pix's night, with limits of its own, is 20h to 06h.
HOUR_BANDS = {"00h_to_06h": (0, 6), "06h_to_12h": (6, 12), "12h_to_20h": (12, 20), "20h_to_24h": (20, 24)}
# [from, to) in cents.
AMOUNT_BANDS = {
    "below_100_brl": (0, 100_00),
    "100_to_1000_brl": (100_00, 1_000_00),
    "1000_to_5000_brl": (1_000_00, 5_000_00),
    "from_5000_brl": (5_000_00, float("inf")),
}


@dataclass(frozen=True, slots=True)
class Columns:
    """What segments are told by. `features` is [n, F] under `names`, NaN = missing; the rest is [n]."""

    names: list[str]
    features: NDArray[np.float32]
    accepted_at_ms: NDArray[np.float64]
    amounts_cents: NDArray[np.float64]
    labels: NDArray[np.int8]
    # What happened, in a simulated world: the name of the fraud or of what only looks like one, "" for everyday.
    scenarios: NDArray[np.str_] | None = None

    def feature(self, name: str) -> NDArray[np.float32] | None:
        return self.features[:, self.names.index(name)] if name in self.names else None


def segments_of(columns: Columns) -> Segments:
    """Every segmentation that these columns can tell, with the segments that have a row."""
    found = {name: tell(columns) for name, tell in SEGMENTATIONS.items()}
    return {
        name: {segment: rows for segment, rows in segments.items() if rows.any()}
        for name, segments in found.items()
        if segments is not None
    }


def by_initiation_form(columns: Columns) -> dict[str, Mask] | None:
    manual, dynamic = columns.feature("initiated_manually"), columns.feature("initiated_by_dynamic_code")
    if manual is None or dynamic is None:
        return None
    known = ~np.isnan(manual) & ~np.isnan(dynamic)
    return {
        "manual": manual == 1,
        "dynamic_code": dynamic == 1,
        "key_or_static_code": known & (manual != 1) & (dynamic != 1),
        "unknown": ~known & (manual != 1) & (dynamic != 1),
    }


def by_hour(columns: Columns) -> dict[str, Mask]:
    hours = ((columns.accepted_at_ms - BRASILIA_OFFSET_MS) // HOUR_MS) % 24
    return {name: (hours >= first) & (hours < end) for name, (first, end) in HOUR_BANDS.items()}


def by_amount(columns: Columns) -> dict[str, Mask]:
    amounts = columns.amounts_cents
    return {name: (amounts >= least) & (amounts < end) for name, (least, end) in AMOUNT_BANDS.items()}


def by_flag(feature: str, yes: str, no: str) -> Callable[[Columns], dict[str, Mask] | None]:
    def tell(columns: Columns) -> dict[str, Mask] | None:
        values = columns.feature(feature)
        return None if values is None else {yes: values == 1, no: values == 0, "unknown": np.isnan(values)}

    return tell


def by_scenario(columns: Columns) -> dict[str, Mask] | None:
    """Frauds of one scenario among all genuine payments; of what only looks like a fraud the payments themselves."""
    if columns.scenarios is None:
        return None
    fraud = columns.labels == 1
    result = {}
    for name in np.unique(columns.scenarios):
        of_it = columns.scenarios == name
        result[str(name) or "everyday"] = of_it | ~fraud if (of_it & fraud).any() else of_it
    return result


SEGMENTATIONS: dict[str, Callable[[Columns], dict[str, Mask] | None]] = {
    "initiation_form": by_initiation_form,
    "hour": by_hour,
    "amount": by_amount,
    "payer": by_flag("payer_is_company", "company", "person"),
    "payee": by_flag("payee_is_company", "company", "person"),
    "side": by_flag("arrived", "arrived", "sent"),
    "scenario": by_scenario,
}
