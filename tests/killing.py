"""A run that is killed at a call of the operating system, for the tests of what a run leaves behind."""

from __future__ import annotations

import itertools
import os
import signal
from collections.abc import Callable
from typing import Any


def is_killed_at(run: Callable[[], object], call: str, number: int, *, of: Any = os) -> bool:
    """Run in a process that is killed at the n-th call of that function; False if it came to its end.

    of: the module or the class that has the function; by itself the operating system's.
    """
    child = os.fork()
    if child == 0:
        counter = itertools.count(1)
        original = getattr(of, call)

        def counted(*arguments: Any, **options: Any) -> Any:
            if next(counter) == number:
                if call == "write":  # half of it gets there
                    original(arguments[0], bytes(arguments[1])[: len(arguments[1]) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
            return original(*arguments, **options)

        setattr(of, call, counted)
        try:
            run()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)
