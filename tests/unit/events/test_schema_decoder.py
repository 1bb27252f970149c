"""Promises of a schema of the user's own: any record becomes that Struct, by the same rules as our events."""

from __future__ import annotations

import enum
import io
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeVar

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream_cb import DeadLetter, RunOptions, WriteOptions, convert, encode_lines, read_events
from stream_cb.errors import EventError
from stream_cb.events import Extra, Node, TaskFinish, Time, Whole

StructT = TypeVar("StructT", bound=msgspec.Struct)


def read(raw: bytes, schema: type[StructT], *, strict: bool = False) -> list[StructT]:
    """What a log in which every record fits is read as."""
    return list(read_events(io.BytesIO(raw), schema=schema, strict=strict))


def one(raw: bytes, schema: type[StructT]) -> StructT:
    (found,) = read(raw, schema)
    assert type(found) is schema
    return found


def refused(raw: bytes, schema: type[msgspec.Struct], *, strict: bool = False) -> str:
    """Why the one record of the log is a dead letter."""
    letters: list[DeadLetter] = []
    found = list(read_events(io.BytesIO(raw), schema=schema, strict=strict, on_dead_letter=letters.append))
    assert (found, len(letters)) == ([], 1)
    (letter,) = letters
    assert (letter.reason, letter.offset, letter.raw) == ("EventError", 0, raw)
    return letter.detail


class Part(msgspec.Struct):
    name: str = ""
    count: int = 0


class Plain(msgspec.Struct):
    id: str = msgspec.field(default="", name="@id")
    text: str = msgspec.field(default="", name="#text")
    title: str = ""
    whole: int = 0
    real: float = 0.0
    exact: Decimal = Decimal(0)
    flag: bool = False
    at: datetime | None = None
    day: date | None = None
    part: Part | None = None
    parts: list[Part] = []
    names: tuple[str, ...] = ()
    numbers: list[int] = []
    exacts: tuple[Decimal, ...] = ()
    colour: Literal["red", "green"] = "red"
    bounded: Annotated[int, msgspec.Meta(ge=0)] = 0
    counts: dict[str, int] = {}
    anything: Any = None
    payload: dict[str, Any] = {}


class Step(Node, frozen=True, kw_only=True):
    name: str = ""
    took: Whole | None = None


class Mine(Node, frozen=True, kw_only=True):
    """Its documented names are PascalCase, as those of all Nodes."""

    title: str = ""
    number: Whole | None = None
    at: Time | None = None
    step: Step | None = None
    steps: tuple[Step, ...] = ()
    names: tuple[str, ...] = ()


class Wrapped(msgspec.Struct, rename="pascal"):
    response: Part | None = None


class Job(Node, frozen=True, kw_only=True):
    job_id: str = ""


class Callback(Node, frozen=True, kw_only=True):
    event_name: str = ""
    jobs_detail: tuple[Job, ...] = ()


class Item(Node, frozen=True, kw_only=True):
    name: str


class Items(Node, frozen=True, kw_only=True):
    item: Item | None = None
    items: tuple[Item, ...] = ()


class Holder(msgspec.Struct):
    step: Step | None = None


class NodeHolder(Node, frozen=True, kw_only=True, rename=None):
    part: Part | None = None


# XML.
def test_xml_fills_a_plain_struct() -> None:
    raw = (
        b'<order id="7"><title><![CDATA[<b> & ]]>x &amp; y</title><whole>12</whole><real>1.5</real><exact>1.50</exact>'
        b"<flag>true</flag><at>2022-06-30T19:27:39+0800</at><day>2022-06-30</day>"
        b"<part><name>n</name><count>3</count></part><parts><name>a</name></parts><parts><name>b</name></parts>"
        b"<names>a</names><numbers>1</numbers><numbers>2</numbers><exacts>0.10</exacts><colour>green</colour>"
        b"<bounded>5</bounded><counts><a>1</a></counts><anything><a>1</a><a>2</a></anything>"
        b"<payload><a/></payload></order>"
    )
    assert one(raw, Plain) == Plain(
        id="7",
        title="<b> & x & y",
        whole=12,
        real=1.5,
        exact=Decimal("1.50"),
        flag=True,
        at=datetime(2022, 6, 30, 19, 27, 39, tzinfo=timezone(timedelta(hours=8))),
        day=date(2022, 6, 30),
        part=Part(name="n", count=3),
        parts=[Part(name="a"), Part(name="b")],
        names=("a",),
        numbers=[1, 2],
        exacts=(Decimal("0.10"),),
        colour="green",
        bounded=5,
        counts={"a": 1},
        anything={"a": ["1", "2"]},
        payload={"a": ""},
    )


