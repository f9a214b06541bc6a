"""Against the authors' data, which is not part of this repository: in HANDBOOK_DATA, or beside the checkout."""

import os
from pathlib import Path

import numpy as np
import pytest
from pyarrow import csv

from vigia.handbook import World, generate
from vigia.handbook_command import as_table

BESIDE = Path(__file__).parents[3] / "shared/data/fdh"
FOLDER = Path(os.environ.get("HANDBOOK_DATA") or BESIDE)
PUBLISHED = FOLDER / "transactions.csv.gz"


@pytest.mark.skipif(not PUBLISHED.is_file(), reason=f"{PUBLISHED} is missing: set HANDBOOK_DATA to the folder it is in")
def test_every_column_of_every_row() -> None:
    published = csv.read_csv(PUBLISHED)
    made = as_table(generate(World()))
    assert made.column_names == published.column_names
    assert made.num_rows == published.num_rows == 1_754_155
    different = {
        name: int((made[name].to_numpy() != published[name].to_numpy()).sum()) for name in published.column_names
    }
    assert different == dict.fromkeys(published.column_names, 0)
    # The frauds that the authors count in their chapter 3.
    assert np.bincount(made["scenario"].to_numpy()).tolist() == [1_739_474, 973, 9_077, 4_631]
