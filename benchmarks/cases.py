"""The cases: one question each, answered by one command in a process of its own.

In: the size of the inputs. Out: `Case` rows. A name is GROUP/CONTENDER; those of a group have the same input, and
`base` names the case that the ratio is against.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from benchmarks.corpus import Corpus

_OURS = ("{bin}/stream-cb",)
_CONVERT = (*_OURS, "convert", "{input}", "-o", "{output}", "-q", "--force", "--jobs", "1")
_PURE = ("/usr/bin/env", "STREAM_CB_PURE=1", *_CONVERT)
_PEERS = str(Path(__file__).with_name("peers.py"))
MB = 10**6


@dataclass(frozen=True)
class Case:
    """One row of the table.

    command: words with {bin}, {jq}, {input} and {output}; without {output} the output is its stdout.
    needs: modules ("module:duckdb") and programs ("program:jq") without which it is "not installed".
    base: the name of a case; this one's ratio is its cost per record as a share of that one's.
    is_about: "time" or "memory": what the ratio compares. rounds: 0 is as many as asked for.
    header_lines: lines of the output that are no records. may_exit: exit codes that are no failure.
    """

    name: str
    question: str
    command: tuple[str, ...]
    corpus: Corpus | None = None
    needs: tuple[str, ...] = ()
    base: str = ""
    is_about: str = "time"
    rounds: int = 0
    header_lines: int = 0
    may_exit: tuple[int, ...] = (0,)

    @property
    def group(self) -> str:
        """The part of the name that cases with the same input share."""
        return self.name.partition("/")[0]


def all_cases(size: int, *, memory_sizes: tuple[int, ...]) -> list[Case]:
    """Every case, groups together. size: of the inputs for speed, in bytes; memory_sizes: of those for memory.

    What takes its time with large inputs only is there for each of these sizes behind the second.
    """
    cases = [*_convert_cases(size), *_xml_peers(size), *_json_peers(size), *_memory_cases(memory_sizes)]
    return [*cases, *_large_cases(memory_sizes[2:]), *_start_cases()]


def choose(cases: list[Case], pattern: str) -> list[Case]:
    """The cases whose name fits the glob, and the bases that their ratios are against, in table order."""
    chosen = {case.name for case in cases if fnmatchcase(case.name, pattern)}
    bases = {case.base for case in cases if case.name in chosen}
    return [case for case in cases if case.name in chosen | bases]


def _convert_cases(size: int) -> list[Case]:
    def ours(group: str, question: str, corpus: Corpus, base: str = "") -> Case:
        return Case(f"{group}/convert", question, _CONVERT, corpus, base=base)

    csv = tuple(word.replace("{output}", "{output}.csv") for word in _CONVERT)
    two_jobs = (*_CONVERT[:-1], "2")
    files = Corpus("xml", size, files=1_000)
    mixed = Corpus("mixed", size, tags=None, damage=0.01)
    return [
        ours("xml", "XML documents back to back, to JSON Lines", Corpus("xml", size)),
        ours("xml-batch", "one XML document around all records", Corpus("xml-batch", size)),
        Case("xml/pure", "the same without the compiled matcher", _PURE, Corpus("xml", size), base="xml/convert"),
        Case(
            "xml-batch/pure",
            "the same without the compiled matcher",
            _PURE,
            Corpus("xml-batch", size),
            base="xml-batch/convert",
        ),
        ours("ndjson", "JSON Lines in and out", Corpus("ndjson", size)),
        ours("json-array", "one JSON array around all records", Corpus("json-array", size)),
        ours("pretty", "indented JSON documents back to back", Corpus("pretty", size), "ndjson/convert"),
        Case(
            "mixed/convert",
            "XML and JSON of every form and Tag, 1 % of it damaged",
            _CONVERT,
            mixed,
            base="xml/convert",
            may_exit=(0, 1),
        ),
        Case(
            "xml-mixed/convert",
            "XML documents of every Tag, 1 % of them damaged",
            _CONVERT,
            Corpus("xml", size, tags=None, damage=0.01),
            base="xml/convert",
            may_exit=(0, 1),
        ),
        Case("xml-csv/convert", "what a table costs", csv, Corpus("xml", size), base="xml/convert", header_lines=1),
        Case("xml-jobs/convert", "two processes", two_jobs, Corpus("xml", size), base="xml/convert"),
        ours("xml-files", "the same in 1,000 files", files, "xml/convert"),
        Case("xml-files-jobs/convert", "1,000 files, two processes", two_jobs, files, base="xml-files/convert"),
        ours("xml-gz", "what gzip costs", Corpus("xml", size, is_gzip=True), "xml/convert"),
    ]


def _peer(name: str, peer: str, question: str, corpus: Corpus, needs: str) -> Case:
    command = (sys.executable, "-P", _PEERS, peer, "{input}", "{output}")
    return Case(name, question, command, corpus, needs=(f"module:{needs}",), base=f"{corpus.layout}/convert")


def _xml_peers(size: int) -> list[Case]:
    xml, batch = Corpus("xml", size), Corpus("xml-batch", size)
    xq = ("{bin}/xq", "-c", "--xml-item-depth", "2", ".", "{input}")
    return [
        _peer("xml/lxml-bare", "lxml_bare", "floor: lxml.fromstring alone, frames known", xml, "lxml"),
        _peer("xml/lxml-lines", "lxml_lines", "lxml to dicts to orjson, frames known", xml, "lxml"),
        _peer("xml/xmltodict", "xmltodict_lines", "xmltodict to orjson, frames known", xml, "xmltodict"),
        _peer("xml/xmltodict-rs", "xmltodict_rs_lines", "xmltodict-rs to orjson, frames known", xml, "xmltodict_rs"),
        _peer("xml-batch/lxml-bare", "lxml_bare", "floor: lxml.fromstring alone, frames known", batch, "lxml"),
        _peer("xml-batch/iterparse", "iterparse_batch", "lxml.iterparse to dicts to orjson", batch, "lxml"),
        _peer("xml-batch/xmltodict", "xmltodict_batch", "xmltodict streaming to orjson", batch, "xmltodict"),
        Case(
            "xml-batch/xq",
            "xq -c (of pip's yq)",
            xq,
            batch,
            needs=("module:yq", "program:jq"),
            base="xml-batch/convert",
        ),
    ]


def _json_peers(size: int) -> list[Case]:
    lines, array, pretty = Corpus("ndjson", size), Corpus("json-array", size), Corpus("pretty", size)
    jq = ("{jq}", "-c", ".", "{input}")
    return [
        _peer("ndjson/orjson-bare", "orjson_bare", "floor: orjson.loads alone", lines, "orjson"),
        _peer("ndjson/orjson", "orjson_lines", "orjson.loads and dumps", lines, "orjson"),
        _peer("ndjson/duckdb", "duckdb_lines", "DuckDB, all cores", lines, "duckdb"),
        _peer("ndjson/polars", "polars_lines", "Polars, all cores", lines, "polars"),
        Case("ndjson/jq", "jq -c", jq, lines, needs=("program:jq",), base="ndjson/convert"),
        _peer("json-array/ijson", "ijson_array", "ijson.items to orjson", array, "ijson"),
        _peer("pretty/ijson", "ijson_documents", "ijson.items, several values, to orjson", pretty, "ijson"),
        Case("pretty/jq", "jq -c", jq, pretty, needs=("program:jq",), base="pretty/convert"),
    ]


def _memory_cases(sizes: tuple[int, ...]) -> list[Case]:
    """One round each: a peak is the same every time, to a few pages."""
    cases = []
    for layout in ("xml", "json-array", "ndjson"):
        names = [f"memory-{layout}/{_shown(size)}" for size in sizes]
        for name, size in zip(names, sizes, strict=True):
            question = f"peak RSS for {_shown(size)} of {layout}"
            cases.append(
                Case(name, question, _CONVERT, Corpus(layout, size), base=names[0], is_about="memory", rounds=1)
            )
    return cases


def _large_cases(sizes: tuple[int, ...]) -> list[Case]:
    """What a second process wins once starting it is forgotten."""
    cases = []
    for size in sizes:
        corpus, group = Corpus("xml", size), f"xml-{_shown(size)}"
        for name, command in (("convert", _CONVERT), ("pure", _PURE)):
            base = f"{group}/{name}"
            question = f"{_shown(size)} of XML" + ", without the compiled matcher" * (name == "pure")
            cases.append(Case(base, question, command, corpus))
            cases.append(Case(f"{base}-jobs", f"{question}, two processes", (*command[:-1], "2"), corpus, base=base))
    return cases


def _start_cases() -> list[Case]:
    """20 rounds each: they take milliseconds, and what they are compared by is as small."""
    python = (sys.executable, "-c", "pass")
    return [
        Case("start/python", "python -c pass", python, rounds=20),
        Case("start/help", "stream-cb --help", (*_OURS, "--help"), base="start/python", rounds=20),
        Case("start/convert", "what every run takes, learning included", _CONVERT, Corpus("xml", 256_000), rounds=20),
    ]


def _shown(size: int) -> str:
    return f"{size // MB}MB" if size >= MB else f"{size // 1000}KB"
