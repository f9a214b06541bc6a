"""Families of models: what can be trained, by the name that `params.yaml` and `bundle.json` call it."""

from vigia.families.boosting import Boosting
from vigia.families.family import Family, Fitted
from vigia.families.logistic import Logistic
from vigia.families.neural import Neural

SINGLE_FAMILIES: dict[str, Family] = {each.name: each for each in (Boosting(), Logistic(), Neural())}

__all__ = ["SINGLE_FAMILIES", "Family", "Fitted"]
