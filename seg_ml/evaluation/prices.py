"""What the choices that make scoring fast cost, and what they save, as a manifest has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seg_ml.artifact.manifest import Manifest
from seg_ml.evaluation.markdown import share, table_markdown

NOTHING = "Nothing was measured."


def prices_markdown(manifest: Manifest) -> str:
    """A row per choice of `params.yaml`: what was chosen, its price, what it saves."""
    measured = manifest.training
    rows = []
    if "precision_parity" in measured:
        rows.append(_precision(manifest.precision, measured["precision_parity"]))
    if "cascade_price" in measured:
        rows.append(_cascade(measured["cascade_price"]))
    return table_markdown(["choice", "chosen", "price", "saves"], rows) if rows else NOTHING


def _precision(chosen: str, parity: Mapping[str, float]) -> list[str]:
    price = (
        f"of recall at 1 % false positives {_points(parity['recall_loss'])} on {parity['messages']:,.0f} validation "
        f"messages; logits move by {parity['mean_logit_difference']:.3f}"
    )
    return ["`export.precision`: int8 for fp32", chosen, price, "three quarters of the transformer's size"]


def _cascade(price: Mapping[str, Any]) -> list[str]:
    margins = f"settled up to {share(price['wanted'], 3)} and from {share(price['unwanted'], 3)}"
    lost = ", ".join(f"{_points(loss)} at {share(float(rate))}" for rate, loss in price["recall_lost"].items())
    cost = (
        f"{share(price['disagreement'], 2)} of {price['messages']:,} messages are judged otherwise; of recall at a "
        f"rate of false positives {lost}"
    )
    saves = (
        f"the transformer for {share(price['settled'])} of the messages ({share(price['settled_of_wanted'])} of "
        f"the wanted, {share(price['settled_of_unwanted'])} of the unwanted); latency stands with the figures"
    )
    return ["`cascade`: no transformer where the rest is certain", margins if price["used"] else "no", cost, saves]


def _points(loss: float) -> str:
    return f"{-100 * loss:+.2f} points"
