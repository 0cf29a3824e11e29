"""`MailModel`: the one thing that turns a message into a verdict, wherever it runs."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seg_ml.artifact.explain import explain
from seg_ml.artifact.manifest import Manifest
from seg_ml.artifact.reading import Reader, Reading
from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.verdict import WANTED, Label, Verdict
from seg_ml.features.vector import FeatureSchema
from seg_ml.models.calibration import Calibrator
from seg_ml.models.cascade import Early, Margins
from seg_ml.models.correction import Correction
from seg_ml.models.encoder import Encoder
from seg_ml.models.fusion import Fusion
from seg_ml.models.kinds import Kinds
from seg_ml.models.linear import LinearText
from seg_ml.text.subwords import Subwords

GRAPH, TOKENIZER, FUSION, CALIBRATION = "encoder.onnx", "tokenizer.json", "fusion.safetensors", "calibration.json"

Floats = NDArray[np.float64]
Watch = Callable[[bool], None]
"""Told of each message scored whether it was settled before the transformer."""


def unwatched(_: bool) -> None:
    """Nobody counts."""


@dataclass(frozen=True, slots=True)
class Components:
    """Calibrated probabilities (labels,) of the model as served and of what it is made of, for one message.

    The transformer reads every message here; `settled` says that it would not have had to.
    """

    fused: Floats
    linear: Floats
    transformer: Floats
    features: Floats
    settled: bool


class MailModel:
    """A loaded artifact. Immutable, safe to share between threads; each message is scored on its own."""

    def __init__(self, folder: Path, manifest: Manifest, model_version: str, watch: Watch = unwatched) -> None:
        schema = FeatureSchema(manifest.features, manifest.signatures)
        self.manifest = manifest
        self.model_version = model_version
        self.labels = tuple(Label(name) for name in manifest.labels)
        self.reader = Reader(schema, manifest.parser_limits())
        self._linear = [LinearText.load(folder, name) for name in manifest.linear]
        self._encoder = Encoder(folder / GRAPH, Subwords(folder / TOKENIZER, **manifest.subwords))
        self._fusion = Fusion.load(folder / FUSION)
        self._kinds = Kinds.load(folder)
        self._correction = Correction.load(folder, manifest.correction) if manifest.correction else None
        calibration = json.loads((folder / CALIBRATION).read_text(encoding="utf-8"))
        self._calibrators = {name: Calibrator.from_json(data) for name, data in calibration.items()}
        self._early = (
            Early.load(folder, self._calibrators["early"], Margins(**manifest.cascade)) if manifest.cascade else None
        )
        self._watch = watch

    @classmethod
    def load(cls, folder: Path, model_version: str = "", watch: Watch = unwatched) -> MailModel:
        """Load an artifact; `watch` is told of each message scored whether the transformer was spared it.

        Raises:
            ArtifactMismatch: a file differs from the manifest.
            SchemaMismatch: parser, features or signatures of this checkout are not those of the artifact.
        """
        manifest = Manifest.read(folder)
        version = model_version or f"unregistered/{manifest.training.get('data_sha256', '')[:8]}"
        return cls(folder, manifest, version, watch)

    def score(self, requests: Sequence[ScoreRequest]) -> list[Verdict]:
        """One verdict per request, in order; none depends on the others."""
        return [self._verdict(request) for request in requests]

    def components(self, request: ScoreRequest) -> Components:
        """The model as served beside its parts, for evaluation and notebooks."""
        reading = self.reader.read(request)
        texts = self.text_logits(reading)
        threat, settled = self._judged(reading.vector, texts[:-1], lambda: texts)
        return Components(
            fused=self._kinds.spread(self._corrected(threat, reading.tokens), reading.tokens),
            linear=self._kinds.spread(self._threat("baseline", texts[:1]), reading.tokens),
            transformer=self._kinds.spread(self._threat("transformer", texts[-1:]), reading.tokens),
            features=reading.vector.astype(np.float64),
            settled=settled,
        )

    def _verdict(self, request: ScoreRequest) -> Verdict:
        reading = self.reader.read(request)
        linear = self.linear_logits(reading.tokens)
        threat, settled = self._judged(reading.vector, linear, lambda: self._with_transformer(linear, reading))
        self._watch(settled)
        threat = self._corrected(threat, reading.tokens)
        probabilities = self._kinds.spread(threat, reading.tokens)
        best = self._likeliest(probabilities, threat)
        label = self.labels[best]
        words, own = self.contributions(reading), self.own_contributions(reading)
        return Verdict(
            label=label,
            probabilities={name.value: float(p) for name, p in zip(self.labels, probabilities, strict=True)},
            findings=reading.findings,
            explanation=explain(label, float(probabilities[best]), words, reading.findings, own),
            model_version=self.model_version,
        )

    def _likeliest(self, probabilities: Floats, threat: Floats) -> int:
        """The likeliest label of the side that won: four kinds of threat do not hide behind one of ham."""
        wanted = np.array([label in WANTED for label in self.labels])
        return int(np.argmax(np.where(wanted == (threat[0] > threat[1]), probabilities, -1.0)))

    def text_logits(self, reading: Reading) -> Floats:
        """Shape (experts,): the linear models in their order, then the transformer."""
        return self._with_transformer(self.linear_logits(reading.tokens), reading)

    def linear_logits(self, tokens: Sequence[str]) -> Floats:
        """Shape (linear models,)."""
        return np.concatenate([model.logits([tokens])[0] for model in self._linear])

    @property
    def subwords(self) -> Subwords:
        """How a text is cut for the transformer, and how much of it is read."""
        return self._encoder.subwords

    def transformer_logit(self, text: str) -> float:
        """What the transformer alone makes of a text as readings hold it; positive towards unwanted mail."""
        return float(self._encoder.embed(text)[1][-1])

    def own_contributions(self, reading: Reading) -> list[tuple[str, float]]:
        """(token, what it adds to the log-odds) by what was learned from own mail; nothing without a correction."""
        return self._correction.contributions(reading.tokens) if self._correction else []

    def contributions(self, reading: Reading) -> list[tuple[str, float]]:
        """(token, part of the first linear model's logit), heaviest first; positive towards unwanted mail."""
        return self._linear[0].contributions(reading.tokens)

    def threat(self, vector: Floats, texts: Floats, tokens: Sequence[str]) -> float:
        """Calibrated probability of being unwanted, as served, of a vector (dim,), text logits (experts,), tokens."""
        threat, _ = self._judged(vector, texts[:-1], lambda: texts)
        return float(self._corrected(threat, tokens)[1])

    def _judged(self, vector: NDArray[Any], linear: Floats, texts: Callable[[], Floats]) -> tuple[Floats, bool]:
        """Probabilities of being wanted and unwanted (2,), and whether they were settled without asking for `texts`."""
        vector = vector.astype(np.float64)
        settled = self._early.settled(vector, linear) if self._early else None
        if settled is not None:
            return settled, True
        return self._threat("fused", self._fusion.logits(vector[None, :], texts()[None, :])[0]), False

    def _with_transformer(self, linear: Floats, reading: Reading) -> Floats:
        return np.concatenate([linear, self._encoder.embed(reading.text)[1]])

    def _corrected(self, threat: Floats, tokens: Sequence[str]) -> Floats:
        """The fused probabilities (2,) with what was learned from an organization's own mail."""
        return self._correction.apply(threat, tokens) if self._correction else threat

    def _threat(self, name: str, logits: Floats) -> Floats:
        """Probabilities of being wanted and unwanted, shape (2,)."""
        return np.asarray(self._calibrators[name].probabilities(logits[None, :])[0])
