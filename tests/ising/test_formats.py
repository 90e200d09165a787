"""Readers: each format against its meaning, real G-set files, speed, and the corpus of malformed files."""

import contextlib
import itertools
import json
import os
import time
from pathlib import Path

import dimod
import numpy as np
import pytest

from hwpy.formats.errors import quote
from hwpy.ising.coloring import color
from hwpy.ising.formats import FORMATS, InputError, read
from hwpy.ising.instances import generate
from tests.ising.bad_input import BAD_INPUT
from tests.ising.test_model import COEFFICIENTS, all_states

FOLDER = Path(__file__).parent / "bad_input"
GSET = Path(__file__).parents[3] / "shared" / "data" / "gset"


@pytest.fixture
def write(tmp_path):
    def write(name, text):
        path = tmp_path / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write


def test_rudy(write):
    model = read(write("a.txt", "4 4 \n1 2 \n3 2 -5  \n\n1\t4 +2\r\n3 4 0\n\n"))
    assert model.nodes == 4
    assert model.max_cut
    assert list(zip(model.row, model.col, -model.coupling, strict=True)) == [
        (0, 1, 1),
        (0, 3, 2),
        (1, 2, -5),
        (2, 3, 0),
    ]
    assert model.cut_value([1, -1, -1, 1]) == 1 + 0
    assert model.name.endswith("a.txt")


def test_rudy_without_edges_and_without_last_newline(write):
    assert read(write("a.rudy", "3 0")).edges == 0
    assert read(write("b.rudy", "2 1\n1 2 7")).coupling.tolist() == [-7]


def test_edge_list(write):
    model = read(write("a.txt", "# J and h\n0 2 0.5 # inline\n\n1 1 -1.5\n1 0 .25\n3 2 1e0\n"))
    assert (model.nodes, model.scale, model.offset) == (4, 0.25, 0.0)
    assert (model.coupling * model.scale).tolist() == [0.25, 0.5, 1.0]
    assert (model.field * model.scale).tolist() == [0, -1.5, 0, 0]
    assert model.energy([1, 1, 1, 1]) == -(0.25 + 0.5 + 1.0) + 1.5
    assert not model.max_cut


def qubo_text(bqm):
    labels = sorted(bqm.variables)
    lines = ["c a comment 1_000", f"p qubo 0 {len(labels)} {len(labels)} {bqm.num_interactions}"]
    lines += [f"{v} {v} {bqm.linear[v]!r}" for v in labels]
    lines += [f"{u} {v} {bias!r}" for (u, v), bias in bqm.quadratic.items()]
    return "\n".join(lines).replace("np.float64(", "").replace(")", "") + "\n"


@pytest.mark.parametrize("kind", COEFFICIENTS)
@pytest.mark.parametrize("seed", range(3))
def test_qubo_and_bqm_have_the_energies_of_dimod(write, kind, seed):
    rng = np.random.default_rng(seed)
    for vartype in ("BINARY", "SPIN"):
        bqm = dimod.BinaryQuadraticModel(vartype)
        for v in range(7):
            bqm.add_linear(v, COEFFICIENTS[kind](rng))
        for pair in itertools.combinations(range(7), 2):
            if rng.integers(2):
                bqm.add_quadratic(*pair, COEFFICIENTS[kind](rng))
        states = all_states(7)
        samples = states if vartype == "SPIN" else (states + 1) // 2
        reference = bqm.energies((samples, range(7)))
        files = [write("a.json", json.dumps(bqm.to_serializable()))]
        if vartype == "BINARY":
            files.append(write("a.qubo", qubo_text(bqm)))
        for path in files:
            model = read(path)
            assert model.labels is None
            assert np.abs(model.energy(states) - reference).max() < 1e-12 + 4 * 28 * model.rounding


def test_bqm_labels_and_offset(write):
    bqm = dimod.BinaryQuadraticModel({"b": 1, ("a", 2): 0.5}, {("b", ("a", 2)): -1}, 1.5, "SPIN")
    document = bqm.to_serializable()
    for text in (json.dumps(document), json.dumps(document, indent=1)):
        model = read(write("a", text))
        assert model.to_bqm() == bqm
        assert set(model.labels) == {"b", ("a", 2)}
    document["version"] = {"dimod": "0.8.0", "bqm_schema": "2.0.2"}
    del document["offset"], document["num_variables"]
    assert read(write("a", json.dumps(document))).offset == 0


def test_large_and_tiny_values(write):
    model = read(write("a.edges", "0 1 1e12\n1 2 -1e-7\n2 3 1e-400\n"))
    assert model.rounding <= 1e6
    assert model.energy([1, 1, 1, 1]) == pytest.approx(-1e12)
    many = "".join(f"{k} {k + 1} {10**12 - k}\n" for k in range(1000))
    assert read(write("b.edges", many)).rounding == 0


