"""Documents turned into pictures or other documents.

Tags: DocProcess. (DocWatermark has nothing of its own that is documented.)
"""

import msgspec

from stream_cb.events.node import Maybe, Node, Whole
from stream_cb.events.operations.operation import Operation


class DocProcess(Node, frozen=True, kw_only=True):
    """What to make of a document.

    src_type, tgt_type: file types, empty for the defaults. start_page, end_page: page numbers, end_page -1 for the
    last. quality: 1 to 100. zoom: percent. image_params: how the pictures are processed further.
    sheet_id: which sheet of a workbook, "0" for all. comments, paper_direction, paper_size: choices, numbers as text.
    """

    comments: str = ""
    doc_password: str = ""
    end_page: Maybe[Whole] = None
    image_params: str = ""
    paper_direction: str = ""
    paper_size: str = ""
    quality: Maybe[Whole] = None
    sheet_id: str = ""
    src_type: str = ""
    start_page: Maybe[Whole] = None
    tgt_type: str = ""
    zoom: Maybe[Whole] = None


class PageInfo(Node, frozen=True, kw_only=True):
    """One page that was made.

    page_no: its number; of a workbook, the sheet's. tgt_uri: the key it was written to.
    sheet_pics: pictures of its sheet, workbooks only. pic_index: its number among all pictures, workbooks only.
    pic_num: its number among its sheet's pictures, workbooks only.
    """

    page_no: Maybe[Whole] = None
    tgt_uri: str = ""
    sheet_pics: Maybe[Whole] = msgspec.field(default=None, name="X-SheetPics")
    pic_index: Maybe[Whole] = None
    pic_num: Maybe[Whole] = None


class DocProcessResult(Node, frozen=True, kw_only=True):
    """What became of the pages.

    total_page_count, succ_page_count, fail_page_count: how many. page_info: up to 5,000. task_id: mostly empty.
    """

    fail_page_count: Maybe[Whole] = None
    page_info: tuple[PageInfo, ...] = ()
    succ_page_count: Maybe[Whole] = None
    task_id: str = ""
    tgt_type: str = ""
    total_page_count: Maybe[Whole] = None


class DocProcessOperation(Operation, frozen=True, kw_only=True):
    """Tag DocProcess: a document page by page; `output.object` numbers them with ${Page}."""

    doc_process: Maybe[DocProcess] = None
    doc_process_result: Maybe[DocProcessResult] = None
