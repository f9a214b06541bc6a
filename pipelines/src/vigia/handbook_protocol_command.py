"""`vigia-handbook-protocol`: our model beside the ones that the Fraud Detection Handbook publishes, by its protocol."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vigia.calibration import Platt
from vigia.errors import BadInput
from vigia.handbook_cards import read_cards
from vigia.handbook_command import CSV_NAME
from vigia.handbook_model import Recipe
from vigia.handbook_protocol import (
    SINGLE_SPLIT,
    TEST_WEEKS,
    VALIDATION_WEEKS,
    Cards,
    Figures,
    fold_of,
    mean,
    measure,
)
from vigia.handbook_recipes import BOOK_XGBOOST, CANDIDATES, CHOSEN, PLATFORM, PLATFORM_FROM_DAY, PUBLISHED
from vigia.onnx_graph import Scorer, calibrated

Say = Callable[[str], None]
AS_IT_IS = Platt(slope=1.0, intercept=0.0)


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)

    def say(line: str) -> None:
        print(line, flush=True)

    try:
        say("reading the transactions and computing their features")
        cards, further = read_cards(options.data)
        result = search(cards, options.search, say) if options.search else benchmark(cards, further, say)
    except (BadInput, OSError) as error:
        print(f"vigia-handbook-protocol: {error}", file=sys.stderr)
        return 2
    print(json.dumps(result), flush=True)
    return 0


def search(cards: Cards, names: str, say: Say) -> dict[str, dict[str, float]]:
    """Figures of candidates on the validation weeks, which are all that may choose among them."""
    chosen = [recipe for recipe in CANDIDATES if names == "all" or recipe.name in names.split(",")]
    if not chosen:
        raise BadInput(f"--search {names}: there are {', '.join(recipe.name for recipe in CANDIDATES)}")
    return {recipe.name: rounded(mean(by_week(recipe, cards, VALIDATION_WEEKS, say))) for recipe in chosen}


def benchmark(cards: Cards, further: NDArray[np.float32], say: Say) -> dict[str, dict[str, float]]:
    book = by_week(BOOK_XGBOOST, cards, TEST_WEEKS, say)
    ours = by_week(CHOSEN, cards, TEST_WEEKS, say)
    # Further features behind the 15, of which the ratios are made.
    wide = Cards(
        np.concatenate([cards.features, further], axis=1),
        cards.labels,
        cards.customers,
        cards.days,
        cards.amounts_cents,
    )
    platform = by_week(PLATFORM, wide, TEST_WEEKS, say, from_day=PLATFORM_FROM_DAY)
    single = ours[TEST_WEEKS.index(SINGLE_SPLIT)]
    say("")
    say("AUC ROC / average precision / Card Precision@100")
    for name, of_single, of_weeks in PUBLISHED:
        say(f"{name:<42} single split {of_single:<22} four test weeks {of_weeks}")
    say(row("the handbook's XGBoost, trained here", book[TEST_WEEKS.index(SINGLE_SPLIT)], mean(book)))
    say(row(f"ours: {CHOSEN.name}", single, mean(ours)))
    say("another protocol: training on all days before, further features")
    say(row(f"platform: {PLATFORM.name}", platform[TEST_WEEKS.index(SINGLE_SPLIT)], mean(platform)))
    return {
        "single": rounded(single),
        "four_weeks": rounded(mean(ours)),
        "book_xgboost": rounded(mean(book)),
        "platform": rounded(mean(platform)),
    }


def by_week(
    recipe: Recipe, cards: Cards, starts: Sequence[date], say: Say, from_day: int | None = None
) -> list[Figures]:
    """Figures of each fold, scored by the model's ONNX graph."""
    figures = []
    for start in starts:
        fold = fold_of(cards, start, from_day)
        fitted = recipe.fit(cards.rows(fold.train))
        _, margins = Scorer(calibrated(fitted.graph(), AS_IT_IS)).score(cards.features[fold.test])
        figures.append(measure(cards, fold, margins))
        say(f"{recipe.name}, training week of {start}: {told(figures[-1])}")
    say(f"{recipe.name}, mean of {len(starts)} weeks: {told(mean(figures))}")
    return figures


def told(figures: Figures) -> str:
    return f"{figures.auc:.3f} / {figures.ap:.3f} / {figures.cp100:.3f}"


def row(name: str, single: Figures, weeks: Figures) -> str:
    return f"{name:<42} single split {told(single):<22} four test weeks {told(weeks)}"


def rounded(figures: Figures) -> dict[str, float]:
    return {name: round(value, 4) for name, value in asdict(figures).items()}


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(
        prog="vigia-handbook-protocol",
        description="Trains and measures by the handbook's protocol; the last line is JSON.",
        epilog="Exit codes: 0 done, 1 a fault of this program, 2 data that can't be used.",
    )
    option = result.add_argument
    option(
        "--data", type=Path, required=True, metavar="FOLDER", help=f"folder of {CSV_NAME}, as vigia-handbook makes it"
    )
    option("--search", metavar="NAMES", help="only the validation weeks, for these candidates, by commas, or `all`")
    return result


if __name__ == "__main__":
    sys.exit(main())
