"""
How the Fraud Detection Handbook measures a model: a week of training, a week until labels are known, a week of test.

Le Borgne, Siblini, Lebichot, Bontempi, *Reproducible Machine Learning for Credit Card Fraud Detection*, ULB, 2022:
chapter 3 (splits, known cards), chapter 4 (Card Precision), chapter 5 (prequential validation).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from vigia.errors import BadInput
from vigia.evaluation import ranking_metrics
from vigia.rows import Rows

FIRST_DAY = date(2018, 4, 1)
TRAIN_DAYS = DELAY_DAYS = TEST_DAYS = 7
TOP = 100

# First day of training.
SINGLE_SPLIT = date(2018, 7, 25)
VALIDATION_WEEKS = tuple(date(2018, *month_day) for month_day in ((6, 20), (6, 27), (7, 4), (7, 11)))
TEST_WEEKS = tuple(date(2018, *month_day) for month_day in ((7, 25), (8, 1), (8, 8), (8, 15)))


@dataclass(frozen=True, slots=True)
class Cards:
    """
    Transactions in time order: `features` [n, F]; the rest [n]. `days` counts from FIRST_DAY, `labels` has 1 for fraud.
    """

    features: NDArray[np.float32]
    labels: NDArray[np.int8]
    customers: NDArray[np.int64]
    days: NDArray[np.int64]
    amounts_cents: NDArray[np.float64]

    def rows(self, index: NDArray[np.intp]) -> Rows:
        return Rows(self.features[index], self.labels[index], self.amounts_cents[index], np.ones(len(index)))


@dataclass(frozen=True, slots=True)
class Fold:
    """Indices of the transactions to train on and to test on."""

    train: NDArray[np.intp]
    test: NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Figures:
    """Area under the ROC curve, average precision, Card Precision@100."""

    auc: float
    ap: float
    cp100: float


# Margins [m] of the test rows of a fold, by a model trained on its training rows.
Scorer = Callable[[Fold], NDArray[np.float32]]


def fold_of(cards: Cards, start: date, from_day: int | None = None) -> Fold:
    """
    The fold whose training week begins at `start`; with `from_day`, in days from FIRST_DAY, training begins there.

    A test day has no transaction of a customer who is known to be compromised: by a fraud in the training week, or
    from its end to 8 days before that test day. Raises BadInput where training or test lack one of the two classes.
    """
    first = (start - FIRST_DAY).days
    end = first + TRAIN_DAYS
    train = np.flatnonzero((cards.days >= (first if from_day is None else from_day)) & (cards.days < end))
    fraud = cards.labels == 1
    parts = []
    for day in range(TEST_DAYS):
        known = cards.customers[fraud & (cards.days >= first) & (cards.days < end + day)]
        of_day = np.flatnonzero(cards.days == end + DELAY_DAYS + day)
        parts.append(of_day[~np.isin(cards.customers[of_day], known)])
    test = np.concatenate(parts)
    for name, part in (("training", train), ("test", test)):
        if not 0 < cards.labels[part].sum() < len(part):
            raise BadInput(f"the {name} of the fold that begins on {start} lacks frauds or others: give the whole data")
    return Fold(train, test)


def measure(cards: Cards, fold: Fold, scores: NDArray[np.float32]) -> Figures:
    """Of scores [m] of the fold's test rows, any monotone scale."""
    test = fold.test
    ranking = ranking_metrics(cards.labels[test], scores)
    precision = card_precision(scores, cards.labels[test], cards.customers[test], cards.days[test])
    return Figures(ranking["roc_auc"], ranking["average_precision"], precision)


def mean(figures: Sequence[Figures]) -> Figures:
    return Figures(*(float(np.mean([getattr(each, name) for each in figures])) for name in Figures.__slots__))


def card_precision(
    scores: NDArray[np.float32],
    labels: NDArray[np.int8],
    customers: NDArray[np.int64],
    days: NDArray[np.int64],
    top: int = TOP,
) -> float:
    """
    Mean over days of the share of compromised customers among the `top` ones with the highest maximum score of the
    day. A customer found compromised is looked at no more on later days. Of equal scores the lower id comes first.
    """
    found: NDArray[np.int64] = np.empty(0, np.int64)
    shares = []
    for day in np.unique(days):
        rows = np.flatnonzero((days == day) & ~np.isin(customers, found))
        cards, card_of_row = np.unique(customers[rows], return_inverse=True)
        highest = np.full(len(cards), -np.inf)
        np.maximum.at(highest, card_of_row, scores[rows])
        compromised = np.bincount(card_of_row, labels[rows], len(cards)) > 0
        chosen = np.argsort(-highest, kind="stable")[:top]
        detected = cards[chosen[compromised[chosen]]]
        shares.append(len(detected) / top)
        found = np.concatenate([found, detected])
    return float(np.mean(shares))
