"""Texts: translated, taken apart.

Tags: Translation, WordsGeneralize.
"""

import msgspec

from stream_cb.events.node import Maybe, Node, Whole
from stream_cb.events.operations.operation import Operation


class Translation(Node, frozen=True, kw_only=True):
    """What to make.

    lang: the language. type: of the file ("txt", "pdf", "docx", …).
    """

    lang: str = ""
    type: str = ""


class TranslationOperation(Operation, frozen=True, kw_only=True):
    """Tag Translation: a document in another language. What it was written in is in the job's Input."""

    translation: Maybe[Translation] = None


class WordsGeneralize(Node, frozen=True, kw_only=True):
    """How words are told.

    ner_method: of names ("NER", "DL"). seg_method: of words ("NORMAL", "MIX").
    """

    ner_method: str = ""
    seg_method: str = ""


class WordsGeneralizeLabel(Node, frozen=True, kw_only=True):
    """What a word is about; the documents call it WordsGeneralizeLable."""

    category: str = ""
    word: str = ""


class WordsGeneralizeToken(Node, frozen=True, kw_only=True):
    """One word.

    offset, length: characters. pos: part of speech ("n", "v", …).
    """

    length: Maybe[Whole] = None
    offset: Maybe[Whole] = None
    pos: str = ""
    word: str = ""


class WordsGeneralizeResult(Node, frozen=True, kw_only=True):
    """The words of the text, and what they are about."""

    words_generalize_label: tuple[WordsGeneralizeLabel, ...] = msgspec.field(default=(), name="WordsGeneralizeLable")
    words_generalize_token: tuple[WordsGeneralizeToken, ...] = ()


class WordsGeneralizeOperation(Operation, frozen=True, kw_only=True):
    """Tag WordsGeneralize: a text taken apart into words. Its jobs have neither State nor QueueId nor StartTime."""

    words_generalize: Maybe[WordsGeneralize] = None
    words_generalize_result: Maybe[WordsGeneralizeResult] = None
