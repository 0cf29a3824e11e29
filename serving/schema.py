"""The service's JSON as OpenAPI shows it; `seg_ml.domain.wire` reads and writes the same objects."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class EnvelopeIn(_Strict):
    """Facts of the SMTP session; null where unknown. An empty `reverse_path` is the null reverse-path."""

    client_ip: str | None = None
    helo: str | None = None
    reverse_path: str | None = None
    forward_paths: list[str] = []
    tls: bool = False
    authenticated_as: str | None = None


class AuthenticationIn(_Strict):
    """RFC 8601 results; null means not evaluated, which is not `none`."""

    spf: str | None = None
    spf_domain: str | None = None
    dkim: str | None = None
    dkim_domains: list[str] = []
    dmarc: str | None = None
    dmarc_policy: str | None = None
    arc: str | None = None
    iprev: str | None = None
    client_name: str | None = None


class RequestIn(_Strict):
    """One message to be judged."""

    raw: str = Field(description="The untouched RFC 5322 bytes, in base64.")
    envelope: EnvelopeIn = EnvelopeIn()
    authentication: AuthenticationIn = AuthenticationIn()


class FindingOut(BaseModel):
    """What a signature saw."""

    signature: str
    severity: str
    evidence: str
    surface: str


class ExplanationOut(BaseModel):
    """Why: a sentence, and the words with their weight towards unwanted mail."""

    sentence: str
    words: list[tuple[str, float]]


class VerdictOut(BaseModel):
    """What the model says; `probabilities` are calibrated and sum to 1."""

    label: str
    probabilities: dict[str, float]
    findings: list[FindingOut]
    explanation: ExplanationOut
    model_version: str
