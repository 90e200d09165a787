"""All stages of the report."""

from __future__ import annotations

from boards.liberty import find_library, read_library
from boards.tools import ToolError
from trijunction.costs import asic, comparison, fpga, literature, quality, sensitivity
from trijunction.costs.currents import read_currents
from trijunction.costs.stage import Stage
from trijunction.errors import CommandError

__all__ = ["stages"]


def stages(device: str | None = None, liberty: str | None = None, currents: str | None = None) -> list[Stage]:
    """What is built, then what is sampled, then what is cited, then what follows from them.

    The files, a user's own: a junction, a library of standard cells, and currents of the iCE40 builds. Raises
    InputError or CommandError for one that cannot be read.
    """
    if liberty:
        try:
            read_library(find_library(liberty))
        except ToolError as error:
            raise CommandError(f"report: --liberty {error}") from error
    return [
        *fpga.stages(read_currents(currents) if currents else None),
        *asic.stages(liberty),
        *quality.stages(),
        *literature.stages(literature.read_device(device) if device else None),
        *comparison.stages(),
        *sensitivity.stages(),
    ]
