"""`python -m tests.fuzz_matcher EXTENSION SECONDS [SEED]`: damaged records through both matchers, until time is up.

EXTENSION is a `_matcher` built with sanitizers, as `make fuzz-matcher` does it, which also preloads their library. They
end the process at the first byte read or written where it should not be; a difference between the matchers ends it too.
Buffers are cut to their very length, so that the first byte behind one is nobody's.
"""

from __future__ import annotations

import sys
from importlib.machinery import ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from random import Random
from time import monotonic

NAME = "stream_cb._matcher"


def load(path: str) -> None:
    """Take the extension at that path for ours."""
    spec = spec_from_file_location(NAME, path, loader=ExtensionFileLoader(NAME, path))
    assert spec
    assert spec.loader
    module = sys.modules[NAME] = module_from_spec(spec)
    spec.loader.exec_module(module)


def main(seconds: float, seed: int) -> int:
    """Cases from that seed on, until time is up; 1 if the matchers differ in one."""
    from tests.matchers import TAGS, changed, record_of, shape_of, together

    end = monotonic() + seconds
    count = lines = 0
    while monotonic() < end:
        rng = Random(seed + count)
        is_full, is_pretty = rng.random() < 0.6, rng.random() < 0.3
        shape = together(
            shape_of(rng.choice(TAGS), is_full=is_full, is_pretty=is_pretty, is_json=rng.random() < 0.5)
            for _ in range(rng.choice([1, 1, 3]))
        )
        # A sound one stands before some, so that there is something in the memory that the matcher keeps.
        records = [record_of(shape.records, rng) for _ in range(rng.randint(0, 2))]
        gap, ways = rng.choice([b"\n", b"", b",", b" ,\n"]), {"are_documents": rng.random() < 0.5}
        buffer = gap.join([*records, changed(record_of(shape.records, rng), rng)])
        buffer = buffer[: rng.randrange(len(buffer) + 1)] if rng.random() < 0.3 else buffer
        position, max_bytes = rng.choice([0, 0, 0, rng.randrange(len(buffer) + 1)]), rng.choice([65_536, 65_536, 900])
        try:
            answer = shape.run(buffer, position, max_bytes, have_commas=rng.random() < 0.5, **ways)
        except Exception as error:  # noqa: BLE001  (whatever it is, it is what we look for)
            sys.stdout.write(f"seed {seed + count}: {type(error).__name__}: {str(error)[:2_000]}\n")
            return 1
        lines += len(answer[0])
        count += 1
    sys.stdout.write(f"{count} buffers from seed {seed}, {lines} lines, no difference\n")
    return 0


if __name__ == "__main__":
    load(sys.argv[1])
    sys.exit(main(float(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 0))
