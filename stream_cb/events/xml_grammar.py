"""What the XML of one kind of record looks like, learned from records that lxml has read.

Plain records only: elements and texts, no attributes, comments, sections, instructions or mixed content; repeated
children stand together.
"""

from __future__ import annotations

from stream_cb.events.grammar import NotPlain, Part
from stream_cb.events.steps import behind_declaration
from stream_cb.patterns import lazy_pattern

_TAG = lazy_pattern(r"<(/?)([^\s<>/!?=&\"'\[\]{}()]+)(/?)>([^<]*)")
_ALL_TAGS = lazy_pattern(rf"(?>{_TAG.pattern})*+")
_BLANKS = " \t\n"


class Element(Part):
    """One element as it has been seen so far.

    has_text, is_blank, is_empty: written as <a>text</a>, as <a></a> or with white space only, as <a/>.
    has_space: white space stands between its children.
    """

    def __init__(self) -> None:
        super().__init__()
        self.has_text = False
        self.is_blank = False
        self.is_empty = False
        self.has_space = False

    @property
    def is_plain_text(self) -> bool:
        """Whether it has always been written as a text between two tags."""
        return self.has_text and not (self.is_blank or self.is_empty or self.children)

    def form(self) -> tuple[object, ...]:
        """Everything that a pattern depends on; two equal forms make the same pattern."""
        children = tuple((name, self.may_miss(child), child.form()) for name, child in self.children.items())
        return (self.has_text, self.is_blank, self.is_empty, self.has_space, children)


def merge_xml(root: Element, raw: bytes) -> None:
    """Widen `root` by a record.

    Raises NotPlain; the grammar may then be wider than before, which costs time and nothing else.
    """
    text = raw.decode("utf-8", "replace")
    text = text[behind_declaration(text) :]
    tags = _TAG.findall(text)
    if not tags or not _ALL_TAGS.fullmatch(text) or tags[-1][3] or tags[0][1] != "Response":
        raise NotPlain
    reader = _Reader(tags)
    try:
        reader.element(root)
    except IndexError:
        raise NotPlain from None
    if reader.next != len(tags):
        raise NotPlain


class _Reader:
    """Walks the tags of one record. A tag is (slash before, name, slash behind, text that follows)."""

    def __init__(self, tags: list[tuple[str, str, str, str]]) -> None:
        self._tags = tags
        self.next = 0

    def element(self, element: Element) -> None:
        """Merge the element at the next tag, which must open it."""
        before, name, behind, text = self._tags[self.next]
        self.next += 1
        if before:
            raise NotPlain
        if behind:
            element.is_empty = True
            return
        if self._tags[self.next][0]:
            if text.strip(_BLANKS):
                element.has_text = True
            else:
                element.is_blank = True
        else:
            self._space(element, text)
            element.filled += 1
            self._children(element)
        before, closing, behind, _ = self._tags[self.next]
        self.next += 1
        if closing != name or not before or behind:
            raise NotPlain

    def _children(self, element: Element) -> None:
        last = ""
        while not self._tags[self.next][0]:
            name = self._tags[self.next][1]
            if name != last:
                element.see(name, last)
                last = name
            self.element(element.children[name])
            self._space(element, self._tags[self.next - 1][3])

    @staticmethod
    def _space(element: Element, text: str) -> None:
        if text:
            if text.strip(_BLANKS):
                raise NotPlain
            element.has_space = True
