"""Hypothesis profiles; HYPOTHESIS_PROFILE=ci|long chooses another than the default one.

No profile has a deadline: how long an example takes says more about the machine than about the code.
"""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("dev", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.register_profile("long", deadline=None, max_examples=2_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))
