"""Help, versions, completion, and the messages for what was typed wrong."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import ijson
import pytest
from lxml import etree

from stream_cb.events.matchers import PURE, chosen_matcher

if TYPE_CHECKING:
    from tests.integration.conftest import Run

COMMANDS: list[tuple[str, ...]] = [(), ("bench",), ("convert",), ("generate",)]


@pytest.mark.parametrize("flag", ["-h", "--help"])
@pytest.mark.parametrize("command", COMMANDS, ids=str)
def test_help_shows_examples_before_anything_technical(run: Run, command: tuple[str, ...], flag: str) -> None:
    ended = run(*command, flag)
    assert ended.code == 0
    assert ended.stderr == ""
    text = ended.stdout.decode()
    assert 0 < text.index("Examples:\n  # ") < text.index("Usage: stream-cb") < text.index("Options:")
    assert text.count("\n  stream-cb ") + text.count("\n  cat ") >= 3


@pytest.mark.parametrize("command", COMMANDS[2:], ids=str)
def test_help_explains_every_option(run: Run, command: tuple[str, ...]) -> None:
    lines = run(*command, "--help").stdout.decode().partition("Options:\n")[2].splitlines()
    options = [place for place, line in enumerate(lines) if line.startswith("  -")]
    assert len(options) >= 9
    for place in options:
        meaning = lines[place][2:].partition("  ")[2].strip() or lines[place + 1].strip()
        assert meaning[:1].isupper(), lines[place]


def test_the_default_of_a_limit_is_shown_as_it_can_be_typed(run: Run) -> None:
    assert "[default: 16MiB]" in run("convert", "--help").stdout.decode()


def test_no_command_at_all_shows_the_help(run: Run) -> None:
    ended = run()
    assert ended.code == 2
    assert "Examples:" in ended.stdout.decode() + ended.stderr


def test_version_tells_the_matcher_and_the_libraries_whose_behaviour_shows(run: Run) -> None:
    ended = run("--version")
    assert ended.code == 0
    matcher = "compiled" if chosen_matcher().is_compiled else "pure Python"
    assert ended.stdout.decode().splitlines() == [
        f"stream-cb {version('stream-cb')} (matcher: {matcher})",
        f"Python {sys.version.split()[0]}",
        f"lxml {etree.__version__} (libxml2 {'.'.join(map(str, etree.LIBXML_VERSION))})",
        f"ijson {version('ijson')} ({ijson.backend})",
        f"orjson {version('orjson')}",
        f"msgspec {version('msgspec')}",
    ]


def test_version_tells_a_matcher_that_is_left_aside(run: Run, environment: dict[str, str]) -> None:
    environment[PURE] = "1"
    first = run("--version").stdout.decode().splitlines()[0]
    assert first == f"stream-cb {version('stream-cb')} (matcher: pure Python)"


def test_the_installed_script_is_the_same_command(run: Run) -> None:
    script = Path(sys.executable).with_name("stream-cb")
    if not script.exists():
        pytest.skip("the package is not installed")
    ended = subprocess.run([script, "--version"], capture_output=True, check=True)
    assert ended.stdout == run("--version").stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script_for_the_shell(run: Run, environment: dict[str, str], shell: str) -> None:
    environment["_STREAM_CB_COMPLETE"] = f"{shell}_source"
    ended = run()
    assert ended.code == 0
    assert ended.stderr == ""
    assert b"_STREAM_CB_COMPLETE=" in ended.stdout
    assert b"stream-cb" in ended.stdout


def test_completion_knows_commands_and_choices(run: Run, environment: dict[str, str]) -> None:
    environment |= {"_STREAM_CB_COMPLETE": "bash_complete", "COMP_WORDS": "stream-cb conv", "COMP_CWORD": "1"}
    assert run().stdout == b"plain,convert\n"
    environment |= {"COMP_WORDS": "stream-cb convert --reader i", "COMP_CWORD": "3"}
    assert run().stdout == b"plain,iterparse\nplain,ijson\n"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("--nope",), "No such option '--nope'"),
        (("frobnicate",), "No such command 'frobnicate'"),
        (("convert", "--nope"), "No such option '--nope'"),
        (("convert", "--output"), "Option '--output' requires an argument"),
        (("convert", "--from", "yaml"), "'yaml' is not one of 'xml', 'json'"),
        (("convert", "--reader", "sax"), "'sax' is not one of 'framed', 'iterparse', 'ijson'"),
        (("convert", "--max-record-bytes", "0"), "'0' is not a size; write 500, 64KiB, 100MB or 1.5G"),
        (("convert", "--max-record-bytes", "lots"), "'lots' is not a size; write 500, 64KiB, 100MB or 1.5G"),
        (("convert", "--max-depth", "0"), "0 is not in the range x>=1"),
        (("convert", "--max-dead-letters", "-1"), "-1 is not in the range x>=0"),
        (("convert", "--max-dead-letters", "many"), "'many' is not a valid integer"),
        (("bench",), "Missing argument 'INPUT...'"),
        (("bench", "a.xml", "--rounds", "0"), "0 is not in the range x>=1"),
        (("generate", "extra"), "unexpected extra argument (extra)"),
        (("generate", "--count", "-1"), "-1 is not in the range x>=0"),
        (("generate", "--count", "1", "--damage", "2"), "2.0 is not in the range 0<=x<=1"),
        (("generate", "--count", "1", "--as", "yaml"), "'yaml' is not one of 'xml', "),
        (("generate", "--size", "1TB"), "'1TB' is not a size"),
        (("generate", "--count", "1", "--seed", "x"), "'x' is not a valid integer"),
    ],
)
def test_what_was_typed_wrong_is_named(run: Run, args: tuple[str, ...], message: str) -> None:
    ended = run(*args)
    assert ended.code == 2
    assert ended.stdout == b""
    assert message in ended.stderr
