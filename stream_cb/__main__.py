"""The command `stream-cb`, which is also `python -m stream_cb`."""

from __future__ import annotations

from typing import NoReturn

from stream_cb.process import end_process, set_up_process


def main() -> NoReturn:
    """Run the command and exit.

    Set up before the modules load: to look among them for cycles, of which there are none that could be freed, would
    take a tenth of the time until the work begins.
    """
    set_up_process()
    from stream_cb.cli import main as run_command

    try:
        run_command()
    except SystemExit as ended:
        code = ended.code
    end_process(code if isinstance(code, int) else 1)


if __name__ == "__main__":
    main()
