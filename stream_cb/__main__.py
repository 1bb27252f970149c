"""The command `stream-cb`, which is also `python -m stream_cb`."""

from __future__ import annotations

import gc
from typing import NoReturn


def main() -> NoReturn:
    """Run the command and exit.

    Cycles are not looked for while modules load, which make none that could be freed: it would take a tenth of the time
    until the work begins. A run sets up the collector as it needs it; see `pipeline.set_up_process`.
    """
    gc.set_threshold(100_000, 50, 100)
    from stream_cb.cli import main as run_command

    run_command()


if __name__ == "__main__":
    main()
