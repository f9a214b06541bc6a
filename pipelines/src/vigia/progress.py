"""How far a command is: lines for people, or one JSON object a line for the program that started it."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

Write = Callable[[dict[str, object]], None]


@dataclass
class Progress:
    """Stages follow each other; each takes the share of the whole command from where the last one ended."""

    write: Write
    stage: str = field(default="", init=False)
    start: float = field(default=0.0, init=False)
    end: float = field(default=0.0, init=False)

    def begin(self, stage: str, until: float) -> None:
        """`until`: share of the whole command that is done when this stage is."""
        self.stage, self.start, self.end = stage, self.end, until

    def tell(self, text: str, within: float = 0.0, **more: int | float) -> None:
        """`within`: share of the stage that is done; `more`: trial, trials, best, etaSeconds, as jobs tell them."""
        share = self.start + within * (self.end - self.start)
        self.write({"kind": "progress", "stage": self.stage, "share": round(share, 4), "text": text, **more})


def write_text(line: dict[str, object]) -> None:
    """Progress alone: what came out stands in the files and in its last lines."""
    if line["kind"] == "progress":
        print(line["text"], flush=True)


def write_json(line: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def silent() -> Progress:
    return Progress(lambda _: None)
