"""Promises of the writers: twins have equal leaves, and each form is what its reader expects."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest
from lxml import etree

from stream_cb.generate import callbacks, to_json, to_pretty_json, to_pretty_xml, to_xml

TREES = list(itertools.islice(callbacks(seed=11), 400))
TREE = {
    "EventName": "TaskFinish",
    "JobsDetail": [{"Message": "", "Note": "a  & <b> ", "JobLevel": 0, "One": ["x"], "None": [], "Emptied": {"A": {}}}],
}


def xml_leaves(element: Any, path: str = "") -> Iterator[tuple[str, str]]:
    for child in element:
        inner = f"{path}/{child.tag}"
        if len(child):
            yield from xml_leaves(child, inner)
        elif child.text:
            yield inner, child.text


def leaves(node: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        for name, child in node.items():
            yield from leaves(child, f"{path}/{name}")
    elif isinstance(node, list):
        for child in node:
            yield from leaves(child, path)
    elif node != "":
        yield path, str(node)


def lists(node: Any, path: str = "") -> Iterator[str]:
    if isinstance(node, dict):
        for name, child in node.items():
            yield from lists(child, f"{path}/{name}")
    elif isinstance(node, list):
        yield f"{path}:{len(node)}"
        for child in node:
            yield from lists(child, path)


def test_twins_have_equal_leaves() -> None:
    for tree in TREES:
        expected = list(leaves(tree))
        assert list(xml_leaves(etree.fromstring(to_xml(tree)))) == expected
        assert list(xml_leaves(etree.fromstring(to_pretty_xml(tree)))) == expected
        assert list(leaves(json.loads(to_json(tree)))) == expected
        assert list(leaves(json.loads(to_json(tree, generation="old")))) == expected
        assert list(leaves(json.loads(to_pretty_json(tree)))) == expected


def test_xml_keeps_empty_elements_and_escapes_text() -> None:
    assert to_xml(TREE).decode() == (
        "<Response><EventName>TaskFinish</EventName><JobsDetail><Message/><Note>a  &amp; &lt;b&gt; </Note>"
        "<JobLevel>0</JobLevel><One>x</One><None/><Emptied><A/></Emptied></JobsDetail></Response>"
    )


def test_plain_and_escaped_trees_are_written_alike() -> None:
    plain = {"EventName": "TaskFinish", "JobsDetail": TREE["JobsDetail"][0] | {"Note": "a"}}  # type: ignore[operator]
    odd = plain | {"Last": "&"}
    assert to_xml(odd) == to_xml(plain).replace(b"</Response>", b"<Last>&amp;</Last></Response>")


def test_json_leaves_out_what_is_empty() -> None:
    job = {"Note": "a  & <b> ", "JobLevel": 0, "One": ["x"], "Emptied": {}}
    assert json.loads(to_json(TREE)) == {"EventName": "TaskFinish", "JobsDetail": [job]}


def test_the_old_generation_has_an_array_only_where_something_repeats() -> None:
    job = {"Note": "a  & <b> ", "JobLevel": 0, "One": "x", "Emptied": {}}
    assert json.loads(to_json(TREE, generation="old")) == {"EventName": "TaskFinish", "JobsDetail": job}
    for tree in TREES:
        assert not any(path.endswith((":0", ":1")) for path in lists(json.loads(to_json(tree, generation="old"))))


def test_the_new_generation_has_its_arrays_always() -> None:
    alone = {path for tree in TREES for path in lists(json.loads(to_json(tree))) if path.endswith(":1")}
    operation = "/JobsDetail/Operation"
    assert alone >= {
        "/JobsDetail:1",
        f"{operation}/MediaInfo/Stream/Audio:1",
        f"{operation}/MediaInfo/Stream/Video:1",
        f"{operation}/MediaResult/OutputFile/Md5Info:1",
        f"{operation}/MediaResult/OutputFile/ObjectName:1",
        f"{operation}/Output/StreamExtract:1",
        "/WorkflowExecution/Tasks:1",
    }
    assert not any("PicProcessResult/ObjectName" in path for path in alone)


@pytest.mark.parametrize("write", [to_xml, to_json])
def test_compact_documents_are_one_line(write: Any) -> None:
    assert not any(b"\n" in write(tree) for tree in TREES)


@pytest.mark.parametrize("write", [to_xml, to_json, to_pretty_xml, to_pretty_json])
def test_documents_end_with_themselves(write: Any) -> None:
    assert all(write(tree)[-1:] in (b">", b"}") for tree in TREES)
