"""A message file and the session facts beside it: `mail.eml`, and optionally `mail.json`.

The JSON holds `envelope`, `authentication` (fields as in `seg_ml.domain.envelope`) and, for tests and
replays, what `SignatureSettings` holds: `organization` (`{"domains": [...], "people": [{"name": ...,
"addresses": [...]}]}`), `rule_files`, `hash_lists`, `yara_folders`, `intel_store`, `correspondence_store`,
`similar_lists`, `campaign_store`, `ocr`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seg_ml.domain.envelope import AuthenticationResults, Envelope, ScoreRequest
from seg_ml.domain.errors import ConfigError
from seg_ml.signatures.settings import Organization, Person, SignatureSettings


def read_request(path: Path) -> ScoreRequest:
    """The message of a file with the envelope and results that its sidecar names.

    Raises:
        ConfigError: the sidecar is no JSON object of this form.
        OSError: the file cannot be read.
    """
    facts = _read_sidecar(path)
    envelope, authentication = dict(facts.get("envelope", {})), dict(facts.get("authentication", {}))
    try:
        return ScoreRequest(
            raw=path.read_bytes(),
            envelope=Envelope(**_with_tuple(envelope, "forward_paths")),
            authentication=AuthenticationResults(**_with_tuple(authentication, "dkim_domains")),
        )
    except TypeError as error:
        raise ConfigError(f"{path.with_suffix('.json')}: {error}") from error


def read_settings(path: Path) -> SignatureSettings:
    """The settings that the sidecar of a message names, the defaults without. Paths are relative to it.

    Raises:
        ConfigError: the sidecar is no JSON object of this form.
    """
    facts, source = _read_sidecar(path), str(path.with_suffix(".json"))
    store, memory = facts.get("intel_store"), facts.get("correspondence_store")
    campaigns = facts.get("campaign_store")
    return SignatureSettings(
        organization=organization_from(facts.get("organization", {}), source),
        hash_lists=_paths(facts, "hash_lists", path.parent),
        yara_folders=_paths(facts, "yara_folders", path.parent),
        rule_files=_paths(facts, "rule_files", path.parent),
        intel_store=path.parent / str(store) if store else None,
        correspondence_store=path.parent / str(memory) if memory else None,
        similar_lists=_paths(facts, "similar_lists", path.parent),
        campaign_store=path.parent / str(campaigns) if campaigns else None,
        ocr=facts.get("ocr", "never"),
    )


def _paths(facts: Mapping[str, Any], key: str, folder: Path) -> tuple[Path, ...]:
    return tuple(folder / str(name) for name in facts.get(key, ()))


def organization_from(data: Mapping[str, Any], source: str) -> Organization:
    """An organization from a mapping as in `params.yaml`.

    Raises:
        ConfigError: a key is missing or of another type; the text names `source`.
    """
    try:
        people = tuple(
            Person(str(person["name"]), tuple(a.lower() for a in person.get("addresses", ())))
            for person in data.get("people", ())
        )
        domains = tuple(domain.lower() for domain in data.get("domains", ()))
    except (AttributeError, KeyError, TypeError) as error:
        raise ConfigError(f"{source}: organization: {type(error).__name__}: {error}") from error
    return Organization(str(data.get("name", "")), domains, people)


def _with_tuple(fields: dict[str, Any], key: str) -> dict[str, Any]:
    return {**fields, key: tuple(fields[key])} if key in fields else fields


def _read_sidecar(path: Path) -> Mapping[str, Any]:
    sidecar = path.with_suffix(".json")
    if not sidecar.is_file():
        return {}
    try:
        data = json.loads(sidecar.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ConfigError(f"{sidecar}: not JSON: {error}") from error
    if not isinstance(data, dict):
        raise ConfigError(f"{sidecar}: expected an object, got {type(data).__name__}")
    return data
