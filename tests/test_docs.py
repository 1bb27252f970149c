"""The documents keep their word: their commands run, their code runs, and both languages of the README say the same.

Commands are the lines after `$ ` in ```console and ```sh blocks; the lines below one are what it prints, stdout and
stderr as they come, with `...` for anything. A command must succeed, unless `<!-- exit: 1 -->` stands on the line
before the block: then its last command ends so. `<!-- skip: reason -->` there leaves the block alone, and
`<!-- file: name -->` writes it, in whatever language, to a file. The blocks of a document run in order in one folder of
its own, which holds a copy of examples/.
"""

from __future__ import annotations

import doctest
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.object_storage import Storage

ROOT = Path(__file__).parent.parent
README, CHINESE = ROOT / "README.md", ROOT / "README.zh-CN.md"
KINDS = ROOT / "docs" / "kinds.md"
DOCUMENTS = [path for path in [README, *sorted((ROOT / "docs").glob("*.md"))] if path.exists()]

FENCE = re.compile(r"^(?P<before>.*)\n```(?P<language>[\w-]*)\n(?P<code>(?:.*\n)*?)```$", re.MULTILINE)
ANNOTATION = re.compile(r"<!-- (?P<word>exit|skip|file): (?P<value>.+) -->")
# A command, with its continuation lines, and what it prints.
COMMAND = re.compile(r"^\$ (?P<typed>(?:.*\\\n)*.*)\n(?P<printed>(?:(?!\$ ).*\n)*)", re.MULTILINE)
SECONDS = 120


class Block(NamedTuple):
    """One fenced block, with what the line before it asks for."""

    language: str
    code: str
    line: int
    exit_code: int
    skip: bool
    file: str = ""


def blocks_of(text: str) -> list[Block]:
    text = "\n" + text  # so that a fence on the first line, too, has a line before it
    found = []
    for fence in FENCE.finditer(text):
        asked = ANNOTATION.fullmatch(fence["before"].strip())
        exit_code = int(asked["value"]) if asked and asked["word"] == "exit" else 0
        line = text.count("\n", 0, fence.start("language"))
        skip = asked is not None and asked["word"] == "skip"
        file = asked["value"] if asked and asked["word"] == "file" else ""
        found.append(Block(fence["language"], fence["code"], line, exit_code, skip, file))
    fences = len(re.findall(r"^\s*```", text, re.MULTILINE))
    assert fences == 2 * len(found), "a fence is indented, unclosed or follows another at once: it would not be run"
    return found


def run(command: list[str], folder: Path) -> tuple[int, str]:
    bin_folder = str(Path(sys.executable).parent)
    environment = os.environ | {
        "PATH": bin_folder + os.pathsep + os.environ["PATH"],
        "LC_ALL": "C.UTF-8",
        "COLUMNS": "120",
        "NO_COLOR": "1",
        "TERM": "dumb",
    }
    ended = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )
    return ended.returncode, ended.stdout


def run_commands(block: Block, folder: Path, place: str) -> None:
    commands = list(COMMAND.finditer(block.code))
    for command in commands:
        if re.search(r"(^|\| )jq ", command["typed"]) and shutil.which("jq") is None:
            continue  # the one program in the examples that neither the system nor this package brings
        exit_code, printed = run(["bash", "-c", command["typed"]], folder)
        wanted = block.exit_code if command is commands[-1] else 0
        assert exit_code == wanted, f"{place}: $ {command['typed']}\nended with {exit_code}\n{printed}"
        promised = command["printed"].rstrip("\n") + "\n"
        if promised.strip():
            matches = doctest.OutputChecker().check_output(promised, printed.rstrip("\n") + "\n", doctest.ELLIPSIS)
            assert matches, f"{place}: $ {command['typed']}\nprinted\n{printed}\nand not\n{promised}"


