"""`python -m stream_cb` is the command `stream-cb`."""

from __future__ import annotations

from stream_cb.cli import main

if __name__ == "__main__":
    main()