def test_attributes_and_text_beside_elements_have_names_of_their_own() -> None:
    assert one(b'<r id="7">text</r>', Plain) == Plain(id="7", text="text")
    assert one(b'<r id="7"/>', Plain) == Plain(id="7")
    assert one(b"<r>before<title>t</title></r>", Plain) == Plain(title="t", text="before")
    assert refused(b'<r other="7"><title>t</title></r>', Plain) == "Plain has no field for $.@other"
    assert one(b'<r other="7"><Title>t</Title></r>', Mine) == Mine(title="t", extra=Extra({"@other": "7"}))


def test_the_name_of_the_root_does_not_matter() -> None:
    raw = b"<a><title>1</title></a><b:c xmlns:b='u'><title>2</title></b:c><Response><title>3</title></Response>"

    class Named(Node, frozen=True, kw_only=True, rename=None):
        title: str = ""

    assert [found.title for found in read(raw, Named)] == ["1", "2", "3"]


# JSON.
def test_json_fills_a_plain_struct_with_its_own_types_or_with_texts() -> None:
    numbers = b'{"whole":12,"real":1.5,"exact":1.50,"flag":true,"numbers":[1,2],"exacts":[0.10],"bounded":5}'
    texts = (
        b'{"whole":"12","real":"1.5","exact":"1.50","flag":"true","numbers":["1","2"],"exacts":["0.10"],"bounded":"5"}'
    )
    expected = Plain(
        whole=12, real=1.5, exact=Decimal("1.50"), flag=True, numbers=[1, 2], exacts=(Decimal("0.10"),), bounded=5
    )
    for raw in (numbers, texts):
        found = one(raw, Plain)
        assert found == expected
        assert str(found.exact) == "1.50"  # no digit is lost
        assert [type(value) for value in (found.whole, found.real, found.flag)] == [int, float, bool]


def test_the_key_response_is_a_field_as_any_other() -> None:
    assert one(b'{"Response":{"name":"n"}}', Wrapped) == Wrapped(response=Part(name="n"))


def test_callbacks_can_be_read_into_a_schema() -> None:
    job = {"JobId": "j", "Tag": "Snapshot"}
    in_json = msgspec.json.encode({"EventName": "TaskFinish", "JobsDetail": job})
    in_xml = (
        b"<Response><EventName>TaskFinish</EventName><JobsDetail><JobId>j</JobId><Tag>Snapshot</Tag></JobsDetail>"
        b"</Response>"
    )
    expected = Callback(event_name="TaskFinish", jobs_detail=(Job(job_id="j", extra=Extra({"Tag": "Snapshot"})),))
    assert read(in_json + in_xml, Callback) == [expected, expected]


# Lists, and what is empty.
LISTS: list[tuple[bytes, bytes, list[str]]] = [
    (
        b'{"parts":[{"name":"a"},{"name":"b"}]}',
        b"<r><parts><name>a</name></parts><parts><name>b</name></parts></r>",
        ["a", "b"],
    ),
    (b'{"parts":[{"name":"a"}]}', b"<r><parts><name>a</name></parts></r>", ["a"]),
    (b'{"parts":{"name":"a"}}', b"<r><parts><name>a</name></parts></r>", ["a"]),
    (b'{"parts":[]}', b"<r><title/></r>", []),
    (b'{"parts":""}', b"<r><parts/></r>", []),
    (b'{"parts":"\\n "}', b"<r><parts>\n </parts></r>", []),
]


@pytest.mark.parametrize(("in_json", "in_xml", "names"), LISTS)
def test_a_list_is_a_list_however_many_there_are(in_json: bytes, in_xml: bytes, names: list[str]) -> None:
    for raw in (in_json, in_xml):
        assert one(raw, Plain).parts == [Part(name=name) for name in names]


