"""Whether a video, or a part of it, is known already.

Tags: DNA.
"""

from stream_cb.events.node import Maybe, Node
from stream_cb.events.operations.operation import Operation


class DnaConfig(Node, frozen=True, kw_only=True):
    """What to do.

    rule_type: as the API names it ("GetFingerPrint"). dna_db_id: the library. video_id: in it.
    """

    rule_type: str = ""
    dna_db_id: str = ""
    video_id: str = ""


class MatchDetail(Node, frozen=True, kw_only=True):
    """A part that is alike.

    match_start_time, match_end_time: in the known video. src_start_time, src_end_time: in the input.
    """

    match_start_time: str = ""
    match_end_time: str = ""
    src_start_time: str = ""
    src_end_time: str = ""


class DnaAudio(Node, frozen=True, kw_only=True):
    """An Audio of DnaResult.

    similar: how alike the sounds are, percent.
    """

    similar: str = ""


class DnaDetection(Node, frozen=True, kw_only=True):
    """A Detection of DnaResult: a known video.

    similar: how alike, percent. similar_duration, duration: of media.
    """

    video_id: str = ""
    similar: str = ""
    similar_duration: str = ""
    duration: str = ""
    match_detail: tuple[MatchDetail, ...] = ()
    audio: Maybe[DnaAudio] = None


class DnaResult(Node, frozen=True, kw_only=True):
    """What came of it.

    video_id, duration: of the input. detection: the known videos that are like it.
    """

    video_id: str = ""
    duration: str = ""
    detection: tuple[DnaDetection, ...] = ()


class DNAOperation(Operation, frozen=True, kw_only=True):
    """Tag DNA: a video entered into, compared with or removed from a library of fingerprints."""

    dna_config: Maybe[DnaConfig] = None
    dna_result: Maybe[DnaResult] = None
