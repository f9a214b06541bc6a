"""The lake: the ledger's new events to Bronze, Silver and Gold."""

from datetime import timedelta
from typing import Any

from airflow.sdk import Asset, CronTriggerTimetable, Param, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from vigia_airflow import lake
from vigia_airflow.cause import GOLD
from vigia_airflow.defaults import TASKS

BRONZE = Asset(name="vigia_bronze", uri="vigia://lake/bronze")
SILVER = Asset(name="vigia_silver", uri="vigia://lake/silver")
LAYER: dict[str, Any] = {"execution_timeout": timedelta(hours=3)}

DOC = """
### Fill the lake
**Starts** every hour at minute 10. Exports what came to the ledger since the last run, then runs `vigia-lake` layer by
layer. Each step goes on behind what it has, so a run that was killed or comes twice adds nothing twice.

**Emits** an asset a layer. `vigia://lake/gold` only where Gold grew; `pix_retrain` listens to it.

**Fails** for good where too many rows are not what was declared (`quarantine_share`): look into the quarantine table.
"""


@dag(
    dag_id="pix_lake",
    schedule=CronTriggerTimetable("10 * * * *", timezone="UTC"),
    catchup=False,
    max_active_runs=1,
    default_args=TASKS,
    dagrun_timeout=timedelta(hours=6),
    doc_md=DOC,
    tags=["vigia", "lake"],
    params={
        "feature_set": Param("pix", enum=["pix", "handbook"], description="Feature set of Gold."),
        "format": Param("parquet", enum=["parquet", "delta"], description="Of the tables."),
        "quarantine_share": Param(
            0.05, type="number", minimum=0, maximum=1, description="More bad rows than that stop Silver."
        ),
        "threads": Param(2, type="integer", minimum=1, maximum=256, description="Cores of Spark."),
        "memory_mb": Param(4_096, type="integer", minimum=512, description="Greatest heap of the JVM, MiB."),
    },
)
def pix_lake() -> None:
    @task(**LAYER)
    def export() -> str:
        """New events of the ledger as files."""
        return lake.export()

    @task(**LAYER, outlets=[BRONZE])
    def bronze() -> dict[str, Any]:
        """The files, as they came."""
        return run("bronze")

    @task(**LAYER, outlets=[SILVER])
    def silver() -> dict[str, Any]:
        """Typed, checked, one row a payment."""
        return run("silver", "--quarantine-share", str(params()["quarantine_share"]))

    @task(**LAYER)
    def gold() -> dict[str, Any]:
        """Vectors and labels."""
        return run("gold", "--features", params()["feature_set"])

    @task(outlets=[GOLD])
    def grown(counts: dict[str, Any]) -> int:
        """Tells those who listen to Gold; skipped, which tells nobody, where there is nothing new."""
        if counts["vectors"] == 0:
            raise AirflowSkipException("Gold has no new rows")
        return int(counts["vectors"])

    filled = gold()
    export() >> bronze() >> silver() >> filled
    grown(filled)


def params() -> dict[str, Any]:
    """Parameters of the run."""
    return dict(get_current_context()["params"])


def run(layer: str, *flags: str) -> dict[str, Any]:
    """A layer, with the settings that all have."""
    given = params()
    common = ("--format", given["format"], "--threads", str(given["threads"]), "--memory-mb", str(given["memory_mb"]))
    return lake.layer(layer, *common, *flags)


pix_lake()
