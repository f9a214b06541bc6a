"""`vigia-handbook`: writes the transactions of the Fraud Detection Handbook, or of another world of their kind."""

import argparse
import gzip
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from vigia.arguments import whole
from vigia.errors import BadInput
from vigia.handbook import SEEDS, Progress, Transactions, World, generate

CSV_NAME = "transactions.csv.gz"
PARQUET_NAME = "transactions.parquet"


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    world = World(options.customers, options.terminals, options.days, options.seed)
    try:
        check_target(options.out)
        transactions = generate(world, teller())
        write(transactions, options.out, parquet=options.parquet)
    except (BadInput, OSError) as error:
        print(f"vigia-handbook: {error}", file=sys.stderr)
        return 2
    frauds = int((transactions.scenarios > 0).sum())
    print(f"{options.out / CSV_NAME}: {len(transactions)} transactions, {frauds} frauds", flush=True)
    return 0


def check_target(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise BadInput(f"{out} is no folder: give the folder to write {CSV_NAME} into")
    out.mkdir(parents=True, exist_ok=True)


def write(transactions: Transactions, out: Path, *, parquet: bool = False) -> None:
    """Writes into the folder `out`, each file aside and then renamed. The same transactions give the same bytes."""
    table = as_table(transactions)

    def csv(path: Path) -> None:
        # Neither a name nor a time in the header: the bytes depend on the rows alone.
        with path.open("wb") as file, gzip.GzipFile("", "wb", mtime=0, fileobj=file) as packed:
            pa.csv.write_csv(table, packed, pa.csv.WriteOptions(quoting_style="none", quoting_header="none"))

    aside(out / CSV_NAME, csv)
    if parquet:
        aside(out / PARQUET_NAME, lambda path: pq.write_table(table, path))


def as_table(transactions: Transactions) -> pa.Table:
    return pa.table(
        {
            "t_seconds": transactions.seconds,
            "customer_id": transactions.customers,
            "terminal_id": transactions.terminals,
            "amount_cents": transactions.cents,
            "scenario": transactions.scenarios,
        }
    )


def aside(path: Path, write_to: Callable[[Path], None]) -> None:
    part = path.with_name(f"{path.name}.part")
    try:
        write_to(part)
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)


def teller(every_s: float = 10) -> Progress:
    """Tells of each thing's end, and of what is done in between at most once in so many seconds."""
    told_at = time.monotonic()

    def tell(what: str, done: int, total: int) -> None:
        nonlocal told_at
        if done == total or time.monotonic() - told_at >= every_s:
            told_at = time.monotonic()
            print(f"{what}: {done} of {total}", flush=True)

    return tell


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(
        prog="vigia-handbook",
        description="Writes the card transactions of the Fraud Detection Handbook; by default the published ones.",
        epilog="Exit codes: 0 done, 1 a fault of this program, 2 a bad argument or a folder that can't be written.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    option = result.add_argument
    standard = World()
    option("out", type=Path, metavar="OUT", help=f"folder for {CSV_NAME}")
    option("--parquet", action="store_true", help=f"also write {PARQUET_NAME}")
    option("--customers", type=whole(3, 1_000_000), default=standard.customers, help="number of customers")
    option("--terminals", type=whole(2, 1_000_000), default=standard.terminals, help="number of terminals")
    option("--days", type=whole(1, 3_650), default=standard.days, help="number of days")
    option("--seed", type=whole(0, SEEDS - 1), default=standard.seed, help="0 is the published world")
    return result


if __name__ == "__main__":
    sys.exit(main())