def test_an_element_that_is_empty_among_others_has_the_type_of_the_others() -> None:
    class Lists(msgspec.Struct):
        parts: tuple[Part, ...] = ()
        names: tuple[str, ...] = ()

    raw = b"<r><parts/><parts><name>a</name></parts><names/><names>x</names></r>"
    assert one(raw, Lists) == Lists(parts=(Part(), Part(name="a")), names=("", "x"))


@pytest.mark.parametrize("field", ["numbers", "exacts"])
def test_no_number_in_a_list_of_numbers_is_none(field: str) -> None:
    """An empty one is no number: either it is left out or the record is refused."""
    letters: list[DeadLetter] = []
    raw = b"<r><%s>1</%s><%s/></r>" % ((field.encode(),) * 3)
    for found in read_events(io.BytesIO(raw), schema=Plain, on_dead_letter=letters.append):
        assert None not in getattr(found, field)
    assert not letters or f"$.{field}" in letters[0].detail


@pytest.mark.parametrize(
    "raw", [b'{"whole":"","real":"","part":"","flag":"","title":"","day":""}', b"<r><whole/><part/><real/></r>"]
)
def test_an_empty_value_leaves_the_default(raw: bytes) -> None:
    assert one(raw, Plain) == Plain()


@pytest.mark.parametrize("raw", [b"{}", b"<r/>", b"<r></r>", b"<r>\n</r>"])
def test_an_empty_record_is_a_struct_of_defaults(raw: bytes) -> None:
    assert one(raw, Plain) == Plain()
    assert one(raw, Mine) == Mine()


# Optional, nested, required.
class Inner(msgspec.Struct):
    mark: str
    note: str | None = None


class Outer(msgspec.Struct):
    key: str
    number: int
    inner: Inner | None = None
    inners: tuple[Inner, ...] = ()


def test_what_is_there_fills_what_is_required() -> None:
    raw = b"<r><key>k</key><number>1</number><inner><mark>c</mark></inner><inners><mark>d</mark></inners></r>"
    assert one(raw, Outer) == Outer(key="k", number=1, inner=Inner(mark="c"), inners=(Inner(mark="d"),))
    assert one(b'{"key":"k","number":"1"}', Outer) == Outer(key="k", number=1)


@pytest.mark.parametrize(
    ("raw", "missing", "path"),
    [
        (b'{"number":1}', "key", "$"),
        (b'{"key":"k"}', "number", "$"),
        (b"<r><key>k</key></r>", "number", "$"),
        (b"<r><key>k</key><number/></r>", "number", "$"),
        (b'{"key":"k","number":1,"inner":{}}', "mark", "$.inner"),
        (b'{"key":"k","number":1,"inners":[{"mark":"c"},{"note":"n"}]}', "mark", "$.inners"),
    ],
)
def test_what_is_required_and_missing_makes_a_dead_letter(raw: bytes, missing: str, path: str) -> None:
    assert refused(raw, Outer) == f"Missing required argument '{missing}' at {path}"


@pytest.mark.parametrize("raw", [b'{"key":"","number":1}', b"<r><key/><number>1</number></r>"])
def test_an_empty_text_is_a_text_where_one_is_required(raw: bytes) -> None:
    assert one(raw, Outer) == Outer(key="", number=1)


def test_a_node_may_require_fields_too() -> None:
    raw = b"<r><Item><Name>a</Name></Item><Items><Name>b</Name></Items><Items><Name>c</Name></Items></r>"
    assert one(raw, Items) == Items(item=Item(name="a"), items=(Item(name="b"), Item(name="c")))
    assert refused(b'{"Item":{"New":1}}', Items) == "Missing required argument 'name' at $.Item"
    # An empty one among others lacks its name, as an empty object does.
    raw = b"<r><Items/><Items><Name>b</Name></Items></r>"
    assert refused(raw, Items) == "Missing required argument 'name' at $.Items"
    assert refused(raw, Items, strict=True).endswith(" at $.Items")


