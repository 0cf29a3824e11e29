"""The fine-tuned transformer as an ONNX graph, in fp32 and in int8."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import nn

from seg_ml.models.transformer import UpperLayers, load_backbone


class _Whole(nn.Module):
    """The layers that all share, then the fine-tuned ones of each fold, their representations and logits averaged."""

    def __init__(self, folder: Path, tuned: Sequence[UpperLayers]) -> None:
        super().__init__()
        self.backbone = load_backbone(folder)
        kept = self.backbone.encoder.layer
        self.backbone.encoder.layer = kept[: len(kept) - len(tuned[0].layers)]
        self.tuned = nn.ModuleList(tuned)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        states = self.backbone(input_ids, attention_mask=attention_mask).last_hidden_state
        both = [upper(states, attention_mask.to(states.dtype)) for upper in self.tuned]
        embeddings, logits = zip(*both, strict=True)
        return torch.stack(embeddings).mean(0), torch.stack(logits).mean(0)


def export_onnx(folder: Path, tuned: Sequence[UpperLayers], graph: Path) -> None:
    """Write an fp32 graph: `input_ids`, `attention_mask` (1, length) to `embedding` (1, dim), `logits` (1, outputs)."""
    whole = _Whole(folder, tuned).eval()
    ids = torch.ones(1, 16, dtype=torch.long)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            whole,
            (ids, torch.ones_like(ids)),
            str(graph),
            input_names=["input_ids", "attention_mask"],
            output_names=["embedding", "logits"],
            dynamic_axes={name: {0: "batch", 1: "length"} for name in ("input_ids", "attention_mask")},
            opset_version=17,
            dynamo=False,
        )


def quantize(graph: Path, target: Path) -> None:
    """Dynamic int8, weights per channel: per-tensor scales cost this model 6 % of its cosine similarity."""
    import logging

    from onnxruntime.quantization import QuantType, quantize_dynamic

    logging.getLogger().setLevel(logging.ERROR)
    quantize_dynamic(str(graph), str(target), weight_type=QuantType.QInt8, per_channel=True)
