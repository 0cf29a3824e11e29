"""Fine-tuning the upper layers of a BERT-like encoder on hidden states that were computed once.

The lower layers do not change, so their output is cached; an epoch then costs only the layers that
learn. `upper_layers` equal to the encoder's depth fine-tunes all of it (word embeddings excepted).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from transformers import AutoModel
from transformers.utils import logging

# Half a second of loading needs no bar between the lines of a stage's progress.
logging.disable_progress_bar()  # type: ignore[no-untyped-call]

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class FineTuneOptions:
    """`rate` is AdamW's peak learning rate for the layers, `head_rate` for the classifier; one cycle over all steps.

    With `bfloat16` products are computed in that type, faster where the processor knows it; weights and what is
    exported stay float32.
    """

    upper_layers: int = 2
    epochs: int = 3
    batch: int = 16
    rate: float = 2e-4
    head_rate: float = 1e-3
    dropout: float = 0.1
    threads: int = 2
    bfloat16: bool = False


class HiddenStates:
    """Cached hidden states of many messages, concatenated: `flat` (tokens, dim) float16, `offsets` (n + 1,)."""

    def __init__(self, flat: NDArray[np.float16], offsets: NDArray[np.int64]) -> None:
        self.flat, self.offsets = flat, offsets
        self.lengths = np.diff(offsets)

    def batch(self, rows: NDArray[np.intp]) -> tuple[torch.Tensor, torch.Tensor]:
        """States (rows, longest, dim) float32 and mask (rows, longest)."""
        longest = int(self.lengths[rows].max())
        states = np.zeros((len(rows), longest, self.flat.shape[1]), np.float32)
        mask = np.zeros((len(rows), longest), np.float32)
        for position, row in enumerate(rows):
            length = self.lengths[row]
            states[position, :length] = self.flat[self.offsets[row] : self.offsets[row + 1]]
            mask[position, :length] = 1.0
        return torch.from_numpy(states), torch.from_numpy(mask)


class UpperLayers(nn.Module):
    """The layers that learn, mean pooling over real tokens, and a linear head."""

    def __init__(self, layers: nn.ModuleList, dim: int, outputs: int, dropout: float, bfloat16: bool = False) -> None:
        super().__init__()
        self.short = bfloat16
        self.layers = layers
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(dim, outputs)

    def forward(self, states: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Pooled representation (n, dim) and logits (n, outputs)."""
        bias = (1.0 - mask)[:, None, None, :] * torch.finfo(states.dtype).min
        for layer in self.layers:
            states = _states(layer(states, bias.expand(-1, 1, states.shape[1], -1)))
        pooled = (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        return pooled, self.head(self.dropout(pooled))

    def logits(self, states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Logits (n, outputs) in float32, computed as the options say."""
        with torch.autocast("cpu", torch.bfloat16, enabled=self.short):
            logits: torch.Tensor = self(states, mask)[1]
        return logits.float()


def _states(output: torch.Tensor | tuple[torch.Tensor, ...]) -> torch.Tensor:
    return output if isinstance(output, torch.Tensor) else output[0]


def load_backbone(folder: Path) -> Any:
    """The pretrained encoder, in evaluation mode; never asks a hub."""
    return AutoModel.from_pretrained(folder, local_files_only=True, attn_implementation="sdpa").eval()


def lower_states(
    backbone: Any,
    ids: Sequence[Sequence[int]],
    upper_layers: int,
    progress: Progress,
    batch: int = 32,
    bfloat16: bool = False,
) -> HiddenStates:
    """Run the layers below the upper ones over every message; equal texts (twins, copies) are read once.

    `bfloat16`: see `FineTuneOptions`.
    """
    layer = backbone.config.num_hidden_layers - upper_layers
    offsets = np.concatenate([[0], np.cumsum([len(row) for row in ids])]).astype(np.int64)
    flat = np.zeros((offsets[-1], backbone.config.hidden_size), np.float16)
    places: dict[tuple[int, ...], list[int]] = {}
    for row, text in enumerate(ids):
        places.setdefault(tuple(text), []).append(row)
    texts = sorted(places, key=len)
    backbone.encoder.layer = backbone.encoder.layer[:layer]
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
        for start in range(0, len(texts), batch):
            some = texts[start : start + batch]
            for text, state in zip(some, _run(backbone, some), strict=True):
                for row in places[text]:
                    flat[offsets[row] : offsets[row + 1]] = state[: len(text)]
            progress("hidden states", min(start + batch, len(texts)), len(texts))
    return HiddenStates(flat, offsets)


def _run(backbone: Any, ids: Sequence[Sequence[int]]) -> NDArray[np.float32]:
    longest, pad = max(map(len, ids)), backbone.config.pad_token_id or 0
    padded = torch.tensor([[*row, *[pad] * (longest - len(row))] for row in ids])
    mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in ids])
    states: NDArray[np.float32] = backbone(padded, attention_mask=mask).last_hidden_state.float().numpy()
    return states


def fine_tune(
    folder: Path,
    hidden: HiddenStates,
    rows: NDArray[np.intp],
    labels: NDArray[np.intp],
    options: FineTuneOptions,
    seed: int,
    progress: Progress,
) -> UpperLayers:
    """Train on `rows` of the cached states; `labels` (n,) are indices 0..K-1 over all rows."""
    torch.manual_seed(seed)
    torch.set_num_threads(options.threads)
    torch.use_deterministic_algorithms(True)
    backbone = load_backbone(folder)
    layers = backbone.encoder.layer[-options.upper_layers :]
    count = int(labels.max()) + 1
    outputs = 1 if count == 2 else count
    model = UpperLayers(layers, backbone.config.hidden_size, outputs, options.dropout, options.bfloat16)
    batches = list(_batches(rows, hidden.lengths, options, seed))
    optimizer, schedule = _optimizer(model, options, len(batches))
    model.train()
    for step, batch in enumerate(batches, start=1):
        loss = _loss(model.logits(*hidden.batch(batch)), torch.from_numpy(labels[batch]))
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        progress("fine-tuning", step, len(batches))
    return model.eval()


def _optimizer(
    model: UpperLayers, options: FineTuneOptions, steps: int
) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler]:
    """AdamW with one cycle over all steps; the new head learns faster than the pretrained layers."""
    groups = [
        {"params": model.layers.parameters(), "lr": options.rate},
        {"params": model.head.parameters(), "lr": options.head_rate},
    ]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
    peaks = [options.rate, options.head_rate]
    return optimizer, torch.optim.lr_scheduler.OneCycleLR(optimizer, peaks, total_steps=steps + 1, pct_start=0.1)


def _loss(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    if logits.shape[1] == 1:
        return nn.functional.binary_cross_entropy_with_logits(logits[:, 0], labels.float())
    return nn.functional.cross_entropy(logits, labels)


def _batches(
    rows: NDArray[np.intp], lengths: NDArray[np.int64], options: FineTuneOptions, seed: int
) -> Iterator[NDArray[np.intp]]:
    """Shuffled batches of similar length, so that little is padded."""
    generator = np.random.default_rng(seed)
    for _ in range(options.epochs):
        shuffled = generator.permutation(rows)
        chunks = np.array_split(shuffled, max(1, len(shuffled) // (options.batch * 32)))
        ordered = np.concatenate([chunk[np.argsort(lengths[chunk], kind="stable")] for chunk in chunks])
        batches = [ordered[start : start + options.batch] for start in range(0, len(ordered), options.batch)]
        for index in generator.permutation(len(batches)):
            yield batches[index]


def predict(model: UpperLayers, hidden: HiddenStates, rows: NDArray[np.intp], batch: int = 64) -> NDArray[np.float64]:
    """Logits, shape (rows, outputs)."""
    order = np.argsort(hidden.lengths[rows], kind="stable")
    logits = np.zeros((len(rows), model.head.out_features))
    with torch.inference_mode():
        for start in range(0, len(rows), batch):
            some = order[start : start + batch]
            logits[some] = model.logits(*hidden.batch(rows[some])).numpy()
    return logits