# What does not fit, and what is unknown.
MISFITS: list[tuple[bytes, str]] = [
    (b'{"whole":"x"}', "expected a whole number at $.whole"),
    (b'{"whole":1.0}', "expected a whole number at $.whole"),
    (b'{"whole":null}', "expected a whole number at $.whole"),
    (b"<r><whole>007</whole></r>", "expected a whole number at $.whole"),
    (b'{"title":5}', "expected text at $.title"),
    (b"<r><title>a</title><title>b</title></r>", "expected text at $.title"),
    (b'{"flag":1}', "expected true or false at $.flag"),
    (b'{"part":"x"}', "expected an object at $.part"),
    (b'{"part":[{},{}]}', "expected an object at $.part"),
    (b'{"part":{"count":"x"}}', "expected a whole number at $.part.count"),
    (b'{"parts":[{"count":"x"}]}', "expected a whole number at $.parts.count"),
    (b'{"parts":["x"]}', "expected an object at $.parts"),
    (b'{"payload":[]}', "expected an object at $.payload"),
]


@pytest.mark.parametrize(("raw", "detail"), MISFITS)
def test_a_plain_struct_refuses_what_does_not_fit(raw: bytes, detail: str) -> None:
    assert refused(raw, Plain) == detail
    assert refused(raw, Plain, strict=True) == detail


@pytest.mark.parametrize("field", ["real", "exact", "at", "day", "colour", "bounded", "counts"])
def test_a_plain_struct_refuses_what_msgspec_refuses(field: str) -> None:
    for value in (b'"x y"', b"[[]]", b'{"a":{}}', b"null" if field not in ("at", "day") else b"true"):
        assert refused(b'{"%s":%s}' % (field.encode(), value), Plain).endswith(f" at $.{field}")
    assert refused(b'{"bounded":-1}', Plain).endswith(" at $.bounded")


def test_a_plain_struct_refuses_what_it_does_not_know() -> None:
    assert refused(b'{"title":"t","new":1}', Plain) == "Plain has no field for $.new"
    assert refused(b'{"part":{"new":1}}', Plain) == "Part has no field for $.part.new"
    assert refused(b'{"parts":[{"name":"a"},{"new":1}]}', Plain) == "Part has no field for $.parts.new"


def test_a_node_keeps_what_it_does_not_know_and_what_does_not_fit() -> None:
    raw = b'{"Title":5,"Number":"x","At":"soon","New":[1],"Step":{"Took":"y","New":null},"Steps":[{"Name":1},{}]}'
    found = one(raw, Mine)
    assert found == Mine(
        step=Step(extra=Extra({"Took": "y", "New": None})),
        steps=(Step(extra=Extra({"Name": 1})), Step()),
        extra=Extra({"Title": 5, "Number": "x", "At": "soon", "New": [1]}),
    )
    assert msgspec.json.decode(encode_lines([found])) == msgspec.json.decode(raw)
    report = convert(io.BytesIO(raw), RunOptions(schema=Mine), WriteOptions(), stdout=io.BytesIO())
    assert report.misfits == {"Title": 1, "Number": 1, "At": 1, "Step.Took": 1, "Steps.Name": 1}
    assert report.unknown_fields == {"New": 1, "Step.New": 1}
    assert (report.kinds, report.problems) == ({"Mine": 1}, [])


def test_a_strict_node_refuses_what_does_not_fit_and_keeps_what_it_does_not_know() -> None:
    assert refused(b'{"Title":5}', Mine, strict=True) == "expected text at $.Title"
    assert refused(b'{"Steps":[{"Took":"y"}]}', Mine, strict=True) == "expected a whole number at $.Steps.Took"
    (found,) = read(b'{"New":1}', Mine, strict=True)
    assert found.extra == {"New": 1}


def test_a_node_in_a_plain_struct_keeps_and_a_plain_struct_in_a_node_refuses() -> None:
    assert one(b'{"step":{"New":1}}', Holder) == Holder(step=Step(extra=Extra({"New": 1})))
    assert refused(b'{"part":{"new":1}}', NodeHolder) == "Part has no field for $.part.new"


@pytest.mark.parametrize("raw", [b"<r>text</r>", b"[[1]]"])
def test_what_is_no_object_is_a_dead_letter(raw: bytes) -> None:
    letters: list[DeadLetter] = []
    assert list(read_events(io.BytesIO(raw), schema=Plain, on_dead_letter=letters.append)) == []
    assert "expected an object for Plain" in {letter.detail for letter in letters}


