"""Promises of the path table: how each type takes a value is derived from the Structs, which are documented whole."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from stream_cb.events import OPERATIONS, CosHeader, Notes, Operation, Output, StreamOutput, TaskFinish, Workflow
from stream_cb.events.decode import job_slots
from stream_cb.events.fits import is_blank
from stream_cb.events.kinds import KINDS
from stream_cb.events.node import Node
from stream_cb.events.shape import build, slots_of

OWN_OPERATIONS = sorted(set(OPERATIONS.values()) - {Operation}, key=lambda kind: kind.__name__)
NODES: list[type[Node]] = [TaskFinish, Workflow, CosHeader, Operation, Output, StreamOutput, *OWN_OPERATIONS]


@pytest.mark.parametrize("kind", NODES)
def test_every_field_but_extra_has_a_slot_under_its_documented_name(kind: type[Node]) -> None:
    fields = [field for field in msgspec.structs.fields(kind) if field.name != "extra"]
    assert {slot.attribute: name for name, slot in slots_of(kind).items()} == {
        field.name: field.encode_name for field in fields
    }
    assert "" not in slots_of(kind)


def test_no_annotation_is_text_that_would_have_to_be_compiled() -> None:
    kinds: list[type] = [Node, *NODES, *KINDS.values()]
    known: set[type] = set()
    while kinds:
        kind = kinds.pop()
        if kind not in known and kind.__module__.startswith("stream_cb."):
            known.add(kind)
            kinds += kind.__subclasses__()
            texts = [name for name, hint in kind.__annotations__.items() if isinstance(hint, str)]
            assert texts == [], kind
    assert len(known) > 100


def test_documented_names_are_the_pascal_case_of_ours() -> None:
    assert list(slots_of(StreamOutput)) == ["Index", "Output"]
    assert list(slots_of(Workflow)) == ["RunId", "WorkflowId", "WorkflowName", "Name"]
    assert "Md5Info" in slots_of(next(kind for kind in Node.__subclasses__() if kind.__name__ == "OutputFile"))


def test_every_default_is_what_absent_means() -> None:
    for kind in NODES:
        for field in msgspec.structs.fields(kind):
            assert field.default in ("", (), None, {}, False), (kind, field.name)


@pytest.mark.parametrize(
    ("value", "blank"), [("", True), (" \n\t\r", True), ("x", False), ("\u3000", False), ("\xa0", False)]
)
def test_blank_is_what_xml_takes_for_white_space(value: str, blank: bool) -> None:
    assert is_blank(value) is blank


@pytest.mark.parametrize("value", [None, 0, False, [], {}, ()])
def test_only_a_text_is_blank(value: Any) -> None:
    assert not is_blank(value)


def test_an_object_in_a_list_of_one_is_that_object() -> None:
    notes = Notes()
    job = build(TaskFinish, {"Workflow": [{"RunId": "i"}]}, "", notes)
    assert job.workflow == Workflow(run_id="i")
    assert not notes.misfits


def test_a_list_fits_whole_or_not_at_all() -> None:
    notes = Notes()
    output = build(Output, {"StreamExtract": [{"Index": 1}, 2]}, "Operation.Output.", notes)
    assert (output.stream_extract, output.extra) == ((), {"StreamExtract": [{"Index": 1}, 2]})
    assert notes.misfits == {"Operation.Output.StreamExtract": 1}


def test_a_payload_is_not_changed_by_what_is_built_from_it() -> None:
    payload = {"JobId": "j", "New": {"a": [1]}, "Operation": {"b": ["c"]}}
    before = msgspec.json.encode(payload)
    build(TaskFinish, payload, "", Notes(), job_slots(""))
    assert msgspec.json.encode(payload) == before
