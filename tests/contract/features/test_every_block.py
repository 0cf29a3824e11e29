"""One suite over every registered feature block."""

import math

import pytest

from seg_ml.domain.envelope import AuthenticationResults, ScoreRequest
from seg_ml.features.catalogue import FEATURES
from seg_ml.mail.parse import parse
from seg_ml.testing.mail import synthetic_mail

BLOCKS = FEATURES.resolve(list(FEATURES))
MAIL = [b"", b"From: x\n\n", bytes(range(256)), synthetic_mail("spam", 1), synthetic_mail("ham", 2)]


@pytest.mark.parametrize("block", BLOCKS, ids=list(FEATURES))
class TestEveryBlock:
    def test_id_version_and_names(self, block) -> None:  # type: ignore[no-untyped-def]
        assert block.version >= 1
        assert block.__module__.rpartition(".")[2] == block.id.replace("-", "_")
        assert len(set(block.names)) == len(block.names) > 0
        assert block.__doc__

    def test_directions_are_of_its_columns(self, block) -> None:  # type: ignore[no-untyped-def]
        assert set(block.directions) <= set(block.names)
        assert set(block.directions.values()) <= {1, -1}

    def test_exactly_its_names_and_finite(self, block) -> None:  # type: ignore[no-untyped-def]
        for raw in MAIL:
            row = block.extract(ScoreRequest(raw), parse(raw))
            assert set(row) == set(block.names)
            assert all(math.isfinite(value) for value in row.values())

    def test_same_message_same_numbers(self, block) -> None:  # type: ignore[no-untyped-def]
        request = ScoreRequest(MAIL[3], authentication=AuthenticationResults(dmarc="fail"))
        assert block.extract(request, parse(request.raw)) == block.extract(request, parse(request.raw))
