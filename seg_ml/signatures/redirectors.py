"""The address that a redirector's address carries: in a parameter, in the path, plainly or in base64.

Safe Links, Proofpoint, Cisco, Barracuda, Sophos and Mimecast, search engines, tracking hosts, and open redirects.
"""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import parse_qsl, unquote

from seg_ml.signatures.lists import bundled

MAX_QUERY = 8192
MAX_SEGMENTS = 12

_PROOFPOINT_V3 = re.compile(r"/v3/__(.{1,4000}?)__;([\w-]{0,200})")
_BASE64_URL, _BASE64_OBJECT = "aHR0c", "eyJ"  # "http" and '{"'
_IN_OBJECT = re.compile(r'"(?:href|url|u|target)"\s{0,3}:\s{0,3}"(https?:[^"]{4,4000})"', re.IGNORECASE)
_IN_TEXT_OBJECT = re.compile(r"https?:[^\"\s]{4,2000}", re.IGNORECASE)


def carried(host: str, path: str, query: str) -> str | None:
    """The address inside, `None` where there is none; at least its beginning looks like one."""
    if host.endswith(("urldefense.com", "urldefense.proofpoint.com")):
        return _proofpoint(path, query)
    if host.endswith((".mimecast.com", ".mimecastprotect.com")):
        return _mimecast(query)
    if "=" in query:
        for name, value in parse_qsl(query[:MAX_QUERY], max_num_fields=100, separator="&"):
            plain = _plain(value)
            known = name.lower() in bundled("redirect_parameters.txt")
            if _looks_like_url(plain) and (known or plain is not value):
                return plain
    return _in_path(path) or _packed_in_path(path)


def _proofpoint(path: str, query: str) -> str | None:
    if "/v3/" in path:
        found = _PROOFPOINT_V3.search(unquote(path))
        return _filled(found.group(1), found.group(2)) if found else None
    value = dict(parse_qsl(query[:MAX_QUERY], max_num_fields=100)).get("u", "")
    # v2 writes % as - and / as _.
    return unquote(value.replace("-", "%").replace("_", "/")) if "/v2/" in path else value


def _filled(address: str, packed: str) -> str:
    """v3 writes every character of its own meaning as a star, and lists them in base64 behind the address."""
    kept = iter(_decoded(packed))
    return "".join(next(kept, "*") if letter == "*" else letter for letter in address)


def _mimecast(query: str) -> str | None:
    """Only the host is told; the rest is a number."""
    domain = dict(parse_qsl(query[:MAX_QUERY], max_num_fields=100)).get("domain", "")
    return f"https://{domain}/" if "." in domain and "/" not in domain else None


def _plain(value: str) -> str:
    """A value as it is, or what it is in base64; the same object where nothing was decoded."""
    packed = value[2:] if value.startswith("a1" + _BASE64_URL) else value  # Bing marks it with a1
    if packed.startswith(_BASE64_URL):
        return _decoded(packed) or value
    return (_in_object(_decoded(packed)) or value) if packed.startswith(_BASE64_OBJECT) else value


def _in_object(text: str) -> str:
    """The address in a JSON object, also where that is a text inside another."""
    found = _IN_OBJECT.search(text)
    if found:
        return found.group(1).replace("\\/", "/")
    nested = _IN_TEXT_OBJECT.search(text)
    return nested.group().replace("\\", "") if nested else ""


def _decoded(packed: str) -> str:
    packed = packed[:MAX_QUERY].rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _in_path(path: str) -> str | None:
    if "%2f" in path.lower() or "%3a" in path.lower():
        path = unquote(path)
    for scheme in ("/https://", "/http://", "/https:/", "/http:/"):
        at = path.find(scheme)
        if at >= 0:
            rest = path[at + len(scheme) :].lstrip("/")
            return f"{scheme[1:].rstrip('/')}//{rest}" if rest else None
    return None


def _packed_in_path(path: str) -> str | None:
    if _BASE64_URL not in path and _BASE64_OBJECT not in path:
        return None
    for segment in path.split("/", MAX_SEGMENTS)[:MAX_SEGMENTS]:
        plain = _plain(segment)
        if plain is not segment and _looks_like_url(plain):
            return plain
    return None


def _looks_like_url(value: str) -> bool:
    head = value[:8].lower()
    return head.startswith(("http://", "https://")) or (head.startswith("www.") and "." in value[4:])
