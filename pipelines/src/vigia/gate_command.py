"""
`vigia-gate`: whether a bundle may have an alias. Writes `gate.json` and, for people, `gate.md`.

Exit codes: 0 the verdict is written, whatever it is; 1 a fault of this program; 2 a bad argument, bundle or training
set; 3 a graph can't score its own features; 143 ended by SIGTERM. After all but 0 nothing is written, and standard
error says what to do.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from vigia.arguments import number
from vigia.bundle import check_target, json_bytes, read_bundle, write_folder
from vigia.errors import BadInput, UnusableModel
from vigia.gate import judge
from vigia.gate_limits import DEFAULT_FILE, read_limits
from vigia.gate_report import gate_report
from vigia.progress import Progress, write_json, write_text
from vigia.termination import sigterm_raises
from vigia.training_set import load_training_set

EXIT_CODES: dict[type[Exception], int] = {BadInput: 2, UnusableModel: 3}


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    try:
        with sigterm_raises():
            run(options)
    except tuple(EXIT_CODES) as error:
        print(f"vigia-gate: {error}", file=sys.stderr)
        return EXIT_CODES[type(error)]
    return 0


def run(options: argparse.Namespace) -> None:
    write = write_json if options.json else write_text
    progress = Progress(write)
    progress.begin("gate", 1.0)
    check_target(options.out)
    limits = read_limits(options.limits)
    candidate = read_bundle(options.candidate)
    champion = None if options.champion is None else read_bundle(options.champion)
    progress.tell(f"reading {options.data}")
    data = load_training_set(options.data)
    verdict = judge(candidate, champion, data, limits, options.latency_us, tell=progress.tell)
    write_folder(
        options.out, {"gate.json": json_bytes(verdict, indent=2), "gate.md": gate_report(verdict).encode("utf-8")}
    )
    failed = [check["name"] for check in verdict["checks"] if not check["passed"]]
    progress.tell(f"gate failed: {', '.join(failed)}" if failed else "gate passed", 1.0)
    write({"kind": "result", "passed": verdict["passed"], "report": str(options.out / "gate.json")})


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(
        prog="vigia-gate",
        description="Holds a model bundle against the gate, and against the champion on the same hold-out.",
        epilog="Exit codes: 0 verdict written, 1 a fault of this program, 2 bad input, 3 unusable graph.",
    )
    option = result.add_argument
    option("--candidate", type=Path, required=True, metavar="DIR", help="the bundle to judge")
    option("--data", type=Path, required=True, metavar="DIR", help="the training set that the candidate came of")
    option("--champion", type=Path, metavar="DIR", help="the bundle that is live; without it there is none")
    option("--limits", type=Path, metavar="FILE", help=f"limits that replace those of {DEFAULT_FILE.name}, by name")
    option("--latency-us", type=number(0, 1e9), metavar="N", help="processor time of scoring one payment, in µs")
    option("--out", type=Path, required=True, metavar="DIR", help="folder to make; must not exist or be empty")
    option("--json", action="store_true", help="one JSON object a line on standard output")
    return result


if __name__ == "__main__":
    sys.exit(main())
