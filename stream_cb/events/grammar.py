"""What records of one kind have looked like: which parts they have, in which order, and which of them may be missing.

`xml_grammar` and `json_grammar` add how the parts are written. Each record that is merged in can only widen a grammar.
"""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import Self

# No type has half as many fields; what has more is a mapping, of which a plan could not be made.
_MAX_CHILDREN = 256


class NotPlain(Exception):
    """The record has something that a grammar cannot show, or its parts come in another order."""


class Part:
    """One element, or one member of objects.

    seen: in how many of its parents' appearances it was there. filled: how often it had children. children: in
    document order.
    """

    def __init__(self) -> None:
        self.seen = 0
        self.filled = 0
        self.children: dict[str, Self] = {}
        self._before: dict[str, set[str]] = {}

    def see(self, name: str, after: str) -> None:
        """A child is there, behind that one; "" behind none.

        Raises NotPlain where others have come the other way, or there are too many.
        """
        child = self.children.get(name) or self._put(name, after)
        if after and after not in self._before[name]:
            self._before[name].add(after)
            names = list(self.children)
            if names.index(name) <= names.index(after):
                self._sort(name, after)
        child.seen += 1

    def _put(self: Self, name: str, after: str) -> Self:
        """A new child, right behind that one."""
        if len(self.children) >= _MAX_CHILDREN:
            raise NotPlain
        self._before[name] = set()
        child = type(self)()
        if after == next(reversed(self.children), ""):
            self.children[name] = child
            return child
        children = list(self.children.items())
        rank = list(self.children).index(after) + 1 if after else 0
        self.children = dict([*children[:rank], (name, child), *children[rank:]])
        return child

    def _sort(self, name: str, after: str) -> None:
        """Find the order again, which has been guessed where a child came without those that it stands between."""
        try:
            self.children = {child: self.children[child] for child in TopologicalSorter(self._before).static_order()}
        except CycleError:
            self._before[name].remove(after)
            raise NotPlain from None

    def may_miss(self, child: Self) -> bool:
        """Whether a child has not always been there."""
        return child.seen < self.filled
