"""Models as files, and the commands train and infer."""

import json
import subprocess
import sys

import numpy as np
import pytest

from hwpy.formats.errors import InputError
from hwpy.stochastic_computing.inference import wilson
from hwpy.stochastic_computing.model import Model
from tests.stochastic_computing.test_fast import convolutional_model
from trijunction.cli import main
from trijunction.commands.infer import MODELS
from trijunction.figures.or_accuracy import RECORD


def infer(capsys, *arguments):
    assert main(["infer", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_interval_is_wilsons():
    """The 95 % score interval of 10 in 100, as by statsmodels' documentation and textbooks: 0.0552 to 0.1744."""
    assert wilson(10, 100) == pytest.approx((0.0552, 0.1744), abs=5e-5)
    assert wilson(0, 10)[0] == 0
    assert wilson(10, 10)[1] == 1


def test_a_model_comes_back_from_its_file(tmp_path):
    model = convolutional_model(7)
    model.save(tmp_path / "m.npz")
    back = Model.load(tmp_path / "m.npz")
    assert (back.layers, back.input_bits, back.isolation) == (model.layers, 3, 7)
    for one, other in zip(back.kernels, model.kernels, strict=True):
        np.testing.assert_array_equal(one, other)


def _spoil(path, **changes):
    with np.load(path) as archive:
        arrays = dict(archive)
    about = json.loads(str(arrays["about"]))
    arrays["about"] = np.array(json.dumps({**about, **changes.pop("about", {})}))
    np.savez(path, **{name: array for name, array in {**arrays, **changes}.items() if array is not None})


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_text("not an archive"),
        lambda path: path.write_bytes(path.read_bytes()[:200]),
        lambda path: _spoil(path, kernel_1=None),
        lambda path: _spoil(path, kernel_0=np.zeros((4, 3, 2, 2), np.int16)),
        lambda path: _spoil(path, kernel_0=np.full((4, 3, 2, 1), 999, np.int16)),
        lambda path: _spoil(path, kernel_0=np.zeros((4, 3, 2, 1))),
        lambda path: _spoil(path, kernel_0=np.zeros(4, np.int16)),
        lambda path: _spoil(path, about={"layers": 3}),
        lambda path: _spoil(path, about={"input_bits": 9}),
        lambda path: np.savez(path, about=np.array([{}], dtype=object)),
    ],
)
def test_a_bad_model_file_is_one_line_and_status_2(spoil, tmp_path, capsys):
    path = tmp_path / "m.npz"
    convolutional_model().save(path)
    spoil(path)
    with pytest.raises(InputError, match=r"m\.npz: expected a model file"):
        Model.load(path)
    assert main(["infer", str(path), "digits"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_digits_reach_their_accuracy_and_the_engines_agree(capsys):
    record = infer(capsys, "digits")
    low, high = record["accuracy_interval"]
    assert record["images"] == 599
    assert record["float_accuracy"] >= 0.97
    assert low < record["accuracy"] < high
    assert record["accuracy"] > 0.95
    # 64 numbers loaded, 36 beats of latency, 256 counted, 10 classes compared in two stages and a clock to decide.
    assert record["cycles_per_inference"] == 64 + (1 + 2 + 31 + 2) + 256 + 12
    golden = infer(capsys, "digits", "--engine", "golden", "--images", "8")
    assert golden["classes"] == record["classes"][:8]


def test_a_generator_of_few_bits_costs_accuracy(capsys):
    """One of 31 states for 64 words of 4 bits and 64 of 8 must be worse than one of 65,535."""
    narrow, wide = (infer(capsys, "digits", "--entropy", f"lfsr:{width}", "--length", "512") for width in (5, 16))
    assert narrow["accuracy_interval"][1] < wide["accuracy_interval"][0]


def test_stopping_early_saves_beats_and_little_accuracy(capsys):
    whole = infer(capsys, "digits", "--entropy", "smtj")
    early = infer(capsys, "digits", "--entropy", "smtj", "--confidence", "0.9")
    assert early["mean_length"] < 0.7 * whole["mean_length"]
    assert early["accuracy"] > whole["accuracy"] - 0.02


def test_junctions_read_too_fast_cost_accuracy(capsys):
    slow = infer(capsys, "digits", "--entropy", "smtj", "--length", "64")
    fast = infer(capsys, "digits", "--entropy", "smtj", "--length", "64", "--clock-dwell", "0.05")
    assert fast["correlation"] == pytest.approx(np.exp(-0.1))
    assert fast["accuracy_interval"][1] < slow["accuracy_interval"][0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["digits", "--clock-dwell", "1"], "--clock-dwell is of smtj"),
        (["digits", "--confidence", "1"], "is not above 0 and below 1"),
        (["digits", "--entropy", "lfsr:2"], "'lfsr:2' is not lfsr, lfsr:WIDTH (3 to 24), sobol, xoshiro or smtj"),
        (["digits", "nowhere"], "nowhere: expected a directory of IDX files"),
        (["nothing.npz"], "nothing.npz: expected a model file, found no file of this name"),
        (["fashion", "digits"], "images must be 28 x 28 pixels for this model, not 8 x 8"),
    ],
)
def test_bad_usage_is_one_line_and_status_2(arguments, message, capsys):
    assert main(["infer", *arguments]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_the_figures_record_is_of_the_shipped_models():
    record = json.loads(RECORD.read_text())
    for name, measured in record["models"].items():
        assert measured["float"] == Model.load(MODELS / f"{name}.npz").provenance["float_accuracy"]
        at = record["lengths"].index(256)
        assert measured["right"]["SMTJ ideal"][at] / measured["images"] > measured["float"] - 0.01  # the target


def test_inference_needs_no_pytorch(tmp_path):
    # A package in its place that cannot be imported: None in sys.modules makes SciPy stumble.
    (tmp_path / "torch.py").write_text("raise ImportError")
    code = "import sys; sys.path.insert(0, sys.argv.pop(1)); from trijunction.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", code, str(tmp_path)]
    assert subprocess.run([*command, "infer", "digits", "--json"], capture_output=True).returncode == 0
    missing = subprocess.run([*command, "train", "digits", "x.npz"], capture_output=True, text=True)
    assert missing.returncode == 2
    assert missing.stderr == "trijunction: train: needs PyTorch: pip install 'trijunction[train]'\n"
