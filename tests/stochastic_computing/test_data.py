"""IDX files as MNIST's description has them, bad ones, and the digits."""

import gzip
import struct

import numpy as np
import pytest

from hwpy.formats.errors import InputError
from hwpy.stochastic_computing.data import digits, load, mnist, read_idx


def idx(*shape, data=None, magic=None):
    """The bytes of an IDX file."""
    head = bytes((0, 0, 8, len(shape))) if magic is None else magic
    return head + struct.pack(f">{len(shape)}I", *shape) + (bytes(range(int(np.prod(shape)))) if data is None else data)


def test_the_bytes_are_in_row_order(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(idx(2, 3, 4))
    np.testing.assert_array_equal(read_idx(path, 3), np.arange(24).reshape(2, 3, 4))
    (tmp_path / "x.gz").write_bytes(gzip.compress(idx(2, 3, 4), mtime=0))
    np.testing.assert_array_equal(read_idx(tmp_path / "x.gz", 3), read_idx(path, 3))


BAD = {
    "empty": (b"", "expected the IDX magic number 00000803, found nothing"),
    "floats": (idx(1, 1, 1, magic=b"\0\0\x0d\3"), "expected the IDX magic number 00000803, found 00000d03"),
    "labels": (idx(4), "expected the IDX magic number 00000803, found 00000801"),
    "gzip": (gzip.compress(idx(1, 1, 1), mtime=0), "expected the IDX magic number 00000803, found 1f8b08"),
    "short header": (idx(2, 3, 4)[:9], "expected an IDX header of 16 bytes, found 9"),
    "truncated": (idx(2, 3, 4)[:-1], "expected 24 bytes after the header, found 23"),
    "too long": (idx(2, 3, 4) + b"x", "expected 24 bytes after the header, found more"),
    "none": (idx(0, 3, 4), "found a header that gives 0"),
    "huge": (idx(2**31, 2**31, 9, data=b""), "expected 1 to 1073741824 elements"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_one_line(name, tmp_path):
    content, message = BAD[name]
    path = tmp_path / "x"
    path.write_bytes(content)
    with pytest.raises(InputError) as error:
        read_idx(path, 3)
    assert message in str(error.value)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (gzip.compress(idx(2, 3, 4), mtime=0)[:-12], "cut short"),
        (idx(2, 3, 4), "expected a gzip file"),
        (b"\x1f\x8b\x08" + bytes(30), "gzip file"),
    ],
    ids=["short", "not gzip", "zeros"],
)
def test_a_bad_gzip_file_is_one_line(content, message, tmp_path):
    path = tmp_path / "x.gz"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_idx(path, 3)


def test_missing_files_and_counts_that_differ(tmp_path):
    with pytest.raises(InputError, match="expected a directory of IDX files"):
        load(str(tmp_path / "nothing"))
    with pytest.raises(InputError, match=r"t10k-images-idx3-ubyte or t10k-images-idx3-ubyte\.gz in it"):
        mnist(tmp_path)
    (tmp_path / "t10k-images-idx3-ubyte").write_bytes(idx(2, 3, 4))
    (tmp_path / "t10k-labels-idx1-ubyte").write_bytes(idx(3))
    with pytest.raises(InputError, match="expected 2 labels as t10k-images-idx3-ubyte has images, found 3"):
        mnist(tmp_path)


def test_the_digits_are_a_third_held_out():
    test, train = digits("test"), digits("train")
    assert (len(test), len(train), test.pixels.shape[1:]) == (599, 1198, (8, 8))
    assert test.pixels.max() == 255  # 16 of 16
    assert len({image.tobytes() for image in test.pixels} & {image.tobytes() for image in train.pixels}) == 0
