"""A linear model over words: TF-IDF or naive-Bayes-weighted counts, scored with a dictionary and a dot product.

Fitted with scikit-learn, kept as a vocabulary (JSON) and arrays (safetensors), so that scoring needs
neither scikit-learn nor a pickle, and training and serving run the same few lines.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file


@dataclass(frozen=True)
class LinearOptions:
    """`weighting`: `tfidf` (sublinear) or `bayes` (presence times log-count ratio, Wang and Manning 2012)."""

    weighting: str = "tfidf"
    pairs: bool = True
    min_messages: int = 2
    inverse_regularization: float = 100.0


class LinearText:
    """Words to logits.

    `vocabulary` maps a token to its column, `weight` (V,) scales a column before the L2 norm, `coef`
    (outputs, V) and `intercept` (outputs,) give logits. One output for two labels (that of the second),
    else one per label, each against the rest.
    """

    def __init__(
        self,
        options: LinearOptions,
        vocabulary: dict[str, int],
        weight: NDArray[np.float64],
        coef: NDArray[np.float64],
        intercept: NDArray[np.float64],
    ) -> None:
        self.options = options
        self.vocabulary = vocabulary
        self.weight = weight
        self.coef = coef
        self.intercept = intercept

    def row(self, tokens: Iterable[str]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Columns and values of one message, L2-normed; both shape (nonzero,)."""
        counts = Counter(tokens)
        found = sorted((column, counts[word]) for word in counts if (column := self.vocabulary.get(word)) is not None)
        if not found:
            return np.zeros(0, np.intp), np.zeros(0)
        columns = np.array([column for column, _ in found], np.intp)
        values = np.array([count for _, count in found], float)
        values = 1.0 + np.log(values) if self.options.weighting == "tfidf" else np.ones_like(values)
        values *= self.weight[columns]
        norm = float(np.sqrt(values @ values))
        return columns, values / norm if norm else values

    def logits(self, documents: Sequence[Iterable[str]]) -> NDArray[np.float64]:
        """Shape (n, outputs)."""
        rows = [self.row(tokens) for tokens in documents]
        return np.array([self.coef[:, columns] @ values + self.intercept for columns, values in rows])

    def contributions(self, tokens: Iterable[str], output: int = 0) -> list[tuple[str, float]]:
        """(token, part of the logit) of every known token, heaviest first."""
        present = set(tokens)
        columns, values = self.row(present)
        names = {self.vocabulary[word]: word for word in present if word in self.vocabulary}
        parts = self.coef[output, columns] * values
        order = np.argsort(-np.abs(parts), kind="stable")
        return [(names[int(columns[index])], float(parts[index])) for index in order]

    def save(self, folder: Path, name: str) -> None:
        """Write `<name>.safetensors` and `<name>.json`."""
        arrays = {"weight": self.weight, "coef": self.coef, "intercept": self.intercept}
        save_file({key: np.ascontiguousarray(value) for key, value in arrays.items()}, folder / f"{name}.safetensors")
        words = sorted(self.vocabulary, key=self.vocabulary.__getitem__)
        text = json.dumps({"options": vars(self.options), "vocabulary": words}, ensure_ascii=True)
        (folder / f"{name}.json").write_text(text, encoding="ascii")

    @classmethod
    def load(cls, folder: Path, name: str) -> LinearText:
        """Read what `save` wrote."""
        data: dict[str, Any] = json.loads((folder / f"{name}.json").read_text(encoding="ascii"))
        arrays = load_file(folder / f"{name}.safetensors")
        vocabulary = {word: column for column, word in enumerate(data["vocabulary"])}
        return cls(LinearOptions(**data["options"]), vocabulary, arrays["weight"], arrays["coef"], arrays["intercept"])


def chosen(tokens: Iterable[str], options: LinearOptions) -> list[str]:
    """The tokens that an option set reads: pairs of words carry a space."""
    return [token for token in tokens if options.pairs or " " not in token]


def unfitted(texts: Sequence[Sequence[str]], target: NDArray[np.bool_], options: LinearOptions) -> LinearText:
    """Vocabulary and weights of chosen tokens (see `chosen`), and no coefficient other than 0."""
    vocabulary = _vocabulary(texts, options.min_messages)
    weight = _weight(texts, vocabulary, target, options)
    return LinearText(options, vocabulary, weight, np.zeros((1, len(vocabulary))), np.zeros(1))


def matrix(model: LinearText, texts: Sequence[Sequence[str]]) -> Any:
    """A sparse row a message (see `LinearText.row`), shape (n, vocabulary)."""
    from scipy.sparse import csr_array

    rows = [model.row(tokens) for tokens in texts]
    # liblinear takes 32-bit indices only.
    indptr = np.cumsum([0] + [len(columns) for columns, _ in rows]).astype(np.int32)
    data, columns = np.concatenate([v for _, v in rows]), np.concatenate([c for c, _ in rows]).astype(np.int32)
    return csr_array((data, columns, indptr), shape=(len(rows), len(model.vocabulary)))


def fit_linear(
    documents: Sequence[Sequence[str]], labels: NDArray[np.intp], options: LinearOptions, seed: int
) -> LinearText:
    """Fit on token lists and label indices 0..K-1 (K at least 2)."""
    from sklearn.linear_model import LogisticRegression

    texts = [chosen(tokens, options) for tokens in documents]
    outputs = _outputs(labels)
    model = unfitted(texts, outputs[0], options)
    rows = matrix(model, texts)
    fitted = [
        LogisticRegression(C=options.inverse_regularization, solver="liblinear", max_iter=1_000, random_state=seed).fit(
            rows, target
        )
        for target in outputs
    ]
    model.coef = np.vstack([estimator.coef_[0] for estimator in fitted])
    model.intercept = np.array([float(estimator.intercept_[0]) for estimator in fitted])
    return model


def _vocabulary(texts: Sequence[Sequence[str]], min_messages: int) -> dict[str, int]:
    frequency = Counter(token for tokens in texts for token in set(tokens))
    return {token: column for column, token in enumerate(sorted(t for t, n in frequency.items() if n >= min_messages))}


def _outputs(labels: NDArray[np.intp]) -> list[NDArray[np.bool_]]:
    """One target for two labels, one against the rest for more."""
    count = int(labels.max()) + 1
    return [labels == 1] if count == 2 else [labels == label for label in range(count)]


def _weight(
    texts: Sequence[Sequence[str]], vocabulary: dict[str, int], target: NDArray[np.bool_], options: LinearOptions
) -> NDArray[np.float64]:
    inside, outside = np.zeros(len(vocabulary)), np.zeros(len(vocabulary))
    for tokens, positive in zip(texts, target, strict=True):
        columns = [vocabulary[token] for token in set(tokens) if token in vocabulary]
        (inside if positive else outside)[columns] += 1.0
    if options.weighting == "tfidf":
        return np.asarray(np.log((1.0 + len(texts)) / (1.0 + inside + outside)) + 1.0)
    inside, outside = inside + 0.5, outside + 0.5
    return np.asarray(np.abs(np.log(inside / inside.sum() * outside.sum() / outside)))
