"""What tests of events share."""

from __future__ import annotations

import pytest

from tests.lanes import Lanes


@pytest.fixture
def lanes(monkeypatch: pytest.MonkeyPatch) -> Lanes:
    return Lanes(monkeypatch)
