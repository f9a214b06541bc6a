"""Every family passes the same suite."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import optuna
import pytest
from sklearn.metrics import average_precision_score

from vigia.calibration import Platt
from vigia.errors import BadInput
from vigia.families import SINGLE_FAMILIES, Fitted
from vigia.families.blend import best_weights, fit_blend, members_of, weights_of
from vigia.onnx_graph import Scorer, calibrated
from vigia.parameters import Parameters, with_values
from vigia.rows import Rows

FEATURES = 6
PARAMETERS = Parameters(trees=60, neural_epochs=8, neural_units=16)


def some_rows(seed: int, count: int = 4_000) -> Rows:
    """
    About 4 % frauds, told by a long-tailed feature that is missing at times, one with a large mean and one whose
    missing values tell; one is noise, one constant, one always missing.
    """
    random = np.random.default_rng(seed)
    tailed, level = random.lognormal(5, 2, count), random.normal(1e6, 10, count)
    risk = random.normal(size=count)
    log_odds = -4.5 + 0.5 * (np.log(tailed) - 5) + 0.1 * (level - 1e6) + risk
    hidden = np.where(random.random(count) < 1 / (1 + np.exp(-risk)), np.nan, 1.0)
    tailed[random.random(count) < 0.1] = np.nan
    columns = [tailed, level, hidden, random.normal(size=count), np.full(count, 3.0), np.full(count, np.nan)]
    labels = (random.random(count) < 1 / (1 + np.exp(-log_odds))).astype(np.int8)
    return Rows(np.column_stack(columns).astype(np.float32), labels, np.full(count, 100.0), np.ones(count))


ROWS, OTHERS = some_rows(1), some_rows(2)


def fit_single(name: str) -> Callable[[Rows, Parameters], Fitted]:
    return lambda rows, parameters: SINGLE_FAMILIES[name].fit(rows, parameters, lambda _: None)


def fit_mixed(rows: Rows, parameters: Parameters) -> Fitted:
    return fit_blend(list(SINGLE_FAMILIES.values()), [0.5, 0.2, 0.3], rows, parameters, lambda _: None)


FITS = {**{name: fit_single(name) for name in SINGLE_FAMILIES}, "blend": fit_mixed}


@pytest.fixture(scope="module", params=list(FITS))
def fitted(request: pytest.FixtureRequest) -> tuple[str, Fitted]:
    return request.param, FITS[request.param](ROWS, PARAMETERS)


def test_graph_answers_what_the_model_does(fitted: tuple[str, Fitted]) -> None:
    _, model = fitted
    scorer = Scorer(calibrated(model.graph(), Platt(1.0, 0.0)))
    limit = np.finfo(np.float32).max
    corners = np.array([[np.nan] * FEATURES, [limit] * FEATURES, [-limit] * FEATURES, [0.0] * FEATURES], np.float32)
    for features in (OTHERS.features, corners):
        _, margins = scorer.score(features)
        assert np.isfinite(margins).all()
        own = model.margins(features)
        np.testing.assert_allclose(margins, own, rtol=1e-5, atol=2e-5)


def test_it_ranks_frauds_it_has_not_seen(fitted: tuple[str, Fitted]) -> None:
    _, model = fitted
    found = average_precision_score(OTHERS.labels, model.margins(OTHERS.features))
    assert found > 2.5 * OTHERS.labels.mean()


def test_the_same_seed_gives_the_same_graph_with_any_number_of_threads(fitted: tuple[str, Fitted]) -> None:
    name, model = fitted
    again = FITS[name](ROWS, replace(PARAMETERS, threads=2))
    assert again.graph().SerializeToString(deterministic=True) == model.graph().SerializeToString(deterministic=True)


def test_importances_are_shares_of_what_tells(fitted: tuple[str, Fitted]) -> None:
    _, model = fitted
    shares = model.importances()
    if shares is None:
        return
    assert shares.sum() == pytest.approx(1)
    assert shares[4] == shares[5] == 0
    assert shares[:3].sum() > shares[3]


@pytest.mark.parametrize("name", SINGLE_FAMILIES)
def test_genuine_rows_of_weight_3_draw_the_margins_down(name: str) -> None:
    some = Rows(ROWS.features, ROWS.labels, ROWS.amounts_cents, np.where(ROWS.labels == 0, 3.0, 1.0))
    parameters = replace(PARAMETERS, row_share=1.0, column_share=1.0)
    light = FITS[name](ROWS, parameters).margins(OTHERS.features)
    heavy = FITS[name](some, parameters).margins(OTHERS.features)
    assert np.mean(heavy) < np.mean(light) - 0.3


@pytest.mark.parametrize("name", SINGLE_FAMILIES)
def test_every_point_of_the_search_space_fits_the_parameters(name: str) -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
    family = SINGLE_FAMILIES[name]
    for _ in range(20):
        values = family.suggest(study.ask())
        assert set(values) <= set(family.parameters)
        with_values(Parameters(), values)


def test_no_two_families_read_the_same_parameter() -> None:
    names = [name for family in SINGLE_FAMILIES.values() for name in family.parameters]
    assert len(names) == len(set(names))


def test_weights_of_a_blend_are_those_with_the_best_mean_average_precision() -> None:
    random = np.random.default_rng(3)
    folds = []
    for seed in (1, 2):
        rows = some_rows(seed, 600)
        good = rows.labels + random.normal(size=600)
        other = rows.labels + random.normal(size=600)
        folds.append(([good, -rows.labels.astype(np.float64), other], rows))
    weights, scores = best_weights(folds, None)
    assert weights[1] == 0
    assert 0.3 <= weights[0] <= 0.7
    assert sum(weights) == pytest.approx(1)
    alone = best_weights(folds, [1.0, 0.0, 0.0])
    assert alone[0] == [1.0, 0.0, 0.0]
    assert np.mean(scores) > np.mean(alone[1])


def test_a_member_of_weight_0_is_not_in_the_graph() -> None:
    families = list(SINGLE_FAMILIES.values())
    blend = fit_blend(families, [0.0, 1.0, 0.0], ROWS, PARAMETERS, lambda _: None)
    assert len(blend.members) == 1
    alone = FITS["logistic"](ROWS, PARAMETERS).margins(OTHERS.features)
    assert np.corrcoef(blend.margins(OTHERS.features), alone)[0, 1] == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("members", ["xgboost", "xgboost,xgboost", "xgboost,forest", ""])
def test_members_that_cannot_be_blended_are_refused(members: str) -> None:
    with pytest.raises(BadInput, match="name two or more of xgboost, logistic, neural"):
        members_of(Parameters(blend_members=members), SINGLE_FAMILIES)


@pytest.mark.parametrize("weights", ["1", "0,0", "1,-1", "a,b", "1,nan", "1,2,3"])
def test_weights_that_are_none_are_refused(weights: str) -> None:
    with pytest.raises(BadInput, match="write a number from 0 for each"):
        weights_of(Parameters(blend_weights=weights), 2)


def test_cuda_without_the_cuda_build_says_what_to_install() -> None:
    with pytest.raises(BadInput, match=r"--no-group cpu --group cuda"):
        FITS["xgboost"](ROWS, Parameters(device="cuda"))


def test_cuda_grows_no_exact_trees() -> None:
    with pytest.raises(BadInput, match="runs on the CPU only"):
        FITS["xgboost"](ROWS, Parameters(device="cuda", tree_method="exact"))
