"""The figures' command: names, one-line errors, and pictures that are the same each time."""

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from trijunction.figures import draw_all, names

ROOT = Path(__file__).resolve().parent.parent


def _run(*arguments):
    command = [sys.executable, "-m", "trijunction.figures", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_every_figure_has_a_title_line_and_draws():
    assert {"junction_states", "telegraph_statistics"} <= set(names())
    for name in names():
        module = import_module(f"trijunction.figures.{name}")
        assert module.__doc__
        assert callable(module.draw)


def test_a_figure_is_a_png_of_at_least_800_pixels_and_the_same_each_time(tmp_path):
    (first,) = draw_all(tmp_path / "a", ["junction_rates"])
    (second,) = draw_all(tmp_path / "b", ["junction_rates"])
    data = first.read_bytes()
    assert data.startswith(b"\x89PNG")
    assert int.from_bytes(data[16:20], "big") >= 800
    assert second.read_bytes() == data
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["junction_rates.png"]


def test_an_unknown_name_is_refused_before_anything_is_drawn(tmp_path):
    with pytest.raises(ValueError, match=r"figure must be one of .*, not 'nothing'"):
        draw_all(tmp_path / "new", ["junction_rates", "nothing"])
    assert not (tmp_path / "new").exists()


def test_the_command_has_one_line_errors(tmp_path):
    unknown = _run("nothing", "--out", str(tmp_path))
    assert unknown.returncode == 2
    assert re.fullmatch(r"trijunction: figure must be one of .*, not 'nothing'\n", unknown.stderr)
    (tmp_path / "file").write_text("")
    blocked = _run("junction_rates", "--out", str(tmp_path / "file"))
    assert blocked.returncode == 2
    assert blocked.stderr.count("\n") == 1
    assert "expected a directory to write to" in blocked.stderr
