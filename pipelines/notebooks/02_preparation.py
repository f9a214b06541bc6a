# Databricks notebook source
# MAGIC %md
# MAGIC # 02 Preparation
# MAGIC Event files to Bronze, Silver and Gold, and a training set of Gold. These are the steps of `vigia-lake`: each
# MAGIC adds what is new, and a run that was ended is gone on with by the next.

# COMMAND ----------

import sys
from datetime import UTC, datetime
from pathlib import Path

dbutils.widgets.text("lake", "/Volumes/vigia/lake/data", "Folder of the lake")
dbutils.widgets.text("format", "delta", "parquet or delta")
dbutils.widgets.text("events", "/Volumes/vigia/lake/events", "Folder of the ledger's event files")
dbutils.widgets.text("features", "pix", "Feature set")
dbutils.widgets.text("label_delay_days", "7", "Days until a label is usually known")
dbutils.widgets.text("genuine_share", "1.0", "Share of the genuine payments that become rows")
dbutils.widgets.text("training_set", "/Volumes/vigia/lake/training-sets/latest", "Folder of the training set")
dbutils.widgets.text("source", "", "Folder of the package, where it is not installed")
if dbutils.widgets.get("source"):
    sys.path.insert(0, dbutils.widgets.get("source"))

from vigia.lake.bronze import Source, land
from vigia.lake.gold import distil, feature_set
from vigia.lake.lake import Lake
from vigia.lake.silver import refine
from vigia.lake.training_set import Sampling, write_training_set
from vigia.progress import Progress, write_text

lake = Lake(spark, Path(dbutils.widgets.get("lake")), dbutils.widgets.get("format"))
features = feature_set(dbutils.widgets.get("features"))
progress = Progress(write_text)

# COMMAND ----------

# MAGIC %md
# MAGIC ## Bronze: the lines as they came

# COMMAND ----------

source = Source("ledger", Path(dbutils.widgets.get("events")))
display(land(lake, [source], datetime.now(UTC).date(), progress))

# COMMAND ----------

# MAGIC %md
# MAGIC ## Silver: typed, once each; the rest in quarantine
# MAGIC More than 5 % of bad rows stop the run here, and nothing is written.

# COMMAND ----------

display(refine(lake, 0.05, progress))

# COMMAND ----------

# MAGIC %md
# MAGIC ## Gold: vectors by the SQL of the declared features

# COMMAND ----------

display(distil(lake, features, progress))

# COMMAND ----------

# MAGIC %md
# MAGIC ## Training set: vectors with the labels known by now

# COMMAND ----------

sampling = Sampling(float(dbutils.widgets.get("genuine_share")))
display(
    write_training_set(
        lake,
        features,
        int(dbutils.widgets.get("label_delay_days")),
        Path(dbutils.widgets.get("training_set")),
        sampling,
    )
)
