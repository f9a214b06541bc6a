# Databricks notebook source
# MAGIC %md
# MAGIC # 03 Training by MLlib, with cross-validation and tuning
# MAGIC A Pipeline of MLlib, tuned by a grid over folds by time, calibrated, measured, packed as a bundle and registered
# MAGIC in MLflow: `vigia-train` with a family of Spark, on this session.
# MAGIC
# MAGIC `CrossValidator` would train each fold on the ones after it as well; `vigia.mllib.grid_search` says how it is
# MAGIC done here instead.

# COMMAND ----------

import sys

dbutils.widgets.text("training_set", "/Volumes/vigia/lake/training-sets/latest", "Folder of the training set")
dbutils.widgets.text("bundle", "/Volumes/vigia/lake/bundles/latest", "Folder to make: must not exist")
dbutils.widgets.text("family", "spark_gbt", "spark_logistic, spark_forest, spark_gbt or spark_xgboost")
dbutils.widgets.text("settings", "tune_trials=6 folds=3 threads=2", "Parameters, as of vigia-train --set")
dbutils.widgets.text("model", "pix-fraud", "Name of the model")
dbutils.widgets.text("tracking_uri", "", "MLflow; empty: nothing is tracked or registered")
dbutils.widgets.text("source", "", "Folder of the package, where it is not installed")
if dbutils.widgets.get("source"):
    sys.path.insert(0, dbutils.widgets.get("source"))

# COMMAND ----------
# MAGIC %md
# MAGIC ## What will be tried
# COMMAND ----------
from vigia.families.spark import SPARK_FAMILIES
from vigia.mllib.grid_search import points_of
from vigia.train_command import main

family = SPARK_FAMILIES[dbutils.widgets.get("family")]
display(spark.createDataFrame(points_of(family.learner.grid)))

# COMMAND ----------

# MAGIC %md
# MAGIC ## Folds by time, the grid, the model, its calibration and its measures

# COMMAND ----------

settings = [f"family={family.name}", *dbutils.widgets.get("settings").split()]
arguments = [
    *("--data", dbutils.widgets.get("training_set"), "--out", dbutils.widgets.get("bundle")),
    *("--model-name", dbutils.widgets.get("model")),
    *(text for setting in settings for text in ("--set", setting)),
]
if dbutils.widgets.get("tracking_uri"):
    arguments += ["--tracking-uri", dbutils.widgets.get("tracking_uri")]
exit_code = main(arguments)
if exit_code != 0:
    raise RuntimeError(f"vigia-train ended with {exit_code}: the line above says what to do")
