"""Promises of the callback trees: variety, times, ids, joins."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from typing import Any

from stream_cb.generate import TAGS, callbacks, to_json, to_xml

COUNT = 3000
TIME = re.compile(r"2026-\d\d-\d\dT\d\d:\d\d:\d\d\+0800")


def first(count: int = COUNT, **options: Any) -> list[dict[str, Any]]:
    return list(itertools.islice(callbacks(**options), count))


def jobs_of(trees: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [job for tree in trees for job in tree.get("JobsDetail", ())]


def test_the_default_mix_is_mostly_stream_extract_and_shows_every_tag() -> None:
    jobs = jobs_of(first())
    tags = Counter(job["Tag"] for job in jobs)
    assert 0.55 < tags["StreamExtract"] / len(jobs) < 0.65
    assert set(tags) == set(TAGS)


def test_the_default_mix_has_failures_several_jobs_and_workflow_ends() -> None:
    trees = first()
    jobs = jobs_of(trees)
    assert 0.03 < sum(job["State"] == "Failed" for job in jobs) / len(jobs) < 0.07
    assert {len(tree["JobsDetail"]) for tree in trees if "JobsDetail" in tree} == {1, 2, 3}
    assert 0.01 < sum(tree["EventName"] == "WorkflowFinish" for tree in trees) / len(trees) < 0.06


def test_failure_rate_is_obeyed() -> None:
    assert {job["State"] for job in jobs_of(first(200, failure_rate=0))} == {"Success"}
    failed = jobs_of(first(200, failure_rate=1))
    assert {job["State"] for job in failed} == {"Failed"}
    assert not any("MediaResult" in job["Operation"] or job["Code"] == "Success" for job in failed)


def test_creation_times_grow_and_every_time_has_the_documented_form() -> None:
    jobs = jobs_of(first())
    created = [job["CreationTime"] for job in jobs]
    assert created == sorted(set(created))
    for job in jobs:
        assert TIME.fullmatch(job["EndTime"])
        assert job["CreationTime"] < job.get("StartTime", job["EndTime"]) <= job["EndTime"]
        assert ("StartTime" in job) == (job["Tag"] != "DocProcess")


def test_job_ids_are_unique_and_name_their_service() -> None:
    jobs = jobs_of(first())
    assert len({job["JobId"] for job in jobs}) == len(jobs)
    assert all(re.fullmatch("[jsacd][0-9a-f]{32}", job["JobId"]) for job in jobs)
    prefixes = {job["Tag"]: job["JobId"][0] for job in jobs}
    others = {"DocProcess": "d", "SpeechRecognition": "s", "PicProcess": "c", "Translation": "a"}
    assert prefixes == dict.fromkeys(TAGS, "j") | others


def test_a_workflow_end_joins_the_jobs_called_back_before_it() -> None:
    seen: dict[str, dict[str, Any]] = {}
    for tree in first():
        for job in tree.get("JobsDetail", ()):
            seen[job["JobId"]] = job
        execution = tree.get("WorkflowExecution", {"Tasks": ()})
        states = set()
        for task in execution["Tasks"]:
            job = seen[task["JobId"]]
            assert (task["Type"], task["State"]) == (job["Tag"], job["State"])
            assert execution["RunId"] == job["Workflow"]["RunId"]
            states.add(task["State"])
        if states:
            assert execution["State"] == ("Failed" if "Failed" in states else "Success")


def test_workflow_jobs_carry_the_pseudo_header_event_name() -> None:
    started = [job for job in jobs_of(first()) if "Workflow" in job]
    assert started
    for job in started:
        assert {"Key": "EventName", "Value": "cos:ObjectCreated:Put"} in job["Input"]["CosHeaders"]


def test_keys_and_user_data_hold_every_character_that_needs_care() -> None:
    jobs = jobs_of(first())
    keys = "".join(job["Input"]["Object"] for job in jobs)
    assert all(character in keys for character in '&<>"*课')
    assert any(job["Input"]["Object"].startswith("/") for job in jobs)
    noted = "".join(job["Operation"]["UserData"] for job in jobs)
    assert all(text in noted for text in ("  ", "]]>", "</Response>", "\\", "\t", "🎬", "} "))


def test_every_leaf_is_text_but_the_job_level() -> None:
    def visit(node: Any, name: str) -> None:
        if isinstance(node, dict):
            for inner, child in node.items():
                visit(child, inner)
        elif isinstance(node, list):
            for child in node:
                visit(child, name)
        else:
            assert type(node) is (int if name == "JobLevel" else str)

    visit({"all": first()}, "")


def test_stream_extract_has_one_to_eight_outputs_and_sums_need_not_agree() -> None:
    jobs = [job for job in jobs_of(first(tags=("StreamExtract",))) if job["State"] == "Success"]
    pairs: Counter[tuple[int, int]] = Counter()
    for job in jobs:
        streams = job["Operation"]["Output"]["StreamExtract"]
        assert [stream["Index"] for stream in streams] == [str(n) for n in range(len(streams))]
        pairs[len(streams), len(job["Operation"]["MediaResult"]["OutputFile"]["Md5Info"])] += 1
    assert {streams for streams, _ in pairs} == set(range(1, 9))
    assert {streams - sums for streams, sums in pairs} == {0, 1}


def test_stream_extract_has_the_size_of_real_ones() -> None:
    trees = first(tags=("StreamExtract",))
    assert 2000 < sum(len(to_xml(tree)) for tree in trees) / COUNT < 2600
    assert 1100 < sum(len(to_json(tree)) for tree in trees) / COUNT < 1650


def test_choosing_tags_takes_them_as_likely() -> None:
    tags = Counter(job["Tag"] for job in jobs_of(first(1000, tags=("Snapshot", "Concat"))))
    assert set(tags) == {"Snapshot", "Concat"}
    assert 400 < tags["Concat"] < 600


def test_any_integer_is_a_seed() -> None:
    for seed in (-1, 0, 1 << 80):
        assert len(first(5, seed=seed)) == 5