def test_a_bad_record_does_not_end_the_run_and_raises_where_nobody_listens() -> None:
    raw = b'{"title":"a"}\n{"title":5}\n<r><title>b</title></r>\n{"new":1}\n<r><title>c</title></r>\n'
    letters: list[DeadLetter] = []
    found = list(read_events(io.BytesIO(raw), schema=Plain, on_dead_letter=letters.append))
    assert [record.title for record in found] == ["a", "b", "c"]
    assert [letter.index for letter in letters] == [1, 3]
    events = read_events(io.BytesIO(raw), schema=Plain)
    assert next(events).title == "a"
    with pytest.raises(EventError, match=r"record 1 at byte 14: expected text at \$\.title"):
        next(events)


# More types that msgspec has.
class Colour(enum.Enum):
    RED = "red"
    GREEN = "green"


class Kinds(msgspec.Struct):
    colour: Colour = Colour.RED
    either: int | str = 0
    maybe: int | None = None
    pair: tuple[int, str] = (0, "")
    unique: set[int] = set()
    moment: Time | None = None
    raw: bytes = b""


KIND_CASES: list[tuple[bytes, Kinds]] = [
    (b'{"colour":"green"}', Kinds(colour=Colour.GREEN)),
    (b"<r><colour>green</colour></r>", Kinds(colour=Colour.GREEN)),
    (b'{"either":7}', Kinds(either=7)),
    (b'{"either":"x"}', Kinds(either="x")),
    (b'{"maybe":"7"}', Kinds(maybe=7)),
    (b'{"pair":[1,"a"]}', Kinds(pair=(1, "a"))),
    (b"<r><pair>1</pair><pair>a</pair></r>", Kinds(pair=(1, "a"))),
    (b'{"unique":["1",2,"2"]}', Kinds(unique={1, 2})),
    (b'{"moment":"2022-06-30T11:27:39Z"}', Kinds(moment=datetime(2022, 6, 30, 11, 27, 39, tzinfo=UTC))),
    (b'{"raw":"YWI="}', Kinds(raw=b"ab")),
]


@pytest.mark.parametrize(("raw", "expected"), KIND_CASES)
def test_other_types_are_what_msgspec_makes_of_them(raw: bytes, expected: Kinds) -> None:
    assert one(raw, Kinds) == expected


def test_a_float_is_never_infinite_or_nan() -> None:
    """Neither can be written as JSON; Decimal keeps every digit."""
    for number in (b"1e400", b'"1e400"', b"-1e400", b'"nan"', b'"Infinity"'):
        assert refused(b'{"real":%s}' % number, Plain).endswith(" at $.real")
    assert one(b'{"exact":1e400}', Plain).exact == Decimal("1e400")


def test_a_struct_s_own_check_makes_a_dead_letter() -> None:
    class Checked(msgspec.Struct):
        low: int = 0
        high: int = 0

        def __post_init__(self) -> None:
            if self.low > self.high:
                raise ValueError("low is above high")

    assert one(b'{"low":1,"high":2}', Checked).high == 2
    assert "low is above high" in refused(b'{"low":3,"high":2}', Checked)


def test_a_tagged_struct_takes_its_own_tag() -> None:
    class Tagged(msgspec.Struct, tag_field="type", tag="order"):
        number: int = 0

    assert one(b'{"type":"order","number":1}', Tagged) == Tagged(number=1)
    assert refused(b'{"type":"other","number":1}', Tagged)


def test_an_event_type_of_ours_can_be_a_schema() -> None:
    (found,) = read(b'{"JobId":"j","Tag":"Snapshot","Operation":{"UserData":"u"}}', TaskFinish)
    assert found.job_id == "j"


MEMBERS = st.sampled_from([*Plain.__struct_encode_fields__, "name", "count", "key", "number", "Title", "Steps", "new"])
TREES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(MEMBERS, inner, max_size=4),
    max_leaves=10,
)


@settings(max_examples=150)
@given(raw=TREES.map(msgspec.json.encode))
def test_any_json_is_a_struct_or_a_dead_letter(raw: bytes) -> None:
    letters: list[DeadLetter] = []
    for schema in (Plain, Mine, Outer, Kinds):
        for found in read_events(io.BytesIO(raw), schema=schema, on_dead_letter=letters.append):
            assert type(found) is schema
            encode_lines([found])
    assert all(letter.detail for letter in letters)


