"""Rows of a training set as Spark's DataFrames, and what a model says of them back in numpy."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyspark.ml.functions import vector_to_array
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f

from vigia.rows import Rows

LABEL, WEIGHT = "label", "weight"


def column(index: int) -> str:
    return f"f{index}"


def frame_of_features(spark: SparkSession, features: NDArray[np.float32]) -> DataFrame:
    """Columns f0 to f{F-1}, float, of features [n, F]; NaN stays NaN, which is no null."""
    columns = {column(index): pa.array(features[:, index]) for index in range(features.shape[1])}
    return spark.createDataFrame(pa.table(columns))


def frame_of_rows(spark: SparkSession, rows: Rows, fraud_weight: float) -> DataFrame:
    """The features, `label` and `weight`: the payments that a row stands for, times `fraud_weight` for a fraud."""
    columns = {column(index): pa.array(rows.features[:, index]) for index in range(rows.features.shape[1])}
    columns[LABEL] = pa.array(rows.labels.astype(np.float64))
    columns[WEIGHT] = pa.array(rows.weights * np.where(rows.labels == 1, fraud_weight, 1.0))
    return spark.createDataFrame(pa.table(columns))


def vectors_of(predictions: DataFrame, name: str) -> NDArray[np.float64]:
    """Column `name` of vectors of two as [n, 2], in the order of the rows."""
    values = vector_to_array(f.col(name))
    found = predictions.select(values[0].alias("genuine"), values[1].alias("fraud")).toArrow()
    return np.column_stack([found[each].to_numpy() for each in ("genuine", "fraud")]).astype(np.float64)
