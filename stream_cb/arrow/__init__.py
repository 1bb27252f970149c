"""Events as columns: schemas, and record batches of them. Needs pyarrow, the extra `arrow`."""

from __future__ import annotations

from stream_cb.errors import UsageError

try:
    import pyarrow as _  # noqa: F401
except ImportError as error:
    raise UsageError("Arrow and Parquet need pyarrow: pip install 'stream-cb[arrow]'") from error

from stream_cb.arrow.batches import Batcher, belongs_to, empty_row_bytes, leaned, widened
from stream_cb.arrow.blocks import joined
from stream_cb.arrow.schema import EXTRA_COLUMN, JOBS, PLACE_COLUMNS, schema_of, selection_of, subset, table_of
from stream_cb.arrow.transfer import RowEncoder, packed, unpack

__all__ = [
    "EXTRA_COLUMN",
    "JOBS",
    "PLACE_COLUMNS",
    "Batcher",
    "RowEncoder",
    "belongs_to",
    "empty_row_bytes",
    "joined",
    "leaned",
    "packed",
    "schema_of",
    "selection_of",
    "subset",
    "table_of",
    "unpack",
    "widened",
]