class Grade(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Order(Node, frozen=True, kw_only=True, rename=None):
    id: str = msgspec.field(default="", name="@id")
    title: str
    price: Decimal = Decimal(0)
    weight: float = 0.0
    grade: Grade = Grade.LOW
    prices: tuple[Decimal, ...] = ()
    count: int | None = None


def test_a_node_under_its_own_names_takes_attributes_cdata_and_numbers_and_its_line_reads_back() -> None:
    raw = (
        b'<order id="007"><title><![CDATA[<b>&]]></title><price>1.50</price><weight>2.5</weight><grade>2</grade>'
        b"<prices>0.10</prices><count>3</count><new>n</new></order>"
    )
    found = one(raw, Order)
    assert found == Order(
        id="007",
        title="<b>&",
        price=Decimal("1.50"),
        weight=2.5,
        grade=Grade.HIGH,
        prices=(Decimal("0.10"),),
        count=3,
        extra=Extra({"new": "n"}),
    )
    assert encode_lines([found]) == (
        b'{"@id":"007","title":"<b>&","price":1.50,"weight":2.5,"grade":2,"prices":[0.10],"count":3,"new":"n"}\n'
    )
    assert one(encode_lines([found]), Order) == found
    assert refused(b'<order id="7"/>', Order) == "Missing required argument 'title' at $"


def test_a_node_keeps_numbers_that_do_not_fit_and_its_line_reads_back() -> None:
    raw = b'{"title":"","price":1e400,"weight":1e400,"grade":9,"prices":["x"],"count":1.5}'
    found = one(raw, Order)
    assert found.price == Decimal("1e400")
    assert found.extra == {"weight": Decimal("1e400"), "grade": 9, "prices": ["x"], "count": Decimal("1.5")}
    assert one(encode_lines([found]), Order) == found
    assert "$.weight" in refused(raw, Order, strict=True)


class Numbers(msgspec.Struct, frozen=True):
    exact: Decimal = Decimal(0)
    exacts: dict[str, Decimal] = {}
    reals: dict[str, float] = {}
    set_of: frozenset[float] = frozenset()


@pytest.mark.parametrize(
    "raw",
    [
        b'{"exact":"NaN"}',
        b'{"exact":"sNaN"}',
        b'{"exact":"-Infinity"}',
        b'{"exacts":{"a":"1","b":"NaN"}}',
        b'{"reals":{"a":1e400}}',
        b'{"set_of":[1e400,1]}',
    ],
)
def test_what_json_cannot_say_is_refused_wherever_it_stands(raw: bytes) -> None:
    assert "finite numbers" in refused(raw, Numbers)


# Sets, nulls, and what is required.
class Collected(msgspec.Struct):
    names: set[str] = set()
    pairs: frozenset[tuple[str, ...]] = frozenset()
    maybe: str | None = "a default"
    count: int | None = 1


def test_a_set_is_filled_as_a_list_is() -> None:
    assert one(b"<R><names>a</names><names>b</names><names>a</names></R>", Collected).names == {"a", "b"}
    assert one(b'{"names": "a"}', Collected).names == {"a"}
    assert one(b'{"pairs": [["a", "b"], ["c"]]}', Collected).pairs == {("a", "b"), ("c",)}


def test_null_is_a_value_where_the_type_says_so() -> None:
    found = one(b'{"maybe": null, "count": null}', Collected)
    assert (found.maybe, found.count) == (None, None)
    assert one(b'{"maybe": ""}', Collected).maybe == "a default"


class Hard(msgspec.Struct):
    many: set[Part] = set()


def test_a_set_of_what_cannot_be_in_a_set_is_refused() -> None:
    assert refused(b'{"many": [{"name": "a"}]}', Hard) == "expected elements that can be hashed at $.many"


class Needs(Node, frozen=True):
    id: int


def test_a_required_field_that_does_not_fit_names_what_was_expected() -> None:
    assert refused(b'{"Id": "x"}', Needs) == "expected a whole number at $.Id"


def test_a_detail_says_once_that_something_was_expected() -> None:
    assert refused(b'{"real": "x"}', Plain) == "expected `float`, got `str` at $.real"
