"""A seed and a table of Tags in, an endless series of callbacks out: the envelope around every Operation.

Invariant: the n-th callback depends on the seed, the Tags and the failure rate only; CreationTime grows from job to
job, so no two jobs of a log share one. Held in memory: the jobs of one workflow run, at most six.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from random import Random
from typing import Any, Protocol

Callback = dict[str, Any]

WORKFLOW_SHARE = 0.25
REPORTED_RUNS_SHARE = 0.3
SEVERAL_JOBS_SHARE = 0.05
ODD_NAME_SHARE = 0.12
ODD_USER_DATA_SHARE = 0.08
USER_DATA_SHARE = 0.8

# Jobs after which a run ends (those of the callback that reaches the number included).
MOST_TASKS = 4
# The log of seed n begins n days after this one. Ten years of days keep every date within four digits.
FIRST_DAY = datetime(2026, 6, 29, 8, tzinfo=timezone(timedelta(hours=8)))
DAYS = 3650

PLACES = (
    {"Bucket": "course-media-1309876543", "Region": "ap-guangzhou"},
    {"Bucket": "newsroom-1302468013", "Region": "ap-shanghai"},
    {"Bucket": "field-recordings-1313579246", "Region": "ap-chengdu"},
)
FOLDERS = ("uploads/", "uploads/2026/", "inbox/camera-2/", "/incoming/")
NAMES = ("lecture", "interview", "keynote", "podcast", "trailer", "rehearsal", "match", "briefing")
ODD_NAMES = ("课程录像", "发布会 第一场", "Q&A", "a<b", 'take "two"', "*final*", "R&D <draft>", "café", "x > y", "it's")
ODD_USER_DATA = (
    "two  blanks   and a\ttab, order #",
    ' {"order": #, "note": "keep } and ] as they are"} ',
    "https://example.com/done?order=#&lang=zh&next=%2F",
    '<order id="#"/> & </Response> is not a tag here',
    "备注 第 # 号订单 🎬",
    "]]> #",
    "back\\slash # 'single' \"double\"",
)
FAILURES = (
    ("InvalidArgument", "the input has no stream with index 3"),
    ("InvalidArgument", 'Output.Object must not be empty & must not end in "/"'),
    ("ResourceNotFound", "the source object does not exist"),
    ("AccessDenied", "the role may not read <bucket>/<key>"),
    ("InternalError", "服务繁忙, please try again"),
)
MESSAGES = ("", "", "", "", "", "success", "done", "Success")


class Kind(Protocol):
    """What the envelope needs to know of a Tag; a row of the table of operations."""

    @property
    def prefix(self) -> str: ...
    @property
    def share(self) -> int: ...
    @property
    def build(self) -> Callable[[Random, dict[str, str], str], dict[str, Any]]: ...
    @property
    def extension(self) -> str: ...
    @property
    def workflow(self) -> bool: ...


@lru_cache(maxsize=16)
def _minute(minute: int) -> str:
    return (FIRST_DAY + timedelta(minutes=minute)).isoformat()[: len("2026-06-29T08:00:")]


def _time(second: int) -> str:
    """The form of TaskFinish, `2026-06-30T08:00:04+0800`: a minute is formatted once, for it is the slow part."""
    minute, rest = divmod(second, 60)
    return f"{_minute(minute)}{rest:02d}+0800"


class CallbackSeries:
    """Iterates over callbacks without end; `mixed` adds WorkflowFinish and callbacks of two or three jobs."""

    def __init__(self, *, seed: int, kinds: Mapping[str, Kind], mixed: bool, failure_rate: float) -> None:
        self._rng = Random(seed)
        self._kinds = kinds
        self._drawn = [tag for tag, kind in kinds.items() for _ in range(kind.share if mixed else 1)]
        self._mixed = mixed
        self._failure_rate = failure_rate
        self._second = seed % DAYS * 86_400
        self._serial = 0
        self._queue = f"p{self._rng.getrandbits(128):032x}"
        self._workflow = ("", "")
        self._run_id = ""
        self._tasks: list[dict[str, Any]] = []

    def __iter__(self) -> Iterator[Callback]:
        rng = self._rng
        while True:
            if len(self._tasks) >= MOST_TASKS or (self._tasks and rng.random() < 1 / MOST_TASKS):
                finished, self._tasks = self._tasks, []
                if self._mixed and rng.random() < REPORTED_RUNS_SHARE:
                    yield self._workflow_finish(finished)
                    continue
            jobs = 1 if not self._mixed or rng.random() >= SEVERAL_JOBS_SHARE else 2 + int(rng.random() * 2)
            yield {"EventName": "TaskFinish", "JobsDetail": [self._job() for _ in range(jobs)]}

    def _pick(self, choices: Sequence[Any]) -> Any:
        return choices[int(self._rng.random() * len(choices))]

    def _job(self) -> dict[str, Any]:
        rng = self._rng
        tag = self._pick(self._drawn)
        kind = self._kinds[tag]
        self._serial += 1
        self._second = created = self._second + 1 + int(rng.random() * 4)
        ended = created + 2 + int(rng.random() * 40)
        failed = rng.random() < self._failure_rate
        code, message = self._pick(FAILURES) if failed else ("Success", self._pick(MESSAGES))
        place = self._pick(PLACES)
        name = f"{self._pick(ODD_NAMES if rng.random() < ODD_NAME_SHARE else NAMES)}-{self._serial:06d}"
        job = {
            "Code": code,
            "CreationTime": _time(created),
            "EndTime": _time(ended),
            "Input": self._input(tag, place, f"{self._pick(FOLDERS)}{name}.{kind.extension}"),
            "JobId": f"{kind.prefix}{rng.getrandbits(128):032x}",
            "Message": message,
            "Operation": self._operation(kind, place, f"out/{name}", failed=failed),
            "QueueId": self._queue,
            "StartTime": _time(created + 1),
            "State": "Failed" if failed else "Success",
            "Tag": tag,
        }
        if tag == "DocProcess":
            del job["StartTime"]
        if kind.workflow and rng.random() < WORKFLOW_SHARE:
            self._join_run(job)
        return job

    def _input(self, tag: str, place: dict[str, str], key: str) -> dict[str, Any]:
        if tag == "DocProcess":
            return {"Object": key}
        if tag == "Translation":
            return {"Object": key, "Lang": "en", "Type": "docx", "BasicType": "docx"}
        return {"BucketId": place["Bucket"], "Object": key, "Region": place["Region"]}

    def _operation(self, kind: Kind, place: dict[str, str], stem: str, *, failed: bool) -> dict[str, Any]:
        """The Operation with the leaves that all Tags share; a failed job has no results."""
        rng = self._rng
        operation = kind.build(rng, place, stem)
        if failed:
            results = [name for name in operation if name.endswith(("Result", "MediaInfo"))]
            for name in results:
                del operation[name]
        if rng.random() < 1 / 2:
            number = rng.getrandbits(128)
            operation["TemplateId"] = f"t{number:032x}"
            operation["TemplateName"] = f"preset-{number % 90 + 10}"
        operation["UserData"] = self._user_data()
        if rng.random() < 1 / 2:
            operation["JobLevel"] = int(rng.random() * 3)
        return operation

    def _user_data(self) -> str:
        chance = self._rng.random()
        if chance < ODD_USER_DATA_SHARE:
            return str(self._pick(ODD_USER_DATA)).replace("#", str(self._serial))
        return f"order {self._serial}, batch {self._serial // 100}" if chance < USER_DATA_SHARE else ""

    def _join_run(self, job: dict[str, Any]) -> None:
        """Make `job` one that a workflow started, as an upload does: pseudo headers tell of the upload."""
        rng = self._rng
        if not self._tasks:
            number = rng.getrandbits(128)
            self._run_id = f"i{number:032x}"
            self._workflow = (f"w{number ^ (1 << 127):032x}", f"on-upload-{number % 7}")
        tag = job["Tag"]
        name = f"{tag}_{1_700_000_000_000 + self._second}"
        workflow_id, workflow_name = self._workflow
        job["Input"]["CosHeaders"] = [
            {"Key": "Content-Type", "Value": "application/octet-stream"},
            {"Key": "x-cos-request-id", "Value": f"{rng.getrandbits(96):024x}"},
            {"Key": "EventName", "Value": "cos:ObjectCreated:Put"},
            {"Key": "Size", "Value": str(1_000_000 + rng.getrandbits(24))},
        ]
        job["Workflow"] = {
            "Name": name,
            "RunId": self._run_id,
            "WorkflowId": workflow_id,
            "WorkflowName": workflow_name,
        }
        self._tasks.append(job)

    def _workflow_finish(self, jobs: list[dict[str, Any]]) -> Callback:
        """The end of a run: its Tasks are the jobs already called back, joined by JobId and RunId."""
        source = jobs[0]["Input"]
        failed = any(job["State"] == "Failed" for job in jobs)
        execution = {
            "RunId": self._run_id,
            "BucketId": source["BucketId"],
            "Object": source["Object"],
            "CosHeaders": source["CosHeaders"],
            "WorkflowId": self._workflow[0],
            "WorkflowName": self._workflow[1],
            "CreateTime": jobs[0]["CreationTime"].replace("T", " "),
            "State": "Failed" if failed else "Success",
            "Tasks": [_task(job) for job in jobs],
        }
        return {"EventName": "WorkflowFinish", "WorkflowExecution": execution}


def _task(job: dict[str, Any]) -> dict[str, Any]:
    """A job as WorkflowFinish shows it: times hold a blank here, and ResultInfo counts instead of listing sums."""
    operation = job["Operation"]
    task = {
        "Type": job["Tag"],
        "CreateTime": job["CreationTime"].replace("T", " "),
        "StartTime": job["StartTime"].replace("T", " "),
        "EndTime": job["EndTime"].replace("T", " "),
        "State": job["State"],
        "JobId": job["JobId"],
        "Name": job["Workflow"]["Name"],
        "TemplateId": operation.get("TemplateId", ""),
        "TemplateName": operation.get("TemplateName", ""),
    }
    if "MediaResult" in operation:
        written = operation["MediaResult"]["OutputFile"]
        names = [written["ObjectPrefix"] + name for name in written["ObjectName"]]
        task["ResultInfo"] = {
            "ObjectCount": str(len(names)),
            "ObjectInfo": [{"ObjectName": name} for name in names],
        }
    return task
