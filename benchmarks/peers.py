"""What else one would use: the shortest fair program of each library, run as `peers.py NAME INPUT OUTPUT`.

Each streams where its library can, and writes one JSON line a record, so that counting lines compares them. The
bare ones parse and keep nothing: the floor under whoever uses that parser; they write as many empty lines. No
library is imported but the one asked for, and none of ours.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any


def orjson_lines(source: Path, target: Path) -> None:
    """orjson.loads and dumps, line by line."""
    orjson = import_module("orjson")
    with source.open("rb") as lines, target.open("wb") as out:
        out.writelines(orjson.dumps(orjson.loads(line)) + b"\n" for line in lines)


def ijson_array(source: Path, target: Path) -> None:
    """ijson.items over the elements of an array, then orjson.dumps."""
    _ijson(source, target, "item", several=False)


def ijson_documents(source: Path, target: Path) -> None:
    """ijson.items over documents back to back, then orjson.dumps."""
    _ijson(source, target, "", several=True)


def _ijson(source: Path, target: Path, prefix: str, *, several: bool) -> None:
    ijson, orjson = import_module("ijson"), import_module("orjson")
    with source.open("rb") as stream, target.open("wb") as out:
        # Its Decimals are beyond orjson; floats lose digits, and are the faster way too.
        documents = ijson.items(stream, prefix, multiple_values=several, use_float=True)
        out.writelines(orjson.dumps(document) + b"\n" for document in documents)


def iterparse_batch(source: Path, target: Path) -> None:
    """lxml.iterparse over a wrapped batch, each record walked into dicts, then orjson.dumps."""
    etree, orjson = import_module("lxml.etree"), import_module("orjson")
    with target.open("wb") as out:
        for _, element in etree.iterparse(str(source), tag="Response"):
            out.write(orjson.dumps(_walk(element)) + b"\n")
            element.clear(keep_tail=False)
            while element.getprevious() is not None:
                del element.getparent()[0]


def lxml_lines(source: Path, target: Path) -> None:
    """lxml.fromstring on each line, known beforehand to be one document, walked into dicts, then orjson.dumps."""
    etree, orjson = import_module("lxml.etree"), import_module("orjson")
    with target.open("wb") as out:
        out.writelines(orjson.dumps(_walk(etree.fromstring(frame))) + b"\n" for frame in _frames(source))


def _walk(element: Any) -> Any:
    """Children by name, repeated ones as a list, a leaf as its text."""
    if len(element) == 0:
        return element.text or ""
    payload: dict[str, Any] = {}
    for child in element:
        name, value = child.tag, _walk(child)
        if name not in payload:
            payload[name] = value
        elif isinstance(payload[name], list):
            payload[name].append(value)
        else:
            payload[name] = [payload[name], value]
    return payload


def lxml_bare(source: Path, target: Path) -> None:
    """lxml.fromstring on each line that is a document, and nothing else."""
    fromstring = import_module("lxml.etree").fromstring
    _count_frames(fromstring, source, target)


def orjson_bare(source: Path, target: Path) -> None:
    """orjson.loads on each line, and nothing else."""
    loads = import_module("orjson").loads
    _count_frames(loads, source, target)


def _count_frames(parse: Any, source: Path, target: Path) -> None:
    count = 0
    for frame in _frames(source):
        parse(frame)
        count += 1
    with target.open("wb") as out:
        out.write(b"\n" * count)


def _frames(source: Path) -> Iterator[bytes]:
    """The lines that are a document each; the declaration and the tags of a wrapper have lines of their own."""
    with source.open("rb") as lines:
        for line in lines:
            if len(line) > 64:
                yield line


def xmltodict_batch(source: Path, target: Path) -> None:
    """xmltodict.parse with a callback for each record of a wrapped batch, then orjson.dumps."""
    xmltodict, orjson = import_module("xmltodict"), import_module("orjson")
    with source.open("rb") as stream, target.open("wb") as out:

        def write(_path: Any, document: Any) -> bool:
            out.write(orjson.dumps(document) + b"\n")
            return True

        xmltodict.parse(stream, item_depth=2, item_callback=write)


def xmltodict_lines(source: Path, target: Path) -> None:
    """xmltodict.parse on each line, known beforehand to be one document, then orjson.dumps."""
    _xmltodict_lines("xmltodict", source, target)


def xmltodict_rs_lines(source: Path, target: Path) -> None:
    """xmltodict_rs.parse, which does not stream, on each line, then orjson.dumps."""
    _xmltodict_lines("xmltodict_rs", source, target)


def _xmltodict_lines(module: str, source: Path, target: Path) -> None:
    xmltodict, orjson = import_module(module), import_module("orjson")
    with target.open("wb") as out:
        out.writelines(orjson.dumps(xmltodict.parse(frame)) + b"\n" for frame in _frames(source))


def duckdb_lines(source: Path, target: Path) -> None:
    """DuckDB's read_json to its JSON writer; all cores, a schema guessed from a sample."""
    query = f"COPY (FROM read_json('{source}', format='newline_delimited')) TO '{target}' (FORMAT json)"
    import_module("duckdb").sql(query)


def polars_lines(source: Path, target: Path) -> None:
    """Polars' scan_ndjson to sink_ndjson; all cores, a schema guessed from the first 100 rows."""
    import_module("polars").scan_ndjson(source).sink_ndjson(target)


if __name__ == "__main__":
    globals()[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
