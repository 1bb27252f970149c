"""A body with several jobs → a body for each, as the pure matcher takes them one by one; the compiled one needs none.

Where jobs lie is a guess: what only seems to be one is taken by no plan, which has to take it all.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from stream_cb.events.subjects import JSON_HEAD, stop_of_json
from stream_cb.patterns import lazy_pattern

# How the first of several jobs begins.
_FIRST_NAME = lazy_pattern(r'\{[ \t\n]*+"[^"\\]{1,64}"')
_BLANKS = " \t\n"
_XML = "<Response><EventName>TaskFinish</EventName>"
_XML_END = "</JobsDetail></Response>"
_JSON = '{"EventName":"TaskFinish","JobsDetail":['
_JSON_END = "]}"


class Bodies(NamedTuple):
    """One for each job. The last goes on to where the record ends at the latest.

    offset: to be added to a place in the last one for where that is in the text.
    """

    parts: list[str]
    offset: int


def job_bodies(text: str, start: int, end: int) -> Bodies | None:
    """The jobs of the record at a place of a text, which ends before `end`; None if there do not seem to be several."""
    return _of_xml(text, start, end) if text.startswith("<", start) else _of_json(text, start, end)


def _of_xml(text: str, start: int, end: int) -> Bodies | None:
    stop = text.find("</Response>", start, end)
    *jobs, rest = text[start : max(stop, start)].split("</JobsDetail>")
    if len(jobs) < 2:
        return None
    first, *others = jobs
    *middle, last = [_XML + job.lstrip(_BLANKS) for job in others]
    ended = f"{last}</JobsDetail>{rest}</Response>"
    return Bodies(
        [first + _XML_END, *[job + _XML_END for job in middle], ended], stop + len("</Response>") - len(ended)
    )


def _of_json(text: str, start: int, end: int) -> Bodies | None:
    head = JSON_HEAD.match(text, start, end)
    name = _FIRST_NAME.match(text, head.end(), end) if head and head[2] == "[" else None
    if head is None or name is None:
        return None
    end = stop_of_json(text, head.end(), end)
    begins = [head.end()]
    while (begin := text.find(name[0], begins[-1] + 1, end)) >= 0:
        begins.append(begin)
    if len(begins) == 1:
        return None
    parts = []
    for begin, stop in pairwise(begins):
        job, comma, rest = text[begin:stop].rpartition(",")
        if not comma or rest.strip(_BLANKS):
            return None
        parts.append(_JSON + job.rstrip(_BLANKS) + _JSON_END)
    parts[0] = text[start : begins[0]] + parts[0].removeprefix(_JSON)
    last = _JSON + text[begins[-1] : end]
    return Bodies([*parts, last], end - len(last))
