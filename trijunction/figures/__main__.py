"""`python -m trijunction.figures [NAME ...] [--out DIRECTORY]` draws the figures of the documents."""

from __future__ import annotations

import argparse
import sys

from trijunction.figures import draw_all, names


def main() -> int:
    """Draws; exit status 2 and one line for an unknown name or a directory that cannot be written."""
    parser = argparse.ArgumentParser(prog="python -m trijunction.figures", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"default all: {', '.join(names())}")
    parser.add_argument("--out", default="docs/figures", help="directory (default docs/figures)")
    arguments = parser.parse_args()
    try:
        for path in draw_all(arguments.out, arguments.names or None):
            print(path, flush=True)
    except ValueError as error:
        print(f"trijunction: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"trijunction: {arguments.out}: expected a directory to write to: {error.strerror}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
