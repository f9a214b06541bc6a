"""
`vigia-version-data`: a folder of data into DVC, or back from it by version.

Prints the version, which training names in its run (tag `vigia.data_version`). Exit codes: 0 done; 1 a fault of this
program; 2 a bad argument or no such data; 4 the remote does not answer: the same command may be tried again.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from vigia.arguments import matching
from vigia.data_store import VERSION, restore, store
from vigia.errors import BadInput, TrackingUnavailable


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    try:
        if options.restore is None:
            print(store(options.folder, options.remote))
        else:
            restore(options.folder, options.restore, options.remote)
            print(options.restore)
    except (BadInput, TrackingUnavailable) as error:
        print(f"vigia-version-data: {error}", file=sys.stderr)
        return 2 if isinstance(error, BadInput) else 4
    return 0


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(
        prog="vigia-version-data",
        description="Puts a training set or snapshot under DVC, copies it to the remote and prints its version.",
        epilog="Exit codes: 0 done, 1 a program fault, 2 bad input, 4 the remote is away.",
    )
    option = result.add_argument
    option("folder", type=Path, help="its parent becomes the data repository")
    option("--restore", type=matching(VERSION), metavar="VERSION", help="bring this version back as the folder")
    option("--remote", metavar="PLACE", help="folder, s3://bucket/path or the like; kept for the next time")
    return result


if __name__ == "__main__":
    sys.exit(main())
