"""Why, at length: for the analyst who asks about one message, and too slow for the road."""

from __future__ import annotations

from dataclasses import dataclass

from seg_ml.artifact.clearing import Clearing, clearing
from seg_ml.artifact.model import MailModel
from seg_ml.artifact.occlusion import Attribution, occluded
from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.verdict import Verdict

PASSES = 48
"""Forward passes of the transformer that an explanation may take: a second or so on a plain CPU."""


@dataclass(frozen=True, slots=True)
class Account:
    """A verdict with what its parts went by.

    The words of the linear model, and those of a correction by own mail, stand in the verdict's explanation.
    `transformer` is empty, and `settled` true, where the rest was certain and the transformer never read the message.
    `clearing` is `None` where the message passes as it is, or no small change would have helped.
    """

    verdict: Verdict
    transformer: Attribution
    settled: bool
    clearing: Clearing | None


def account(model: MailModel, request: ScoreRequest, passes: int = PASSES) -> Account:
    """Score one message and say why; the verdict is that of `model.score`."""
    (verdict,) = model.score([request])
    settled = model.components(request).settled
    found = Attribution() if settled else attribution(model, request, passes)
    told = tuple(word for word, effect in found.words if effect > 0)
    return Account(verdict, found, settled, clearing(model, request, told=told))


def attribution(model: MailModel, request: ScoreRequest, passes: int = PASSES) -> Attribution:
    """What the transformer went by, or would have gone by had it been asked."""
    text = model.reader.read(request).text
    return occluded(text, model.subwords, model.transformer_logit, passes)
