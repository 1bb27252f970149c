"""The memory of a process that reads: how often cycles are looked for, what the allocator keeps, and its end."""

from __future__ import annotations

import atexit
import gc
import os
import sys
import threading
from typing import NoReturn

# Freed once, it makes the allocator keep twice as much: more than a few chunks and what becomes of them.
_LARGE_BLOCK_BYTES = 4 << 20


def set_up_process() -> None:
    """Set up the memory of a process that does nothing but read: the command's, or a worker's.

    May be called again, once more modules are there: none of them will be looked at for cycles.

    Cycles are looked for rarely. Events are freed by their reference counts and hold none, and looking for some among
    them would cost a tenth of the time.

    What a chunk has needed is kept for the next one. The C library of Linux gives the end of its heap back as soon as
    128 KiB there are free, so that every chunk would pay for each of its pages anew, an eighth of the time. Once a
    large block was freed, it waits for twice as much (mallopt(3), on M_MMAP_THRESHOLD).
    """
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
    bytes(_LARGE_BLOCK_BYTES)  # never touched, so it takes no memory


def end_process(code: int) -> NoReturn:
    """End the process as `sys.exit` does, but without taking apart what it holds.

    All of it was closed by then, and Python would free it piece by piece: for that, and for a last look for cycles, a
    short run would need a twentieth of its time. What was registered for the end is called, and what was printed goes
    out. Beside other threads, or where the streams refuse, it ends as usual.
    """
    if threading.active_count() == 1:
        atexit._run_exitfuncs()
        try:
            for stream in filter(None, (sys.stdout, sys.stderr)):
                stream.flush()
        except (OSError, ValueError):
            sys.exit(code)
        os._exit(code)
    sys.exit(code)
