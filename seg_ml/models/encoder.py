"""The transformer as it is served: an ONNX graph, one message at a time, without torch.

Dynamic int8 quantisation scales activations over the whole batch, so a message's score would depend on
its neighbours. One message a call and one thread a session make it depend on nothing else.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seg_ml.text.subwords import Subwords


class Encoder:
    """`embed(text)` gives the pooled representation (dim,) and the head's logits (outputs,)."""

    def __init__(self, graph: Path, subwords: Subwords) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self.subwords = subwords
        self._session = onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])

    def embed(self, text: str) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
        """Representation and logits of one text."""
        ids = np.array([self.subwords.ids(text)], np.int64)
        embedding, logits = self._session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})
        return embedding[0], logits[0].astype(np.float64)
