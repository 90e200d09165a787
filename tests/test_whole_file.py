"""A file is replaced when it is whole; an error or an interrupt leaves the old one, and nothing beside it."""

from pathlib import Path

import pytest

from trijunction.whole_file import whole_file


def test_it_takes_its_place_when_it_is_finished(tmp_path):
    path = tmp_path / "x"
    path.write_text("old")
    with whole_file(path) as unfinished:
        Path(unfinished).write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_what_stops_the_writing_leaves_the_old_file(error, tmp_path):
    path = tmp_path / "x"
    path.write_text("old")

    def write():
        with whole_file(path) as unfinished:
            Path(unfinished).write_text("ha")
            raise error

    with pytest.raises(error):
        write()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
