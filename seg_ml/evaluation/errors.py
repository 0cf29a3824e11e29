"""The worst mistakes, described by what can be shown to anyone: counts and findings, no words and no addresses."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

import pandas as pd

from seg_ml.corpora.requests import score_requests
from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.errors import ConfigError
from seg_ml.evaluation.scores import threat, unwanted
from seg_ml.mail.parse import parse
from seg_ml.signatures.engine import SignatureEngine

SHOWN = ["message", "mistake", "threat", "label", "corpus", "kind", "language", "year", "size"]

FACTS = ["words", "links", "hosts", "images", "attachments", "hidden", "list", "reply", "defects", "findings"]


def largest_errors(rows: pd.DataFrame, threshold: float, each: int = 10) -> pd.DataFrame:
    """The false alarms with the highest and the misses with the lowest threat, at most `each` of both.

    Columns: `SHOWN` and sha256; `message` is the beginning of its hash, `mistake` `false alarm` or `miss`.
    """
    bad, scores = unwanted(rows), threat(rows)
    alarms = rows[~bad & (scores >= threshold)].nlargest(each, "threat").assign(mistake="false alarm")
    misses = rows[bad & (scores < threshold)].nsmallest(each, "threat").assign(mistake="miss")
    found = pd.concat([alarms, misses], ignore_index=True)
    return found.assign(message=found["sha256"].str.slice(0, 10))[[*SHOWN, "sha256"]]


def described(errors: pd.DataFrame, messages: pd.DataFrame, signatures: Sequence[str] | None = None) -> pd.DataFrame:
    """`errors` with what is seen in each message, read from the prepared `messages`.

    Adds: words, links, hosts (distinct ones linked to), images, attachments, hidden (characters of hidden text), list
    and reply (whether it says to be of a list, or an answer), defects and findings (ids). Without `signatures`, the
    ones used by default look.

    Raises:
        ConfigError: a message of `errors` is not among `messages`.
    """
    chosen = messages.set_index("sha256").reindex(errors["sha256"]).reset_index()
    if chosen["raw"].isna().any():
        raise ConfigError(f"message {chosen.loc[chosen['raw'].isna(), 'sha256'].iloc[0]} is not among those prepared")
    engine = SignatureEngine.from_ids(signatures)
    found = [_facts(request, engine) for request in score_requests(chosen)]
    facts = pd.DataFrame(found, index=errors.index, columns=FACTS)
    return errors[SHOWN].join(facts)


def _facts(request: ScoreRequest, engine: SignatureEngine) -> dict[str, object]:
    message = parse(request.raw)
    findings = dict.fromkeys(finding.signature for finding in engine.inspect(request, message))
    return {
        "words": len(message.text.split()),
        "links": len(message.links),
        "hosts": len({_host(link.target) for link in message.links}),
        "images": message.html.images,
        "attachments": len(message.attachments),
        "hidden": len(message.hidden_text),
        "list": any(message.header(name) for name in ("List-Id", "List-Post", "List-Unsubscribe")),
        "reply": any(message.header(name) for name in ("In-Reply-To", "References")),
        "defects": ", ".join(dict.fromkeys(defect.code for defect in message.defects)),
        "findings": ", ".join(findings),
    }


def _host(target: str) -> str:
    """Host of a link; the whole target where it is no URL."""
    try:
        return urlsplit(target).hostname or target
    except ValueError:
        return target
