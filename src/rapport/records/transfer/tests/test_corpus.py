"""Whatever bytes come: a file is read row by row or refused in words; nothing stumbles, nothing hangs."""

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from rapport.records.transfer.problems import Unusable
from rapport.records.transfer.runs import sample
from rapport.records.transfer.sources import open_source

pytestmark = pytest.mark.django_db
HEADS = (
    b"", b"name,email\n", b"name;e\xe9\r\n", b"\xff\xfen\0a\0", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    b"BEGIN:VCARD\r\nVERSION:2.1\r\n", b"BEGIN:VCARD\nN;ENCODING=QUOTED-PRINTABLE;CHARSET=utf-7:=E9=\n", b"sep=;\n",
    b'"a',
)  # fmt: skip
PIECES = st.one_of(
    st.binary(max_size=40),
    st.sampled_from(
        [b"\n", b"\r\n", b'"', b";", b",", b"\0", b"END:VCARD\n", b"BEGIN:VCARD\n", b"TEL:=\n", b"\xc3", b"\xa4", b"="]
    ),
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(head=st.sampled_from(HEADS), rest=st.lists(PIECES, max_size=30))
@example(head=b"", rest=[b"\n\xb6\x01"])  # its one telling line alone would pass for UTF-16
def test_any_bytes_are_read_or_refused(organisation: None, head: bytes, rest: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "a.bin"
        file.write_bytes(head + b"".join(rest))
        try:
            held = sample.take(open_source(file))
        except Unusable:
            return
        json.dumps(held).encode()
        for line in sample.Sample(held).lines():
            assert line.problem or len(line.cells) <= max(len(held["header"]), 1)
