"""Prepared messages as the requests that a model scores, so that training reads what serving reads."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pandas as pd

from seg_ml.corpora.session import recover
from seg_ml.domain.envelope import AuthenticationResults, Envelope, ScoreRequest
from seg_ml.mail.parse import parse


def score_requests(frame: pd.DataFrame) -> list[ScoreRequest]:
    """One request per row of prepared messages, in order; nulls become `None`, that is unknown."""
    return [_request(row) for row in frame.to_dict("records")]


def _request(row: dict[Any, Any]) -> ScoreRequest:
    known = {name: value if isinstance(value, str) else None for name, value in row.items()}
    return ScoreRequest(
        raw=row["raw"],
        envelope=Envelope(client_ip=known["client_ip"], helo=known["helo"], reverse_path=known["reverse_path"]),
        authentication=AuthenticationResults(
            spf=known["spf"],
            spf_domain=known["spf_domain"],
            dkim=known["dkim"],
            dkim_domains=row["dkim_domains"] or (),
            dmarc=known["dmarc"],
            dmarc_policy=known["dmarc_policy"],
            iprev=known["iprev"],
            client_name=known["client_name"],
        ),
    )


def stored_request(raw: bytes, session_facts: bool = True) -> ScoreRequest:
    """A stored message as a request, with what the receiving host wrote down about its session."""
    if not session_facts:
        return ScoreRequest(raw)
    return _request({**asdict(recover(parse(raw))), "raw": raw})
