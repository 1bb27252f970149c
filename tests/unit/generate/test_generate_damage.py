"""Promises of the damage: a damaged document does not parse, whatever was done to it."""

from __future__ import annotations

import itertools
import json
from random import Random
from typing import Any

import pytest
from lxml import etree

from stream_cb.generate import callbacks, to_json, to_pretty_json, to_pretty_xml, to_xml
from stream_cb.generate.damage import JSON_DAMAGE, XML_DAMAGE, damage_document

TREES = list(itertools.islice(callbacks(seed=12), 300))


@pytest.mark.parametrize("write", [to_xml, to_pretty_xml])
@pytest.mark.parametrize("kind", XML_DAMAGE)
def test_damaged_xml_does_not_parse(write: Any, kind: str) -> None:
    rng = Random(1)
    for tree in TREES:
        raw = XML_DAMAGE[kind](write(tree), rng)
        assert raw
        assert not raw.endswith(b"\n")
        if kind == "doctype":
            assert b"<!DOCTYPE" in raw
            assert etree.fromstring(raw).tag == "Response"
        else:
            with pytest.raises(etree.XMLSyntaxError):
                etree.fromstring(raw)


@pytest.mark.parametrize("write", [to_json, to_pretty_json])
@pytest.mark.parametrize("generation", ["old", "new"])
@pytest.mark.parametrize("kind", JSON_DAMAGE)
def test_damaged_json_does_not_parse(write: Any, generation: str, kind: str) -> None:
    rng = Random(1)
    for tree in TREES:
        raw = JSON_DAMAGE[kind](write(tree, generation=generation), rng)
        assert raw
        assert not raw.endswith(b"\n")
        with pytest.raises((json.JSONDecodeError, UnicodeDecodeError)):
            json.loads(raw)


@pytest.mark.parametrize(("write", "kinds"), [(to_xml, XML_DAMAGE), (to_json, JSON_DAMAGE)])
def test_every_kind_of_damage_occurs(write: Any, kinds: dict[str, Any]) -> None:
    rng = Random(2)
    assert {damage_document(write(tree), rng)[0] for tree in TREES} == set(kinds)


def test_damage_is_seeded() -> None:
    raw = to_xml(TREES[0])
    assert damage_document(raw, Random(3)) == damage_document(raw, Random(3))
