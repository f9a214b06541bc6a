"""Families of models: what can be trained, by the name that `params.yaml` and `bundle.json` call it."""

from vigia.families.boosting import Boosting
from vigia.families.family import Family, Fitted
from vigia.families.logistic import Logistic
from vigia.families.neural import Neural
from vigia.families.spark import SPARK_FAMILIES

# Those that need no Spark, and can be blended.
SINGLE_FAMILIES: dict[str, Family] = {each.name: each for each in (Boosting(), Logistic(), Neural())}

FAMILIES: dict[str, Family] = {**SINGLE_FAMILIES, **SPARK_FAMILIES}

__all__ = ["FAMILIES", "SINGLE_FAMILIES", "Family", "Fitted"]
