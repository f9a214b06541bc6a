# Databricks notebook source
# MAGIC %md
# MAGIC # 01 Exploration of Bronze and Silver
# MAGIC What landed, what was refused, what is missing, and where fraud lies.
# MAGIC Everything is computed by `vigia.lake.exploration`; this notebook only asks.

# COMMAND ----------

import sys
from pathlib import Path

dbutils.widgets.text("lake", "/Volumes/vigia/lake/data", "Folder of the lake")
dbutils.widgets.text("format", "delta", "parquet or delta")
dbutils.widgets.text("source", "", "Folder of the package, where it is not installed")
if dbutils.widgets.get("source"):
    sys.path.insert(0, dbutils.widgets.get("source"))

from vigia.lake import exploration
from vigia.lake.lake import Lake

lake = Lake(spark, Path(dbutils.widgets.get("lake")), dbutils.widgets.get("format"))

# COMMAND ----------

# MAGIC %md
# MAGIC ## Bronze
# MAGIC What each batch brought. Rows without a line were erased (LGPD).

# COMMAND ----------

display(exploration.landed(lake))

# COMMAND ----------

# MAGIC %md
# MAGIC ## Quarantine
# MAGIC Rows that Silver refused, by reason. A new reason is a change of a source.

# COMMAND ----------

display(exploration.refused(lake))

# COMMAND ----------

# MAGIC %md
# MAGIC ## Silver
# MAGIC Payments with what their last label says. `labelled` = false is not "genuine": its label may still come.

# COMMAND ----------

payments = exploration.known_payments(lake).cache()
display(payments.groupBy("labelled", "fraud").count())
display(exploration.amounts(payments))

# COMMAND ----------

# MAGIC %md
# MAGIC ### Missing values
# MAGIC A field that is empty more often in frauds tells of fraud by that: it must not be filled with a mean.

# COMMAND ----------

display(exploration.missing(payments))

# COMMAND ----------

# MAGIC %md
# MAGIC ### Fraud by hour, amount and initiation form

# COMMAND ----------

for segment in exploration.SEGMENTS:
    rows = exploration.fraud_by(payments, segment)
    display(rows)
    display(exploration.drawn(rows, segment))
