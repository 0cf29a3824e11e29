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

from seg_ml.models.bag import Bag
from seg_ml.text.tokens import lead


@dataclass(frozen=True)
class LinearOptions:
    """`weighting`: `tfidf` (sublinear) or `bayes` (presence times log-count ratio, Wang and Manning 2012).

    `lead`: read that many words of the body and those of the subject, and nothing else; 0 is the whole message.
    """

    weighting: str = "tfidf"
    pairs: bool = True
    min_messages: int = 2
    inverse_regularization: float = 100.0
    lead: int = 0


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
        counts = Counter(chosen(tokens, self.options))
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
        present = dict.fromkeys(chosen(tokens, self.options))
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
    """The tokens that an option set reads, in their order: pairs of words carry a space."""
    if options.lead:
        return lead(tokens, options.lead)
    return [token for token in tokens if options.pairs or " " not in token]


def bag_of(documents: Iterable[Iterable[str]], options: LinearOptions) -> Bag:
    """What an option set reads of each message, counted once for every `fit_linear_of` some of them."""
    return Bag.of((chosen(tokens, options) for tokens in documents), options.min_messages)


class FittedLinear:
    """A model beside the messages of a bag, that judges many of them at once.

    `columns` (V,) are those of the bag that make the vocabulary; `weight`, `coef` and `intercept` as in `LinearText`.
    """

    def __init__(
        self, bag: Bag, options: LinearOptions, columns: NDArray[np.intp], weight: NDArray[np.float64]
    ) -> None:
        self.bag = bag
        self.options = options
        self.columns = columns
        self.weight = weight
        self.coef = np.zeros((1, len(columns)))
        self.intercept = np.zeros(1)

    def logits(self, rows: NDArray[Any]) -> NDArray[np.float64]:
        """Of some messages of the bag, shape (n, outputs)."""
        return np.asarray(self.matrix(rows) @ self.coef.T + self.intercept)

    def matrix(self, rows: NDArray[Any]) -> Any:
        """What `LinearText.row` gives of each, as sparse rows of shape (n, V)."""
        found = self.bag.rows(rows).columns(self.columns).counts.astype(np.float64)
        values = 1.0 + np.log(found.data) if self.options.weighting == "tfidf" else np.ones_like(found.data)
        values *= self.weight[found.indices]
        norms = np.sqrt([part @ part for part in np.split(values, found.indptr[1:-1])])
        norms[norms == 0] = 1.0
        found.data = values / np.repeat(norms, np.diff(found.indptr))
        return found

    def model(self) -> LinearText:
        """The same for messages to come."""
        vocabulary = {name: column for column, name in enumerate(self.bag.names[self.columns])}
        return LinearText(self.options, vocabulary, self.weight, self.coef, self.intercept)


def unfitted(bag: Bag, rows: NDArray[Any], target: NDArray[np.bool_], options: LinearOptions) -> FittedLinear:
    """Vocabulary and weights of some messages of a bag (see `bag_of`), and no coefficient other than 0."""
    some = bag.rows(rows)
    frequency = some.frequencies()
    columns = np.flatnonzero(frequency >= options.min_messages)
    inside = some.rows(np.flatnonzero(target)).frequencies()[columns].astype(float)
    return FittedLinear(bag, options, columns, _weight(inside, frequency[columns] - inside, len(rows), options))


def fit_linear_of(
    bag: Bag, rows: NDArray[Any], labels: NDArray[np.intp], options: LinearOptions, seed: int
) -> FittedLinear:
    """Fit on some messages of a bag (see `bag_of`) and their label indices 0..K-1 (K at least 2), shape (rows,)."""
    from sklearn.linear_model import LogisticRegression

    outputs = _outputs(labels)
    model = unfitted(bag, rows, outputs[0], options)
    matrix = model.matrix(rows)
    fitted = [
        LogisticRegression(C=options.inverse_regularization, solver="liblinear", max_iter=1_000, random_state=seed).fit(
            matrix, target
        )
        for target in outputs
    ]
    model.coef = np.vstack([estimator.coef_[0] for estimator in fitted])
    model.intercept = np.array([float(estimator.intercept_[0]) for estimator in fitted])
    return model


def fit_linear(
    documents: Sequence[Sequence[str]], labels: NDArray[np.intp], options: LinearOptions, seed: int
) -> LinearText:
    """Fit on token lists and label indices 0..K-1 (K at least 2)."""
    return fit_linear_of(bag_of(documents, options), np.arange(len(documents)), labels, options, seed).model()


def _outputs(labels: NDArray[np.intp]) -> list[NDArray[np.bool_]]:
    """One target for two labels, one against the rest for more."""
    count = int(labels.max()) + 1
    return [labels == 1] if count == 2 else [labels == label for label in range(count)]


def _weight(
    inside: NDArray[np.float64], outside: NDArray[np.float64], messages: int, options: LinearOptions
) -> NDArray[np.float64]:
    """Of each column, from the number of messages that have it, on either side of the target."""
    if options.weighting == "tfidf":
        return np.asarray(np.log((1.0 + messages) / (1.0 + inside + outside)) + 1.0)
    inside, outside = inside + 0.5, outside + 0.5
    return np.asarray(np.abs(np.log(inside / inside.sum() * outside.sum() / outside)))
