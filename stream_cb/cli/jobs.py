"""How many processes share the work, where the user does not say."""

from __future__ import annotations

import os
from collections.abc import Sequence

# Below this a run is over before more processes pay.
_WORTH_IT_BYTES = 16 << 20


def usual_jobs(inputs: Sequence[str]) -> int:
    """The number of cores, or 1 if there is little to read, or a pipe."""
    from stream_cb.errors import InputError
    from stream_cb.inputs import list_sized, size_of

    size = 0
    for name in inputs:
        if name == "-":
            return 1
        for file in list_sized(name):
            if not isinstance(file, InputError):
                size += size_of(file)
            if size >= _WORTH_IT_BYTES:
                return _cores()
    return 1


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
