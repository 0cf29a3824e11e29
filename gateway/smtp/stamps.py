"""The header fields that we put in front of a message."""

from __future__ import annotations

import hashlib
import re
import time
from email.utils import formatdate

from seg_ml.domain.envelope import AuthenticationResults, Envelope
from seg_ml.domain.verdict import Disposition

_UNSAFE = re.compile(r"[^A-Za-z0-9.:_\-\[\]]")
_UNSAFE_VALUE = re.compile(r"[^A-Za-z0-9.:_\-@+=/]")


def loop_token(hostname: str, direction: str) -> str:
    """What marks a Received field as ours. One per direction: mail that comes in and is forwarded out is no loop."""
    return "seg-" + hashlib.sha256(f"{hostname.lower()}\0{direction}".encode()).hexdigest()[:12]


def received(envelope: Envelope, *, hostname: str, token: str, queue_id: str, protocol: str) -> bytes:
    """Our Received field (RFC 5321 §4.4). Names no recipient: there may be others who must not know."""
    helo, ip = _UNSAFE.sub("?", envelope.helo or "unknown")[:255], envelope.client_ip or "unknown"
    address = f"IPv6:{ip}" if ":" in ip else ip
    lines = [
        f"Received: from {helo} ([{address}])",
        f"by {hostname} ({token}) with {protocol} id {queue_id};",
        formatdate(time.time(), localtime=False),
    ]
    return _fold(lines)


def protocol(*, extended: bool, tls: bool, authenticated: bool, utf8: bool) -> str:
    """The transmission type of RFC 3848 and RFC 6531 §4.3."""
    if not extended:
        return "SMTP"
    return f"{'UTF8SMTP' if utf8 else 'ESMTP'}{'S' if tls else ''}{'A' if authenticated else ''}"


def authentication_results(results: AuthenticationResults, envelope: Envelope, authserv_id: str) -> bytes:
    """Our Authentication-Results field (RFC 8601); `none` where nothing was evaluated."""
    lines = [f"Authentication-Results: {authserv_id};"]
    methods = [
        (
            results.spf,
            "spf",
            f"smtp.mailfrom={_safe(envelope.reverse_path)}"
            if envelope.reverse_path
            else f"smtp.helo={_safe(envelope.helo)}",
        ),
        (results.dkim, "dkim", " ".join(f"header.d={_safe(domain)}" for domain in results.dkim_domains[:1])),
        (
            results.dmarc,
            "dmarc",
            f"policy.published-domain-policy={_safe(results.dmarc_policy)}" if results.dmarc_policy else "",
        ),
        (results.arc, "arc", ""),
        (results.iprev, "iprev", f"policy.iprev={_safe(envelope.client_ip)}" if envelope.client_ip else ""),
    ]
    found = [f"{name}={_safe(value)} {detail}".rstrip() for value, name, detail in methods if value]
    lines += [f"{item};" for item in found[:-1]] + found[-1:] if found else ["none"]
    return _fold(lines)


def verdict(disposition: Disposition, model_version: str, queue_id: str) -> bytes:
    """X-SEG-Verdict: disposition, model version and trace id. No scores: they would teach the sender."""
    return f"X-SEG-Verdict: {disposition.value}; model={_safe(model_version)}; trace={queue_id}\r\n".encode("ascii")


def tag(word: str) -> bytes:
    """X-SEG-Tag: why a delivered message is marked."""
    return f"X-SEG-Tag: {_safe(word)}\r\n".encode("ascii")


def _safe(value: str | None) -> str:
    return _UNSAFE_VALUE.sub("?", value or "")[:320]


def _fold(lines: list[str]) -> bytes:
    return "\r\n\t".join(lines).encode("ascii", "replace") + b"\r\n"
