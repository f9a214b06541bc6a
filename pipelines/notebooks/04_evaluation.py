# Databricks notebook source
# MAGIC %md
# MAGIC # 04 Evaluation on the hold-out
# MAGIC What the exported graph does on payments that had no part in its making: confusion matrix, ROC, precision and
# MAGIC recall, calibration, cost. All of it stands in the bundle; this notebook shows it.

# COMMAND ----------

import sys
from pathlib import Path

dbutils.widgets.text("bundle", "/Volumes/vigia/lake/bundles/latest", "Folder of the bundle")
dbutils.widgets.text("source", "", "Folder of the package, where it is not installed")
if dbutils.widgets.get("source"):
    sys.path.insert(0, dbutils.widgets.get("source"))

from vigia import bundle_tables

bundle = Path(dbutils.widgets.get("bundle"))

# COMMAND ----------

# MAGIC %md
# MAGIC ## Measures, with their 95 % intervals

# COMMAND ----------

display(bundle_tables.measures(spark, bundle))

# COMMAND ----------

# MAGIC %md
# MAGIC ## Confusion matrix: decision by truth, in payments

# COMMAND ----------

display(bundle_tables.confusion(spark, bundle))

# COMMAND ----------

# MAGIC %md
# MAGIC ## By segment

# COMMAND ----------

display(bundle_tables.segments(spark, bundle))

# COMMAND ----------

# MAGIC %md
# MAGIC ## ROC, precision and recall, calibration, cost

# COMMAND ----------

for figure in bundle_tables.figures(bundle):
    display(figure)
