"""The shape of the package: imports flow down, nothing heavy loads early, files stay small. The tables are the law."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# ── The tables ──────────────────────────────────────────────────────────────────────────────────────────────────────

# From the bottom up. A module imports only from rows below its own, never from a neighbour in its row. A name stands
# for a module, or for a folder with all that is in it; "stream_cb" is the package's own __init__ alone.
ROWS: list[list[str]] = [
    [
        "stream_cb.errors",
        "stream_cb.places",
        "stream_cb.limits",
        "stream_cb.patterns",
        "stream_cb.process",
        "stream_cb.runs",
        "stream_cb._matcher",
    ],
    ["stream_cb.model", "stream_cb.storage"],
    ["stream_cb.inputs", "stream_cb.framing", "stream_cb.events"],
    ["stream_cb.arrow"],
    ["stream_cb.readers", "stream_cb.sinks"],
    [
        "stream_cb.checkpoint",
        "stream_cb.heads",
        "stream_cb.distinct",
        "stream_cb.tally",
        "stream_cb.tap",
        "stream_cb.growing",
    ],
    [
        "stream_cb.pipeline",
        "stream_cb.generate",
        "stream_cb.lanes",
        "stream_cb.guesses",
        "stream_cb.anchors",
        "stream_cb.presumptions",
    ],
    [
        "stream_cb.parts",
        "stream_cb.resume",
        "stream_cb.retry",
        "stream_cb.timing",
        "stream_cb.splits",
        "stream_cb.writing",
    ],
    ["stream_cb.workers", "stream_cb.following", "stream_cb.bench"],
    ["stream_cb.parallel"],
    ["stream_cb.api"],
    ["stream_cb.conversion", "stream_cb.spark"],
    ["stream_cb.cli"],
    ["stream_cb", "stream_cb.__main__"],
]

# Stands beside the rows: a folder that may import these, and nothing else of the package outside itself.
ONLY: dict[str, list[str]] = {
    "stream_cb.generate": ["stream_cb.errors", "stream_cb.model"],
    "stream_cb.events.operations": ["stream_cb.events.node", "stream_cb.events.output"],
}

# Inside a folder: the files that others of the same folder import, in order; each may import those before it. Files
# not named here come after them and are imported by the folder's __init__ alone, which always comes last. A folder
# inside a folder is one name in the list of the outer one, and has a list of its own.
ORDER: dict[str, list[str]] = {
    "stream_cb.inputs": [
        "piece_stream",
        "magic",
        "zstd_frames",
        "compression",
        "raw_file",
        "expansion",
        "object_listing",
    ],
    "stream_cb.framing": [
        "damaged",
        "scanner",
        "xml_syntax",
        "json_syntax",
        "resync",
        "frames",
        "framer",
        "elements",
        "values",
        "wrappers",
        "documents",
    ],
    "stream_cb.events": [
        "node",
        "output",
        "operations",
        "repeated_keys",
        "notes",
        "fits",
        "shape",
        "json_schema",
        "task_finish",
        "workflow_finish",
        "review_parts",
        "review",
        "probe",
        "other",
        "kinds",
        "decode",
        "encode",
        "native",
        "steps",
        "layout",
        "selection",
        "grammar",
        "xml_grammar",
        "xml_layout",
        "json_grammar",
        "json_layout",
        "dialect",
        "subjects",
        "line_program",
        "line_function",
        "job_bodies",
        "pure_matcher",
        "matchers",
        "plans",
        "decoder",
    ],
    "stream_cb.events.operations": ["media_info", "operation", "watermarks", "encoding"],
    "stream_cb.arrow": ["schema", "fitting", "blocks", "batches", "transfer"],
    "stream_cb.readers": ["content_limits", "json_payload", "xml_payload", "one_by_one"],
    "stream_cb.sinks": [
        "compressors",
        "placing",
        "syncing",
        "buffering",
        "compressing",
        "columns",
        "column_types",
        "job_outputs",
        "outputs",
        "part_names",
        "output_folders",
        "object_output",
        "object_folders",
        "column_files",
        "partitions",
    ],
    "stream_cb.storage": ["address", "store", "object_file", "s3_client", "s3_upload"],
    "stream_cb.generate": ["media"],
    "stream_cb.cli": ["sizes", "examples", "progress", "tables", "jobs", "console", "convert"],
}

# Not loaded by `import stream_cb.cli`: start-up time is a feature of a tool that sits in pipes.
HEAVY = {
    "pyspark",
    "lxml",
    "ijson",
    "orjson",
    "msgspec",
    "rich",
    "zlib_ng",
    "zstandard",
    "pyarrow",
    "botocore",
    "fsspec",
}
# Not loaded by `import stream_cb` either.
HEAVY_FOR_A_LIBRARY = HEAVY | {"click"}

NAMES_THAT_SAY_NOTHING = {"utils", "helpers", "common", "base", "manager"}
MAX_LINES = 300
MAY_PRINT = "stream_cb.cli"

# ── The modules and what they import ────────────────────────────────────────────────────────────────────────────────

ROOT = Path(__file__).parent.parent
PACKAGE = "stream_cb"


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


# The module that is compiled is known by its stub.
FILES = {module_name(path): path for path in sorted((ROOT / PACKAGE).rglob("*.py*")) if path.suffix in (".py", ".pyi")}
TREES = {module: ast.parse(path.read_bytes()) for module, path in FILES.items()}
each_module = pytest.mark.parametrize("module", FILES)


def unit_of(module: str) -> str | None:
    """The name in ROWS that stands for the module, or None."""
    for unit in (unit for row in ROWS for unit in row):
        if module == unit or (unit != PACKAGE and module.startswith(unit + ".")):
            return unit
    return None


def imports_of(module: str) -> Iterator[tuple[int, str]]:
    """Line and name of each module of the package that this one imports, at its top, in a function, or by its name."""
    for node in ast.walk(TREES[module]):
        match node:
            case ast.Import(names=names):
                found = [alias.name for alias in names]
            case ast.ImportFrom(level=level, module=origin, names=names):
                parent = origin or ""
                if level:
                    parts = module.split(".")
                    is_folder = FILES[module].name == "__init__.py"
                    folder = parts[: len(parts) - level + is_folder]
                    parent = ".".join([*folder, origin] if origin else folder)
                submodules = [f"{parent}.{alias.name}" for alias in names]
                found = [name if name in FILES else parent for name in submodules]
            case ast.Constant(value=str(text)) if text in FILES and text != PACKAGE:
                found = [text]  # what importlib.import_module is given, from a table of names
            case _:
                continue
        for name in found:
            if (name == PACKAGE or name.startswith(PACKAGE + ".")) and name != module:
                yield node.lineno, name


def is_inside(module: str, folder: str) -> bool:
    return module == folder or module.startswith(folder + ".")


def innermost_folder(*modules: str) -> str:
    """The folder farthest down that holds all of the modules, which are of one unit."""
    return max((folder for folder in ORDER if all(is_inside(module, folder) for module in modules)), key=len)


def place_in_folder(folder: str, module: str) -> int:
    """Position among what is in the folder: what ORDER names, then the others, then __init__."""
    if module == folder:
        return len(ORDER[folder]) + 1
    name = module.removeprefix(folder + ".").partition(".")[0]
    return ORDER[folder].index(name) if name in ORDER[folder] else len(ORDER[folder])


def objection(module: str, imported: str) -> str | None:
    """Why the module may not import the other one, or None."""
    unit, other = unit_of(module), unit_of(imported)
    if unit is None or other is None:
        return None  # a module without a row fails a test of its own
    for folder, allowed in ONLY.items():
        if is_inside(module, folder) and not is_inside(imported, folder):
            is_allowed = any(is_inside(imported, one) for one in allowed)
            return None if is_allowed else f"{folder} may import only {', '.join(allowed)}; see ONLY"
    if unit == other:
        folder = innermost_folder(module, imported)
        if place_in_folder(folder, imported) < place_in_folder(folder, module):
            return None
        return f"inside {folder} it does not come earlier; see ORDER"
    row, other_row = (next(i for i, row in enumerate(ROWS) if name in row) for name in (unit, other))
    return None if other_row < row else f"{other} is not in a row below {unit}; see ROWS"


# ── The tests ───────────────────────────────────────────────────────────────────────────────────────────────────────


@each_module
def test_every_module_has_its_row(module: str) -> None:
    assert unit_of(module), f"{module} is in no row: add it to ROWS at the top of {Path(__file__).name}"


@each_module
def test_imports_flow_down(module: str) -> None:
    upward = [
        f"{FILES[module].relative_to(ROOT)}:{line}: imports {imported}: {why}"
        for line, imported in imports_of(module)
        if (why := objection(module, imported))
    ]
    assert not upward, "\n".join(upward)


@each_module
def test_every_module_has_a_docstring(module: str) -> None:
    assert ast.get_docstring(TREES[module])


@each_module
def test_no_module_name_says_nothing(module: str) -> None:
    assert NAMES_THAT_SAY_NOTHING.isdisjoint(module.split("."))


@each_module
def test_files_stay_small(module: str) -> None:
    lines = FILES[module].read_bytes().count(b"\n")
    assert lines < MAX_LINES


def test_one_thing_alone_is_compiled() -> None:
    """What is in C is small, fuzzed with sanitizers, and has its like in Python; see docs/architecture.md."""
    assert [path.name for path in (ROOT / PACKAGE).rglob("*.c")] == ["_matcher.c"]


@each_module
def test_only_the_command_line_prints(module: str) -> None:
    lines = [
        node.lineno
        for node in ast.walk(TREES[module])
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert not lines or unit_of(module) == MAY_PRINT, f"print() on lines {lines}"


@pytest.mark.parametrize(("module", "heavy"), [("stream_cb", HEAVY_FOR_A_LIBRARY), ("stream_cb.cli", HEAVY)])
def test_nothing_heavy_loads_before_it_is_needed(module: str, heavy: set[str]) -> None:
    if module not in FILES:
        pytest.skip(f"there is no {module} yet")
    script = f"import sys, {module}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not heavy & set(loaded.stdout.split())


def test_the_tables_name_each_thing_once_and_only_what_is_there() -> None:
    units = [unit for row in ROWS for unit in row]
    assert len(units) == len(set(units))
    folders = {f"{folder}.{name}" for folder, names in ORDER.items() for name in names}
    assert set(ORDER) | set(ONLY) <= {*units, *folders}
    missing = [
        f"{folder}.{name}"
        for folder, names in ORDER.items()
        for name in names
        if f"{folder}.{name}" not in FILES and folder in FILES
    ]
    assert not missing, "named in ORDER, but not there"


@pytest.mark.parametrize(
    ("module", "imported", "complaint"),
    [
        ("stream_cb.errors", "stream_cb.model", "not in a row below"),
        ("stream_cb.readers.x", "stream_cb.sinks", "not in a row below"),
        ("stream_cb.cli.x", "stream_cb", "not in a row below"),
        ("stream_cb.generate", "stream_cb.events", "may import only"),
        ("stream_cb.readers.x", "stream_cb.readers", "does not come earlier"),
        ("stream_cb.readers.x", "stream_cb.readers.y", "does not come earlier"),
        ("stream_cb.readers", "stream_cb.readers.x", None),
        ("stream_cb.readers.x", "stream_cb.framing.y", None),
        ("stream_cb", "stream_cb.cli", None),
        ("stream_cb.events.operations.x", "stream_cb.events.shape", "may import only"),
        ("stream_cb.events.operations.x", "stream_cb.model", "may import only"),
        ("stream_cb.events.operations.x", "stream_cb.events", "may import only"),
        ("stream_cb.events.operations.x", "stream_cb.events.operations", "does not come earlier"),
        ("stream_cb.events.operations.x", "stream_cb.events.operations.y", "does not come earlier"),
        ("stream_cb.events.operations.operation", "stream_cb.events.operations.encoding", "does not come earlier"),
        ("stream_cb.events.node", "stream_cb.events.operations", "does not come earlier"),
        ("stream_cb.events.output", "stream_cb.events.operations.x", "does not come earlier"),
        ("stream_cb.events.operations.x", "stream_cb.events.node", None),
        ("stream_cb.events.operations.encoding", "stream_cb.events.operations.operation", None),
        ("stream_cb.events.operations", "stream_cb.events.operations.x", None),
        ("stream_cb.events.task_finish", "stream_cb.events.operations", None),
    ],
)
def test_the_law_objects_to_what_it_should(module: str, imported: str, complaint: str | None) -> None:
    why = objection(module, imported)
    assert why is None if complaint is None else complaint in (why or "")
