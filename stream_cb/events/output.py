"""What a job made and where it put it: parts that the Operations of many Tags share."""

from stream_cb.events.node import Maybe, Node, Whole


class Md5Info(Node, frozen=True, kw_only=True):
    """The MD5 of one output object. There may be fewer of these than outputs.

    md5: hex digest. object_name: the object's key.
    """

    md5: str = ""
    object_name: str = ""


class SpriteOutputFile(Node, frozen=True, kw_only=True):
    """The sprite images of a snapshot job, laid out as OutputFile is."""

    bucket: str = ""
    region: str = ""
    object_prefix: str = ""
    object_name: tuple[str, ...] = ()
    md5_info: tuple[Md5Info, ...] = ()


class OutputFile(Node, frozen=True, kw_only=True):
    """The objects that a job really made; a key is object_prefix + object_name.

    bucket, region: where they are. object_prefix: what all keys begin with, often empty. object_name: the keys.
    """

    bucket: str = ""
    region: str = ""
    object_prefix: str = ""
    object_name: tuple[str, ...] = ()
    md5_info: tuple[Md5Info, ...] = ()
    sprite_output_file: Maybe[SpriteOutputFile] = None


class MediaResult(Node, frozen=True, kw_only=True):
    """What came out of the job."""

    output_file: Maybe[OutputFile] = None


class StreamOutput(Node, frozen=True, kw_only=True):
    """One extracted stream. index: the stream's number in the input, from 0. output: the key it was written to."""

    index: Maybe[Whole] = None
    output: str = ""


class Output(Node, frozen=True, kw_only=True):
    """What the job was told to make. `object` may hold placeholders ("${ext}", "${number}", "${Page}").

    sprite_object: key of a snapshot job's sprites. au_object, bass_object, drum_object: keys of separated voices and
    instruments. stream_extract: the streams to extract, StreamExtract only.
    """

    bucket: str = ""
    region: str = ""
    object: str = ""
    sprite_object: str = ""
    au_object: str = ""
    bass_object: str = ""
    drum_object: str = ""
    stream_extract: tuple[StreamOutput, ...] = ()
