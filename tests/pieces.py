"""What tests put into records to damage them, or nearly."""

from __future__ import annotations

# What is put into records: bytes that end, escape or break a text, and pieces of elements.
PIECES = [
    *(b"", b" ", b"\n", b"\r", b"\t", b"\r\n", b"\x00", b"\x1f", b"\x7f", b"\xff", b"<", b">", b"/>", b"</", b'"'),
    *(b"\\", b"]]>", b"]]", b"]", b"&", b"&amp;", b"&lt;", b"&gt;", b"&quot;", b"&apos;", b"&amp", b"&#65;", b"&x;"),
    *(b"&amp;lt;", b"<![CDATA[x]]>", b"<!-- -->", b"<?p?>", b"<Tag/>", b"<Index>1</Index>", b" a='b'", b"</Tag>"),
    *("é".encode(), "中".encode(), "🎬".encode(), b"\xc3", b"\xe4\xb8", b"\xf0\x9f\x8e", b"\xc0\xaf", b"\xed\xa0\x80"),
    *(b"\xef\xbf\xbd", b"\xef\xbf\xbe", b"\xef\xbf\xbf", b"\xf4\x8f\xbf\xbf", b"\xf4\x90\x80\x80", b"\xc2\x85"),
    *(b"\x80", b"0", b"-0", b"-1", b"007", b"1" * 18, b"1" * 19, b"1.0", b"true", b"false", b"True", b"Z", b"+08:00"),
    *(b"2022-06-30T19:27:39+0800", b"2022-02-29 19:27:39+08:00", b"2022-06-31T19:27:39+0800", b"-0000"),
    *(b"<Response>", b"</Response>", b"<?xml version='1.0'?>", b'<?xml version="1.0" encoding="UTF-8"?>\n'),
    *(b",", b":", b"{", b"}", b"[", b"]", b'""', b'","', b'\\"', b"\\\\", b"\\n", b"\\/"),
    *(b"\\u4e2d", b"\\x", b"null", b"{}"),
    *(b"[]", b'"Tag":"x",', b',"Index":"1"', b'"Index":1,', b'{"EventName":"TaskFinish"', b",}", b",]", b'"a":"b",'),
]  # fmt: skip
