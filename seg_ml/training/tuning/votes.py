"""How the parts of a model should vote, asked of corpora that it never saw.

The parts of every experiment of `unseen` are kept, so a trial learns nothing anew. On mail like that which was learned
from the trees over everything are right and a vote costs; only mail unlike it tells what a vote is worth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from seg_ml.domain.errors import ConfigError
from seg_ml.evaluation.metrics import at_rate, at_threshold
from seg_ml.models.fusion import FusionOptions
from seg_ml.training.params import Params
from seg_ml.training.tuning.objective import Objective, Outcome, Report, hash_of, tried
from seg_ml.training.tuning.space import VOTES, Range, Values
from seg_ml.training.unseen.experiments import Experiment
from seg_ml.training.unseen.fitting import Parts
from seg_ml.training.unseen.kept import Kept, basis_of
from seg_ml.training.unseen.stage import prepared_experiments

_RATE, _EVEN = 0.01, 0.5


class VotesObjective(Objective):
    """Votes over the parts that `unseen` kept, of all its experiments."""

    section: str = "fusion"
    space: Mapping[str, Range] = VOTES

    def __init__(self, params: Params, sample: int = 0) -> None:
        """Read the parts.

        Raises:
            ConfigError: a sample is asked for, or an experiment was not finished with these parameters, data and code.
        """
        if sample:
            raise ConfigError("--sample: votes are judged on whole experiments; leave it out")
        self.options = params.options(FusionOptions, "fusion")
        self.bounds = {name: float(params["unseen"]["bounds"][name]) for name in ("recall", "f1")}
        self.fitting, experiments = prepared_experiments(params)
        self.experiments = _finished(experiments, Kept(basis_of(params)))
        arrays = [part for _, parts in self.experiments for part in (parts.learned, parts.judged)]
        self.fingerprint = hash_of((params.seed, self.bounds), *arrays)

    def __call__(self, values: Values, report: Report) -> Outcome:
        """Vote, calibrate on what was learned from, and judge what was not."""
        options, target = tried(self.options, values), self.fitting.mail.target
        recalls, f1 = {}, {}
        for count, (experiment, parts) in enumerate(self.experiments, start=1):
            bad = target[experiment.test] == 1
            threat = np.asarray(self.fitting.fused(parts, experiment.train, options)[1])
            recalls[experiment.name] = at_rate(bad, threat, _RATE).recall
            f1[experiment.name] = at_threshold(bad, threat, _EVEN).f1
            report("votes", count, len(self.experiments))
        return Outcome(headroom(recalls, f1, self.bounds), recalls, f1)

    def elsewhere(self, outcomes: Sequence[Outcome]) -> Outcome:
        """Each experiment under the votes that were best on all others, which never saw it."""
        return nested(outcomes, self.bounds)


def headroom(recalls: Mapping[str, float], f1: Mapping[str, float], bounds: Mapping[str, float]) -> float:
    """The lesser distance of the mean recall at 1 % false positives and of the mean F1 from their bounds."""
    means = {"recall": np.mean(list(recalls.values())), "f1": np.mean(list(f1.values()))}
    return min(float(means[name]) - bound for name, bound in bounds.items())


def nested(outcomes: Sequence[Outcome], bounds: Mapping[str, float]) -> Outcome:
    """What the search is worth: each experiment under the votes that are best on all others, which never saw it."""
    recalls, f1 = {}, {}
    for name in outcomes[0].recalls:
        best = max(outcomes, key=lambda outcome: headroom(_but(outcome.recalls, name), _but(outcome.f1, name), bounds))
        recalls[name], f1[name] = best.recalls[name], best.f1[name]
    return Outcome(headroom(recalls, f1, bounds), recalls, f1)


def _but(figures: Mapping[str, float], name: str) -> dict[str, float]:
    return {key: value for key, value in figures.items() if key != name}


def _finished(experiments: Sequence[Experiment], kept: Kept) -> list[tuple[Experiment, Parts]]:
    missing = [experiment.name for experiment in experiments if not kept.path(experiment).is_file()]
    if missing or len(experiments) < 2:
        told = f"not finished: {', '.join(missing)}" if missing else "there are fewer than two"
        raise ConfigError(f"votes are judged on the experiments of the stage `unseen`; {told}: dvc repro unseen")
    return [(experiment, Parts.of(kept.read(experiment))) for experiment in experiments]