def run_block(block: Block, folder: Path, place: str) -> None:
    if block.file:
        (folder / block.file).write_text(block.code, "utf-8")
    elif block.language in {"console", "sh"}:
        run_commands(block, folder, place)
    elif block.language == "python":
        exit_code, printed = run([sys.executable, "-W", "error", "-c", block.code], folder)
        assert exit_code == block.exit_code, f"{place}: ended with {exit_code}\n{printed}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_the_examples_of_a_document_do_what_it_says(
    document: Path, tmp_path: Path, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The environment leads to an S3 on loopback, which has the bucket that the documents use."""
    monkeypatch.setenv("COS_ENDPOINT_URL", f"http://127.0.0.1:{storage.port}")
    storage.client.create_bucket(Bucket="logs-1302468013")
    if (ROOT / "examples").exists():
        shutil.copytree(ROOT / "examples", tmp_path / "examples")
    for block in blocks_of(document.read_text("utf-8")):
        if not block.skip:
            run_block(block, tmp_path, f"{document.name}:{block.line}")


def outline(text: str) -> dict[str, object]:
    """What must be equal in every language: code, the levels of headings, and the numbers that start table cells."""
    prose = FENCE.sub(r"\g<before>", "\n" + text)
    rows = re.findall(r"^\|(.*)\|$", prose, re.MULTILINE)
    cells = [[cell.strip() for cell in row.split("|")] for row in rows]
    return {
        "code": [(block.language, block.code) for block in blocks_of(text)],
        "headings": re.findall(r"^#+(?= )", prose, re.MULTILINE),
        "table rows": [[number.group() for cell in row if (number := re.match(r"[\d.,]+", cell))] for row in cells],
    }


def test_the_chinese_readme_mirrors_the_english_one() -> None:
    if not (README.exists() and CHINESE.exists()):
        pytest.skip("not both of them are there yet")
    assert outline(CHINESE.read_text("utf-8")) == outline(README.read_text("utf-8"))


def test_the_table_of_kinds_is_what_the_command_prints() -> None:
    exit_code, printed = run(["stream-cb", "kinds"], ROOT)
    table = re.search(r"<!-- kinds:start -->\n(.*?)<!-- kinds:end -->", KINDS.read_text("utf-8"), re.DOTALL)
    assert (exit_code, table[1].strip("\n") if table else None) == (0, printed.strip("\n"))


def test_blocks_and_their_annotations_are_found() -> None:
    text = (
        "```python\n1\n```\n<!-- exit: 3 -->\n```sh\n$ false\n```\n<!-- skip: slow -->\n```console\n$ a\nb\n```\n"
        "<!-- file: a.py -->\n```python\n2\n```\n"
    )
    assert blocks_of(text) == [
        Block("python", "1\n", 1, 0, False),
        Block("sh", "$ false\n", 5, 3, False),
        Block("console", "$ a\nb\n", 9, 0, True),
        Block("python", "2\n", 14, 0, False, "a.py"),
    ]


@pytest.mark.parametrize("text", ["```sh\n$ a\n", "- list\n  ```sh\n  $ a\n  ```\n", "```sh\n```\n```sh\n```\n"])
def test_a_block_that_would_not_be_run_is_refused(text: str) -> None:
    with pytest.raises(AssertionError, match="it would not be run"):
        blocks_of(text)


def test_an_outline_sees_what_translation_must_not_change() -> None:
    english = outline("# Speed\n```sh\n# a comment\n```\n| lxml | 12.5 MB/s |\n")
    assert english == outline("# 速度\n```sh\n# a comment\n```\n| lxml | 12.5 兆/秒 |\n")
    assert english != outline("## 速度\n```sh\n# a comment\n```\n| lxml | 12.5 兆/秒 |\n")
    assert english != outline("# 速度\n```sh\n# a comment\n```\n| lxml | 12.6 兆/秒 |\n")
    assert english != outline("# 速度\n```sh\n# 注释\n```\n| lxml | 12.5 兆/秒 |\n")


def test_a_block_that_keeps_its_word_passes(tmp_path: Path) -> None:
    code = "$ echo one; echo two; \\\n  echo three >&2\none\n...\nthree\n$ touch made\n$ ls; exit 3\nmade\n"
    run_block(Block("console", code, 1, 3, False), tmp_path, "here")


def test_a_block_that_is_a_file_is_written_and_not_run(tmp_path: Path) -> None:
    run_block(Block("python", "assert False\n", 1, 0, False, "never.py"), tmp_path, "here")
    assert (tmp_path / "never.py").read_text("utf-8") == "assert False\n"


@pytest.mark.parametrize(
    ("language", "code", "complaint"),
    [
        ("sh", "$ false\n", "ended with 1"),
        ("console", "$ echo one\ntwo\n", r"and not\s+two"),
        ("python", "assert False\n", "AssertionError"),
    ],
)
def test_a_block_that_breaks_its_word_fails(language: str, code: str, complaint: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=complaint):
        run_block(Block(language, code, 1, 0, False), tmp_path, "here")
