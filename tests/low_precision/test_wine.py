"""Binary perceptrons: the sums and gradient against plain ones, crossbars without defects, and the Wine data."""

import numpy as np
import pytest
from scipy import stats

from hwpy.low_precision.binary import sign
from hwpy.low_precision.binary_perceptron import OnCrossbar, Perceptron, gradients, ideal, initial, scores, train
from hwpy.low_precision.crossbar import Crossbar, CrossbarParameters
from hwpy.low_precision.wine import ALL_DEFECTS, load, measured, on_crossbars

PERCEPTRON = Perceptron()


@pytest.fixture(scope="module")
def data():
    return load()


@pytest.fixture(scope="module")
def solutions(data):
    start = initial(PERCEPTRON, 40, np.random.default_rng(1))
    return train(PERCEPTRON, data.train, data.train_class, start)


def _weights(seed, count):
    return [sign(w) for w in initial(PERCEPTRON, count, np.random.default_rng(seed))]


def test_scores_are_those_of_a_plain_network(data):
    (first, second), hits, losses = _weights(1, 1), [], []
    for x, wanted in zip(data.test, data.test_class, strict=True):
        hidden = np.tanh(0.25 * (x @ first[0, :13] + first[0, 13] + first[0, 14]))
        sums = 2 * (hidden @ (second[0, :7] + second[0, 7:14]) + second[0, 14])
        hits.append(sums.argmax() == wanted)
        losses.append(-np.log(np.exp(sums[wanted]) / np.exp(sums).sum()))
    found, loss = scores(PERCEPTRON, data.test, data.test_class, [first, second])
    assert found == pytest.approx([np.mean(hits)])
    assert loss == pytest.approx([np.mean(losses)])


def test_gradients_are_those_of_differences(data):
    weights = initial(PERCEPTRON, 1, np.random.default_rng(2))
    _, slopes = gradients(PERCEPTRON, data.train, data.train_class, [ideal(w) for w in weights])
    for layer, slope in enumerate(slopes):
        for place in ((0, 0, 0), (0, 5, 1), (0, 9, 2), (0, 14, 0)):
            losses = []
            for change in (1e-4, -1e-4):
                changed = [w.copy() for w in weights]
                changed[layer][place] += change
                losses.append(scores(PERCEPTRON, data.train, data.train_class, changed)[1][0])
            assert slope[place] == pytest.approx((losses[0] - losses[1]) / 2e-4, rel=1e-4, abs=1e-9)


def test_crossbars_without_defects_give_the_scores_of_the_weights(data):
    weights = _weights(3, 4)
    layers = [OnCrossbar(Crossbar(CrossbarParameters(), 4, np.random.default_rng(4))) for _ in weights]
    on, off = (scores(PERCEPTRON, data.test, data.test_class, weights, where) for where in (layers, None))
    assert (on[0] == off[0]).all()
    assert on[1] == pytest.approx(off[1])


def test_only_crossbars_with_new_weights_are_written_again():
    layer = OnCrossbar(Crossbar(CrossbarParameters(write_error=0.2), 2, np.random.default_rng(5)))
    weights = _weights(6, 2)[0]
    before = layer(weights)[0].copy()
    weights[1, 0, 0] *= -1
    after = layer(weights)[0]
    assert (before[0] == after[0]).all()
    assert (before[1] != after[1]).sum() > 10


def test_weights_that_do_not_fit_are_refused():
    layer = OnCrossbar(Crossbar(CrossbarParameters(15, 13), 1, np.random.default_rng(7)))
    with pytest.raises(ValueError, match="15 inputs and 7 neurons do not fit 15 rows x 13 columns"):
        layer(_weights(8, 1)[0])
    with pytest.raises(ValueError, match="15 rows must hold the 16 features"):
        Perceptron(features=16)


def test_the_test_half_says_nothing_to_training_and_classes_are_alike(data):
    assert data.train.mean(axis=0) == pytest.approx(0, abs=0.05)
    assert abs(data.train).max() <= 1
    assert len(data.train) == len(data.test) == 89
    assert abs(np.bincount(data.train_class) - np.bincount(data.test_class)).max() <= 1


def test_training_gives_what_was_drawn_in_its_best_step(data):
    start = initial(PERCEPTRON, 3, np.random.default_rng(10))
    latent, drawn = train(PERCEPTRON, data.train, data.train_class, start, draws=(lambda w: w, lambda w: w), steps=10)
    assert all((one == other).all() for one, other in zip(latent, drawn, strict=True))
    losses = [scores(PERCEPTRON, data.train, data.train_class, w)[1] for w in (start, drawn)]
    assert (losses[1] < losses[0]).all()
    with pytest.raises(ValueError, match="training steps must be positive, not 0"):
        train(PERCEPTRON, data.train, data.train_class, start, steps=0)


def test_software_solutions_reach_95_per_cent(data, solutions):
    assert np.median(measured(PERCEPTRON, data, solutions[1]).test) >= 0.95


def test_retraining_in_the_loop_mends_what_the_transfer_broke(data, solutions):
    """Paired signed-rank test, level 0.001; without defects the same test finds nothing to mend."""
    transferred, retrained = on_crossbars(PERCEPTRON, data, *solutions, ALL_DEFECTS, seed=9)
    assert stats.wilcoxon(retrained.test, transferred.test, alternative="greater").pvalue < 0.001
    assert np.median(transferred.test) < np.median(measured(PERCEPTRON, data, solutions[1]).test)
    assert retrained.test.max() >= 0.95
