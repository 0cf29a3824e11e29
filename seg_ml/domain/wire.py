"""Requests and verdicts as JSON objects: the one form that service, gateway and command line exchange."""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Mapping
from typing import Any

from seg_ml.domain.envelope import AuthenticationResults, Envelope, ScoreRequest
from seg_ml.domain.errors import SchemaMismatch
from seg_ml.domain.verdict import Explanation, Finding, Label, Severity, Surface, Verdict


def request_to_json(request: ScoreRequest) -> dict[str, Any]:
    """A request as JSON; the raw bytes in base64."""
    envelope, authentication = request.envelope, request.authentication
    return {
        "raw": base64.b64encode(request.raw).decode("ascii"),
        "envelope": {
            "client_ip": envelope.client_ip,
            "helo": envelope.helo,
            "reverse_path": envelope.reverse_path,
            "forward_paths": list(envelope.forward_paths),
            "tls": envelope.tls,
            "authenticated_as": envelope.authenticated_as,
        },
        "authentication": {
            "spf": authentication.spf,
            "spf_domain": authentication.spf_domain,
            "dkim": authentication.dkim,
            "dkim_domains": list(authentication.dkim_domains),
            "dmarc": authentication.dmarc,
            "dmarc_policy": authentication.dmarc_policy,
            "arc": authentication.arc,
            "iprev": authentication.iprev,
            "client_name": authentication.client_name,
        },
    }


def request_from_json(data: Mapping[str, Any]) -> ScoreRequest:
    """Read what `request_to_json` wrote.

    Raises:
        SchemaMismatch: a field is missing, unknown or of another type.
    """
    try:
        envelope, authentication = dict(data.get("envelope") or {}), dict(data.get("authentication") or {})
        envelope["forward_paths"] = tuple(envelope.get("forward_paths") or ())
        authentication["dkim_domains"] = tuple(authentication.get("dkim_domains") or ())
        return ScoreRequest(
            raw=base64.b64decode(data["raw"], validate=True),
            envelope=Envelope(**envelope),
            authentication=AuthenticationResults(**authentication),
        )
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error) as error:
        raise SchemaMismatch(f"score request: {type(error).__name__}: {error}") from error


def verdict_to_json(verdict: Verdict) -> dict[str, Any]:
    """A verdict as JSON."""
    return {
        "label": verdict.label.value,
        "probabilities": dict(verdict.probabilities),
        "findings": [
            {
                "signature": finding.signature,
                "severity": finding.severity.name.lower(),
                "evidence": finding.evidence,
                "surface": finding.surface.value,
            }
            for finding in verdict.findings
        ],
        "explanation": {
            "sentence": verdict.explanation.sentence,
            "words": [[word, weight] for word, weight in verdict.explanation.words],
        },
        "model_version": verdict.model_version,
    }


def verdict_from_json(data: Mapping[str, Any]) -> Verdict:
    """Read what `verdict_to_json` wrote.

    Raises:
        SchemaMismatch: a field is missing or of another type, a probability is no number in [0, 1],
            or they do not sum to 1.
    """
    try:
        probabilities = {Label(name).value: float(value) for name, value in data["probabilities"].items()}
        findings = tuple(
            Finding(
                signature=str(item["signature"]),
                severity=Severity[str(item["severity"]).upper()],
                evidence=str(item["evidence"]),
                surface=Surface(item["surface"]),
            )
            for item in data["findings"]
        )
        explanation = data.get("explanation") or {}
        verdict = Verdict(
            label=Label(data["label"]),
            probabilities=probabilities,
            findings=findings,
            explanation=Explanation(
                sentence=str(explanation.get("sentence", "")),
                words=tuple((str(word), float(weight)) for word, weight in explanation.get("words", ())),
            ),
            model_version=str(data["model_version"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SchemaMismatch(f"verdict: {type(error).__name__}: {error}") from error
    _check_probabilities(verdict)
    return verdict


def _check_probabilities(verdict: Verdict) -> None:
    values = verdict.probabilities.values()
    if not values or not all(math.isfinite(value) and 0.0 <= value <= 1.0 for value in values):
        raise SchemaMismatch("verdict: probabilities must be numbers in [0, 1]")
    if abs(sum(values) - 1.0) > 1e-3:
        raise SchemaMismatch(f"verdict: probabilities sum to {sum(values):.4f}, not to 1")
    if verdict.label not in verdict.probabilities:
        raise SchemaMismatch(f"verdict: label {verdict.label} has no probability")
