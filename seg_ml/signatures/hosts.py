"""What speaks against a link's host wherever the link was found."""

from __future__ import annotations

from seg_ml.domain.verdict import Severity
from seg_ml.signatures.domains import is_free_host
from seg_ml.signatures.lists import bundled
from seg_ml.signatures.lookalikes import find_lookalike
from seg_ml.signatures.settings import SignatureSettings
from seg_ml.signatures.urls import Url


def suspicion(url: Url, settings: SignatureSettings) -> tuple[Severity, str] | None:
    """How grave and why: an imitation, a bare address, a free host or a shortener; `None` for any other host."""
    imitation = find_lookalike(settings, url.host)
    if imitation is not None:
        return Severity.HIGH, f"which imitates {imitation.brand.name} ({imitation.trick})"
    if url.is_address:
        return Severity.MEDIUM, "a bare address"
    if is_free_host(url.host):
        return Severity.MEDIUM, "a free host"
    return (Severity.LOW, "a shortener") if url.host in bundled("shorteners.txt") else None
