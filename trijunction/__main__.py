"""`python -m trijunction` is the command `trijunction`."""

import sys

from trijunction.cli import main

sys.exit(main())