@pytest.mark.parametrize(
    ("text", "format"),
    [("2 1\n1 2 1\n", "rudy"), ("0 1 1\n", "edges"), ("c x\np qubo 0 2 0 0\n", "qubo")],
)
def test_format_by_content_and_by_name(write, text, format):
    guessed = read(write("a", text))
    told = read(write("a.json", text), format)
    assert guessed.nodes == told.nodes == 2
    assert guessed.max_cut == (format == "rudy")


def test_unknown_format(write):
    with pytest.raises(ValueError, match="must be one of rudy, qubo, bqm, edges, not 'mps'"):
        read(write("a", "2 0\n"), "mps")


@pytest.mark.skipif(not GSET.is_dir(), reason="the G-set is not beside this checkout")
@pytest.mark.parametrize(
    ("name", "nodes", "edges"),
    [("G1", 800, 19176), ("G11", 800, 1600), ("G14", 800, 4694), ("G48", 3000, 6000), ("G81", 20000, 40000)],
)
def test_gset(name, nodes, edges):
    model = read(GSET / f"{name}.txt")
    assert (model.nodes, model.edges) == (nodes, edges)
    assert model.max_cut
    if name == "G48":  # bipartite, so all edges can be cut
        assert model.cut_value(1 - 2 * color(model)) == 6000


def test_a_million_edges_take_seconds(write):
    model = generate("random:100000:1000000:1")
    columns = zip((model.row + 1).tolist(), (model.col + 1).tolist(), strict=True)
    path = write("a.rudy", "100000 1000000\n" + "".join(f"{i} {j} 1\n" for i, j in columns))
    start = time.perf_counter()
    again = read(path)
    assert time.perf_counter() - start < 15  # 1 s on a free core
    assert (again.row == model.row).all()
    assert (again.col == model.col).all()


def test_corpus_is_complete():
    files = {path.name for path in FOLDER.iterdir() if path.is_file()}
    assert files - {"__init__.py", ".gitattributes"} == set(BAD_INPUT)
    assert len(BAD_INPUT) >= 48


@pytest.mark.parametrize("name", BAD_INPUT)
def test_bad_input(name):
    line, fragment = BAD_INPUT[name]
    with pytest.raises(InputError) as caught:
        read(FOLDER / name)
    message = str(caught.value)
    assert caught.value.line == line
    assert message.startswith(f"{FOLDER / name}:{line}: ")
    assert fragment in message
    assert message.isprintable()
    assert len(caught.value.what) < 250
    assert "expected" in message or "found" in message


def test_brackets_nested_too_deep(write):
    with pytest.raises(InputError, match=r"a\.json:1: .* nested too deep"):
        read(write("a.json", "[" * 1_000_000))


def test_files_that_cannot_be_opened(tmp_path):
    with pytest.raises(InputError, match="found no file of this name"):
        read(tmp_path / "absent.rudy")
    with pytest.raises(InputError, match="found a directory"):
        read(tmp_path)
    with pytest.raises(InputError, match="cannot be read"):
        read("a\0b")
    with pytest.raises(InputError, match="found a NUL character"):
        read("/dev/zero")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable_file(write):
    path = write("secret.rudy", "2 0\n")
    path.chmod(0)
    with pytest.raises(InputError, match="may not be read"):
        read(path)


def test_file_name_cannot_forge_a_message(tmp_path):
    path = tmp_path / "a\nb:1: fine\x1b[0m"
    path.write_text("")
    with pytest.raises(InputError) as caught:
        read(path)
    assert str(caught.value).isprintable()


def test_cut_short_anywhere_is_an_input_error_or_a_model(write):
    """Every prefix of a good file, and every file with one byte changed, ends in a model or an InputError."""
    bqm = dimod.BinaryQuadraticModel({"a": 1, "b": 0.5}, {("a", "b"): -1}, 1.5, "BINARY")
    texts = {
        "rudy": "3 2\n1 2 1\n2 3 -1\n",
        "edges": "# x\n0 1 0.5\n1 1 2e3\n",
        "qubo": "c x\np qubo 0 3 1 1\n0 0 1.5\n0 1 -1\n",
        "bqm": json.dumps(bqm.to_serializable()),
    }
    assert set(texts) == set(FORMATS)
    rng = np.random.default_rng(1)
    for format, text in texts.items():
        data = text.encode()
        variants = [data[:end] for end in range(len(data))]
        for _ in range(150):
            at, byte = int(rng.integers(len(data))), bytes([int(rng.integers(256))])
            variants.append(data[:at] + byte + data[at + 1 :])
        for variant in variants:
            path = write("a", variant)
            with contextlib.suppress(InputError):  # any other exception fails the test
                assert read(path, format).nodes >= 1


def test_quote():
    assert quote("a b") == "'a b'"
    assert quote("\x1b[0m\n") == r"'\x1b[0m\n'"
    assert quote("x" * 100) == f"'{'x' * 40}'... (100 characters)"
    assert quote("\u202e") == r"'\u202e'"
    assert len(quote(10**100)) < 60
