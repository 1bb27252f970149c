"""XML: one element as a record, and the level inside a wrapper element."""

from __future__ import annotations

from functools import partial

from stream_cb.framing.damaged import PATIENCE_BYTES, Damaged
from stream_cb.framing.framer import Framer
from stream_cb.framing.frames import XmlContext
from stream_cb.framing.resync import DOCUMENT_START, OVERLAP, Resync, after_junk, after_xml
from stream_cb.framing.xml_syntax import NAME, ElementScanner, StartTag, find_root, first_child, guess_end, skip_misc
from stream_cb.patterns import lazy_pattern
from stream_cb.places import LevelState
from stream_cb.runs import DECLARED, XML

# The element that a callback stands in; it never holds another one.
RECORD_ELEMENT = b"Response"
WRAPPER_ELEMENT = b"Responses"

# White space that may stand between the name and the '>' of an end tag that is cut by the end of a chunk.
_OVERLAP_BYTES = 4096

_SPACE = lazy_pattern(rb"[ \t\r\n]*+")
_TEXT = lazy_pattern(rb"(?>[^<]++|<!\[CDATA\[(?>[^\]]++|\](?!\]>))*+\]\]>)*+")
_SECTION = b"<![CDATA["
_NAMESPACE = lazy_pattern(rb"\s(xmlns(?::" + NAME + rb")?)\s*=\s*(\"[^\"]*\"|'[^']*')")
_ENCODING = lazy_pattern(rb"<\?xml[^>]*?\sencoding\s*=\s*[\"']([A-Za-z0-9._-]+)")


class Elements:
    """How elements are framed at one level: `path` is what is left of the path to the record, outermost first.

    A path of one name means that element, wherever it stands; an empty one lets the names decide.
    """

    def __init__(self, path: tuple[bytes, ...], context: XmlContext, wrapper: bytes | None = None) -> None:
        self.path = path
        self.context = context
        self._wrapper = wrapper
        self._ways = XML | DECLARED if wrapper is None else XML
        self._has_runs = path in ((), (RECORD_ELEMENT,)) and context == XmlContext()

    def step(self, framer: Framer) -> bool:
        """Frame the document or element that begins at the framer's position, or enter it if it is a wrapper."""
        if framer.final and skip_misc(framer.buffer, framer.position) == len(framer.buffer):
            return framer.skip_to(len(framer.buffer))
        if self._has_runs:
            end = framer.take_run(framer.position, self._ways)
            if end > framer.position:
                return framer.skip_to(end)
        try:
            root = find_root(framer.buffer, framer.position, final=framer.final)
        except Damaged as damaged:
            return framer.lost(damaged, self._resync_between, "xml")
        role = self._role(framer, root) if root else "wait"
        if root is None or role == "wait":
            return framer.be_patient(self._resync_between, "xml", framer.position + 1)
        if role == "wrapper":
            return self._enter(framer, root)
        return self._frame(framer, root, is_record=role == "record")

    def _role(self, framer: Framer, root: StartTag) -> str:
        """What the element is: "record", "wrapper", "other" (beside the path), or "wait" for more bytes."""
        path = self.path
        if path:
            if root.name == path[-1] and len(path) == 1:
                return "record"
            inside = len(path) == 1 or root.name == path[0]
            return "wrapper" if inside and not root.is_empty else "other"
        name = _local(root.name)
        if self._wrapper is not None or (root.is_empty and name != WRAPPER_ELEMENT):
            return "record"
        if name == WRAPPER_ELEMENT:
            return "wrapper"
        child = first_child(framer.buffer, root.end)
        if child is None:
            return "record" if framer.final else "wait"
        is_wrapper = _local(child) == RECORD_ELEMENT or name == _local(child) + b"s"
        return "wrapper" if is_wrapper and child else "record"

    def _enter(self, framer: Framer, root: StartTag) -> bool:
        """Go inside a wrapper: its encoding and namespaces hold for what it wraps."""
        encoding = self.context.encoding
        declared = _ENCODING.match(framer.buffer, framer.position)
        if not encoding and declared:
            encoding = declared[1].decode("ascii").lower()
            encoding = "" if encoding in ("utf-8", "utf8", "us-ascii") else encoding
        if root.is_empty:
            return framer.skip_to(root.end)
        spaces = dict(_NAMESPACE.findall(self.context.wrapper)) | dict(_NAMESPACE.findall(root.attributes))
        opened = b"".join(b" %s=%s" % pair for pair in spaces.items())
        context = XmlContext(encoding, b"<w%s>" % opened if opened else b"")
        path = self.path[1:] if len(self.path) > 1 else self.path
        elements = Elements(path, context, root.name)
        level = ElementLevel(elements, root.name, framer.where(root.start), holds_text=bool(path))
        return framer.push(level, root.end)

    def _frame(self, framer: Framer, root: StartTag, *, is_record: bool) -> bool:
        """Find the element's end: by the first end tag if the parser agrees, else by reading all tags."""
        buffer, start = framer.buffer, framer.position
        resync = partial(after_xml, root.name, self._wrapper)
        end, refusal = -1, None  # where the record was thought to end, and what the parser has said of that
        if framer.scanner is None:
            end, is_hopeless = self._guess(framer, root)
            if end < 0 and not is_hopeless and not framer.final:
                framer.hint = max(0, len(buffer) - start - _OVERLAP_BYTES)
                return framer.wait(resync, "xml")
            if end > 0 and is_record:
                refusal = self._verify(framer, end)
                if refusal is None:
                    return root.attributes != b"" or self._run(framer, buffer[start : root.end], root)
            framer.scanner = ElementScanner(sole=_local(root.name) == RECORD_ELEMENT)
        try:
            exact = framer.scanner.scan(buffer, root.start, final=framer.final)
        except Damaged as damaged:
            return framer.lost(damaged, resync, "xml", root.end)
        if exact is None:
            return framer.be_patient(resync, "xml", root.end)
        if not is_record:
            return framer.skip_to(exact)
        if refusal is None or exact != end:
            refusal = self._verify(framer, exact)
        return refusal is None or framer.reject(exact, "xml", *refusal)

    @staticmethod
    def _guess(framer: Framer, root: StartTag) -> tuple[int, bool]:
        """The first end tag of the root's name, and whether looking further for one is of no use.

        It is not where another record begins before it, or past PATIENCE_BYTES: then the tags have to be read.
        """
        if root.is_empty:
            return root.end, True
        buffer, limit = framer.buffer, root.end + PATIENCE_BYTES
        if _local(root.name) == RECORD_ELEMENT:
            again = buffer.find(b"<" + root.name, root.end, limit)
            limit = again if again >= 0 else limit
        end = guess_end(buffer, root.name, max(root.end, framer.position + framer.hint), limit)
        return end, limit < len(buffer)

    def _verify(self, framer: Framer, end: int) -> tuple[str, str] | None:
        """Emit the record that ends there, or tell why the parser refuses it: the error's name, and its sentence.

        The error itself would keep what called this, and with it the buffer.
        """
        try:
            name, payload = framer.parsers.xml(framer.buffer[framer.position : end], self.context)
        except framer.parsers.error as error:
            return type(error).__name__, str(error)
        framer.emit(end, "xml", name, payload)
        return None

    def _run(self, framer: Framer, opening: bytes, root: StartTag) -> bool:
        """Frame the elements that follow and begin as this one did, with its prolog or without, while they parse."""
        buffer, end = framer.buffer, framer.position
        tag = b"<%s>" % root.name
        parse, context = framer.parsers.xml, self.context
        has_runs = framer.parsers.run is not None and context == XmlContext() and tag == b"<Response>"
        while True:
            if has_runs:
                end = framer.take_run(end, self._ways)
            space = _SPACE.match(buffer, end)
            start = space.end() if space else end
            if buffer.startswith(tag, start):
                stop = guess_end(buffer, root.name, start + len(tag), start + PATIENCE_BYTES)
            elif buffer.startswith(opening, start):
                stop = guess_end(buffer, root.name, start + len(opening), start + PATIENCE_BYTES)
            else:
                break
            if stop < 0:
                break
            try:
                name, payload = parse(buffer[start:stop], context)
            except framer.parsers.error:
                break
            if not framer.take(start, stop, "xml", name, payload):
                break
            end = stop
        return framer.skip_to(end)

    def _resync_between(self) -> Resync:
        return after_junk() if self._wrapper is None else after_xml(b"\0", self._wrapper)


