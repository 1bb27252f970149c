"""The options of convert that choose how records are read, and what becomes of those that no type describes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.integration.conftest import MakeLog, Run

FEED = b'<feed><item a="1"><t>x</t></item><other/><item a="2"><t> 1.50 </t></item></feed>'
RESULT = b'{"meta":{"n":2},"result":{"items":[{"a":1.10},{"b":[12345678901234567890123,1e400,null,true]}]}}'
ITEMS = [b'{"item":{"@a":"1","t":"x"}}', b'{"item":{"@a":"2","t":" 1.50 "}}']
MISFIT = b"""<Response><EventName>TaskFinish</EventName><JobsDetail>
<JobId>j1</JobId><CreationTime>yesterday</CreationTime><Novel>new</Novel></JobsDetail></Response>"""


@pytest.mark.parametrize(
    ("reader", "layout"),
    [
        ("iterparse", "xml-batch"),
        ("ijson", "json-array"),
        ("ijson", "ndjson"),
        ("ijson", "json"),
        ("ijson", "pretty"),
    ],
)
def test_all_readers_give_the_same_lines(run: Run, make_log: MakeLog, reader: str, layout: str) -> None:
    log = make_log("log", layout=layout, count=50)
    framed, other = run("convert", "log"), run("convert", "log", "--reader", reader)
    assert other.code == 0
    assert other.job_ids == log.job_ids
    assert other.stdout == framed.stdout


@pytest.mark.parametrize(("reader", "layout"), [("iterparse", "json-array"), ("ijson", "xml-batch")])
def test_a_reader_of_the_other_format_gives_one_dead_letter(
    run: Run, make_log: MakeLog, reader: str, layout: str
) -> None:
    make_log("log", layout=layout)
    ended = run("convert", "log", "--reader", reader)
    assert ended.code == 1
    assert ended.stdout == b""
    assert ended.told[0].startswith("dead letter: log: record 0: not well-formed ")
    assert ended.told[1].startswith("1 record: 0 events")


@pytest.mark.parametrize(("reader", "layout"), [("iterparse", "xml-batch"), ("ijson", "json-array")])
def test_the_other_readers_give_all_before_the_damage_and_one_dead_letter(
    run: Run, make_log: MakeLog, reader: str, layout: str
) -> None:
    log = make_log("log", layout=layout, count=9)
    cut = log.raw[: log.raw.index(log.records[6]) + 500]
    ended = run("convert", "--reader", reader, stdin=cut)
    assert ended.code == 1
    assert ended.job_ids == log.job_ids[:6]
    assert ended.told[-1].startswith("7 records: 6 events, 1 dead letter")


def test_from_refuses_the_other_format(run: Run, make_log: MakeLog) -> None:
    xml, json = make_log("a.xml"), make_log("a.json", layout="json", seed=1)
    ended = run("convert", xml.path, json.path, "--from", "json")
    assert ended.code == 1
    assert ended.job_ids == json.job_ids
    assert "expected JSON" in ended.told[0]
    assert run("convert", xml.path, json.path, "--from", "xml").job_ids == xml.job_ids


def test_untyped_xml_passes_as_it_is(run: Run) -> None:
    ended = run("convert", "--untyped", stdin=FEED)
    assert ended.code == 0
    assert ended.stdout == b'{"feed":{"item":[{"@a":"1","t":"x"},{"@a":"2","t":" 1.50 "}],"other":""}}\n'


def test_untyped_json_passes_as_it_is_to_the_last_digit(run: Run) -> None:
    ended = run("convert", "--untyped", stdin=RESULT)
    assert ended.code == 0
    assert ended.stdout.replace(b"E+", b"e") == RESULT + b"\n"


@pytest.mark.parametrize("path", ["item", "feed/item", "feed.item"])
@pytest.mark.parametrize("reader", ["framed", "iterparse"])
def test_record_names_the_elements_to_take(run: Run, path: str, reader: str) -> None:
    ended = run("convert", "--untyped", "--record", path, "--reader", reader, stdin=FEED)
    assert ended.code == 0
    assert ended.stdout.splitlines() == ITEMS


@pytest.mark.parametrize("path", ["result.items", "result/items"])
@pytest.mark.parametrize("reader", ["framed", "ijson"])
def test_record_names_the_place_of_the_records_in_json(run: Run, path: str, reader: str) -> None:
    ended = run("convert", "--untyped", "--record", path, "--reader", reader, stdin=RESULT)
    assert ended.code == 0
    assert ended.stdout.splitlines()[0] == b'{"a":1.10}'
    assert len(ended.stdout.splitlines()) == 2


def test_record_finds_callbacks_inside_an_envelope(run: Run, make_log: MakeLog) -> None:
    log = make_log(layout="json-array", count=4)
    envelope = b'{"page":{"no":1},"result":{"items":' + log.raw.strip() + b',"more":false}}'
    ended = run("convert", "--record", "result.items", stdin=envelope)
    assert ended.code == 0
    assert ended.job_ids == log.job_ids


@pytest.mark.parametrize("stdin", [FEED, RESULT], ids=["xml", "json"])
def test_a_record_path_that_leads_nowhere_does_not_pass_for_success(run: Run, stdin: bytes) -> None:
    ended = run("convert", "--untyped", "--record", "nowhere", stdin=stdin)
    assert ended.stdout == b""
    assert "nowhere" in ended.stderr, "told what was looked for, a user sees the slip"


def test_without_untyped_a_foreign_document_is_an_event_of_its_own_kind(run: Run) -> None:
    ended = run("convert", stdin=FEED)
    assert ended.code == 0
    (event,) = ended.events
    assert event["EventName"] == "Other"
    assert event["Root"] == "feed"
    assert event["Payload"]["item"] == [{"@a": "1", "t": "x"}, {"@a": "2", "t": " 1.50 "}]


def test_untyped_records_fill_the_columns_of_a_table(run: Run) -> None:
    columns = ("--to", "csv", "--columns", "item.@a,item.t")
    ended = run("convert", "--untyped", "--record", "item", *columns, stdin=FEED)
    assert ended.code == 0
    assert ended.stdout == b"item.@a,item.t\n1,x\n2, 1.50 \n"


def test_a_value_that_does_not_fit_is_kept_and_told_in_the_closing_line(run: Run) -> None:
    ended = run("convert", stdin=MISFIT)
    assert ended.code == 0
    assert ended.events == [
        {
            "EventName": "TaskFinish",
            "Misfits": ["CreationTime"],
            "JobId": "j1",
            "CreationTime": "yesterday",
            "Novel": "new",
        },
    ]
    assert "1 value of another type than documented, kept" in ended.told[-1]


def test_strict_makes_a_value_that_does_not_fit_a_dead_letter(run: Run, make_log: MakeLog) -> None:
    log = make_log()
    ended = run("convert", "--strict", stdin=MISFIT + log.raw)
    assert ended.code == 1
    assert ended.job_ids == log.job_ids
    assert (
        ended.told[0] == "dead letter: <stdin>: record 0 at byte 0: expected a time with its offset at $.CreationTime"
    )


def test_verbose_tells_kinds_and_what_no_type_describes(run: Run) -> None:
    ended = run("convert", "-v", "-o", "e.jsonl", stdin=MISFIT)
    assert ended.code == 0
    assert ended.told[:3] == [
        "events: TaskFinish: 1",
        "fields that no type describes: Novel: 1",
        "values that do not fit their type: CreationTime: 1",
    ]
    assert ended.told[3].startswith("written: e.jsonl: ")
