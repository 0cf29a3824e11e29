"""Features: finite, in a fixed order, frozen by version."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seg_ml.domain.envelope import AuthenticationResults, ScoreRequest
from seg_ml.domain.errors import ConfigError, SchemaMismatch
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.features.catalogue import FEATURES
from seg_ml.features.vector import FeatureSchema, Vectorizer
from seg_ml.mail.parse import parse

SCHEMA = FeatureSchema.current(tuple(FEATURES), {"reply-to-mismatch": 1, "yara": 3})
VECTORIZER = Vectorizer(SCHEMA)
PLAIN = b"From: Ann <ann@a.example>\nSubject: Re: hi\n\nSee http://x.a.example/?q=1 and $5\n"


def columns(raw: bytes, findings: tuple[Finding, ...] = (), **authentication: object) -> dict[str, float]:
    request = ScoreRequest(raw, authentication=AuthenticationResults(**authentication))  # type: ignore[arg-type]
    return dict(zip(VECTORIZER.names, VECTORIZER.vector(request, parse(raw), findings).tolist(), strict=True))


def test_a_message_in_numbers() -> None:
    row = columns(PLAIN, dmarc="pass", dkim_domains=("a.example",))
    assert row["identity.dmarc_pass"] == 1.0
    assert row["identity.aligned_dkim"] == 1.0
    assert row["link-shape.own_share"] == 1.0
    assert row["picture.subject_told"] == 0.0
    assert row["writing.money"] == pytest.approx(np.log1p(1))


def test_not_evaluated_is_neither_pass_nor_fail() -> None:
    row = columns(PLAIN)
    assert row["identity.dmarc_pass"] == row["identity.dmarc_fail"] == 0.0


def test_findings_count_in_their_own_column_only() -> None:
    seen = tuple(Finding("yara", Severity.HIGH, "x", Surface.BODY) for _ in range(3))
    row = columns(PLAIN, (*seen, Finding("signature-error", Severity.CRITICAL, "x", Surface.BODY)))
    assert row["signature.yara"] == pytest.approx(np.log1p(3))
    assert row["signature.reply-to-mismatch"] == 0.0
    assert row["worst_severity"] == Severity.HIGH


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_always_finite(raw: bytes) -> None:
    assert all(np.isfinite(value) for value in columns(raw).values())


def test_another_version_is_refused() -> None:
    with pytest.raises(SchemaMismatch, match="yara"):
        SCHEMA.check({"reply-to-mismatch": 1, "yara": 4})
    with pytest.raises(SchemaMismatch, match="structure"):
        FeatureSchema((("structure", 99),), ()).check({})


def test_unknown_block() -> None:
    with pytest.raises(ConfigError, match="unknown feature 'nope'"):
        FeatureSchema.current(["nope"], {})
