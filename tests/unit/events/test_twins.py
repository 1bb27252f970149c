"""Promises of twins: one callback is one event, in XML and in both generations of JSON, and no leaf of it is lost."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream_cb.events import OPERATIONS, encode_lines
from stream_cb.events.shape import slots_of
from stream_cb.events.workflow_finish import WorkflowFinish
from stream_cb.generate import to_json, to_pretty_json, to_pretty_xml, to_xml
from tests.callback_trees import TIMES, Tree, filled, filled_job, jobs, sent, trees
from tests.decoding import read_all, read_back

WRITERS: dict[str, Callable[[Tree], bytes]] = {
    "xml": to_xml,
    "pretty xml": to_pretty_xml,
    "new json": to_json,
    "old json": lambda tree: to_json(tree, generation="old"),
    "pretty new json": to_pretty_json,
    "pretty old json": lambda tree: to_pretty_json(tree, generation="old"),
}


def leaves(tree: Any) -> Counter[str]:
    """How often each text stands in a tree, written as text."""
    if isinstance(tree, dict):
        return sum(map(leaves, tree.values()), Counter())
    if isinstance(tree, (list, tuple)):
        return sum(map(leaves, tree), Counter())
    text = str(tree).lower() if isinstance(tree, bool) else str(tree)
    return Counter([TIMES.get(text, text)])


def check_twins(tree: Tree) -> None:
    """Every form of the callback gives the same events, without a note, and their lines hold every leaf."""
    found = {name: read_all(write(tree), strict=True) for name, write in WRITERS.items()}
    events, letters = found.pop("xml")
    assert not letters
    for name, twin in found.items():
        assert twin == (events, []), name
    assert not any(event.misfits or event.extra for event in events)
    written = leaves([json.loads(line) for line in encode_lines(events).splitlines()])
    assert leaves(tree) - written == Counter()
    assert read_back(events) == events


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("tag", OPERATIONS)
def test_a_job_with_every_field_is_one_event_in_every_form(tag: str, count: int) -> None:
    check_twins({"EventName": "TaskFinish", "JobsDetail": [filled_job(tag, count)]})


@settings(max_examples=8)
@pytest.mark.parametrize("tag", OPERATIONS)
@given(data=st.data())
def test_any_jobs_of_a_tag_are_the_same_events_in_every_form(tag: str, data: st.DataObject) -> None:
    listed = data.draw(st.lists(jobs(tag), min_size=1, max_size=2))
    check_twins({"EventName": "TaskFinish", "JobsDetail": listed})


@pytest.mark.parametrize("count", [1, 3])
def test_a_workflow_with_every_field_is_one_event_in_every_form(count: int) -> None:
    number = itertools.count()
    execution = {name: filled(slot.rule, count, number) for name, slot in sent(slots_of(WorkflowFinish)).items()}
    check_twins({"EventName": "WorkflowFinish", "WorkflowExecution": execution})


@settings(max_examples=60)
@given(execution=trees(sent(slots_of(WorkflowFinish)), fewest=1, most=12))
def test_any_workflow_is_the_same_event_in_every_form(execution: Tree) -> None:
    check_twins({"EventName": "WorkflowFinish", "WorkflowExecution": execution})
