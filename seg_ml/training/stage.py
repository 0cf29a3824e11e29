"""Entry point of the pipeline's stages: `python -m seg_ml.training.stage NAME`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from importlib import import_module

from rich.markup import escape

from seg_ml.domain.errors import SegError
from seg_ml.training.params import Params
from seg_ml.training.progress import console

STAGES = {
    "fetch": "seg_ml.training.data:fetch_corpora",
    "prepare": "seg_ml.training.data:prepare_messages",
    "split": "seg_ml.training.data:split_messages",
    "extract": "seg_ml.training.extract:extract",
    "linear": "seg_ml.training.linear:train_linear",
    "encode": "seg_ml.training.transformer:encode",
    "transformer": "seg_ml.training.transformer:train_transformer",
    "fusion": "seg_ml.training.fusion:train_fusion",
    "evaluate": "seg_ml.training.evaluate:evaluate_model",
    "register": "seg_ml.training.register:register_model",
    "signatures": "seg_ml.training.signatures:measure_signatures",
    "robustness": "seg_ml.training.robustness:evaluate_robustness",
    "strangers": "seg_ml.training.strangers:judge_strangers",
    "ablation": "seg_ml.training.ablation:evaluate_ablation",
    "research-data": "seg_ml.training.unseen.data:make_research_data",
    "unseen": "seg_ml.training.unseen.stage:evaluate_unseen",
    "results": "seg_ml.training.results:write_readme",
}


def main(arguments: list[str]) -> int:
    """Run one stage; 0 on success, 1 on an error that a person can mend, 2 on a wrong name."""
    if len(arguments) != 1 or arguments[0] not in STAGES:
        console.print(f"usage: python -m seg_ml.training.stage NAME, one of: {', '.join(STAGES)}")
        return 2
    name, start = arguments[0], time.monotonic()
    module, _, function = STAGES[name].partition(":")
    try:
        run: Callable[[Params], None] = getattr(import_module(module), function)
        run(Params.load())
    except SegError as error:
        console.print(f"[red]{name}:[/red] {escape(str(error))}", soft_wrap=True)
        return 1
    console.print(f"  {name}: done in {time.monotonic() - start:.0f} s", highlight=False)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
