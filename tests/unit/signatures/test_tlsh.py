"""TLSH digests are those of the reference implementation, and distances grow with the change."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seg_ml.domain.errors import ConfigError
from seg_ml.signatures.similar_files import read_list
from seg_ml.signatures.tlsh import distance, read_digest, tlsh

COUNTING = bytes(range(256)) * 4
SQUARES = b"".join(f"{n * n},".encode() for n in range(2000))
TEXT = b"".join(f"line {n} of a text that goes on\n".encode() for n in range(200))


@pytest.mark.parametrize(
    ("content", "digest"),
    [
        (COUNTING, "T16D119524E6514D7D1F175ADCD04E44DF554FCDE302C5002517F186D1C510294440ED1D"),
        (SQUARES, "T11662425212768DBEF3F90ED583721D186CA4BA3E28416D50E7C0BEEE5C1EDE15409A2F"),
        (TEXT, "T196D18326B50EA650E607915F27D37C5D8E65D3BF4B78D0B2EB97B02B062187170780EE"),
    ],
)
def test_as_the_reference_computes_it(content: bytes, digest: str) -> None:
    found = tlsh(content)
    assert str(found) == digest
    assert read_digest(digest) == found


def test_distances_of_the_reference() -> None:
    one, other, third = tlsh(COUNTING), tlsh(SQUARES), tlsh(SQUARES[:-2000] + TEXT[:500])
    assert one and other and third
    assert (distance(one, other), distance(other, third), distance(one, one)) == (538, 51, 0)


@pytest.mark.parametrize("content", [b"", b"x" * 49, bytes(5000), b"ab" * 4000], ids=["empty", "short", "zeros", "two"])
def test_what_has_no_digest(content: bytes) -> None:
    assert tlsh(content) is None


@given(st.binary(max_size=600))
def test_a_digest_reads_back(content: bytes) -> None:
    digest = tlsh(content)
    assert digest is None or read_digest(str(digest)) == digest


def test_a_list_names_its_bad_line(tmp_path: Path) -> None:
    path = tmp_path / "similar.txt"
    path.write_text(f"# comment\n{tlsh(SQUARES)} Squares\nT1XY nothing\n")
    with pytest.raises(ConfigError, match="line 3"):
        read_list(path)