class ElementLevel:
    """Inside a wrapper element: elements until its end tag.

    opened_at: the wrapper's byte position. holds_text: on the way to a path, text between elements means nothing.
    """

    def __init__(self, elements: Elements, name: bytes, opened_at: int, *, holds_text: bool) -> None:
        self._holds_text = holds_text
        self._elements = elements
        self._name = name
        self._opened_at = opened_at

    def state(self) -> LevelState:
        path, context = self._elements.path, self._elements.context
        return LevelState(
            kind="element",
            opened_at=self._opened_at,
            path=path,
            name=self._name,
            encoding=context.encoding,
            context=context.wrapper,
            holds_text=self._holds_text,
        )

    def step(self, framer: Framer) -> bool:
        buffer = framer.buffer
        space = (_TEXT if self._holds_text else _SPACE).match(buffer, framer.position)
        position = space.end() if space else framer.position
        if position > framer.position:
            framer.skip_to(position)
        unclosed = f"<{self._name.decode('utf-8', 'replace')}> of byte {self._opened_at} is never closed"
        if position == len(buffer):
            return framer.pop_unclosed(unclosed, "xml") if framer.final else False
        if not framer.final and self._is_cut(buffer, position):
            return framer.wait(self._resync, "xml")
        if DOCUMENT_START.match(buffer, position) and not buffer.startswith(b"<Response", position):
            return framer.pop_unclosed(unclosed, "xml")
        closing = skip_misc(buffer, position)
        if buffer.startswith(b"</", closing):
            framer.skip_to(closing)
            return self._end(framer, closing)
        if buffer[position] == 0x3C:
            return self._elements.step(framer)
        return framer.lost(Damaged("text between the elements of a wrapper", position), self._resync, "xml")

    def _is_cut(self, buffer: bytes, position: int) -> bool:
        """Whether more bytes tell what stands between two elements: a section of text, or a callback in JSON."""
        if buffer[position] == 0x7B:
            return len(buffer) - position < OVERLAP
        head = buffer[position : position + len(_SECTION)]
        return self._holds_text and len(head) > 1 and _SECTION.startswith(head)

    def _resync(self) -> Resync:
        return after_xml(b"\0", self._name)

    def _end(self, framer: Framer, position: int) -> bool:
        """An end tag: the wrapper's own, or one that fits nothing."""
        end = guess_end(framer.buffer, self._name, position, position + PATIENCE_BYTES)
        if end > 0 and framer.buffer.find(b">", position) == end - 1:
            return framer.pop(end)
        if framer.buffer.find(b">", position) < 0 and not framer.final:
            return framer.wait(self._resync, "xml")
        return framer.lost(Damaged("end tag of no open element", position), self._resync, "xml")


def _local(name: bytes) -> bytes:
    """A name without its namespace prefix."""
    return name.rpartition(b":")[2]
