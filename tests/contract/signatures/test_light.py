"""The light gateway imports this package: what is heavy is loaded only for the attachments that need it."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
from seg_ml.domain.envelope import ScoreRequest
from seg_ml.mail.parse import parse
from seg_ml.signatures.engine import SignatureEngine
raw = b"From: PayPal <a@example.org>\\r\\nContent-Type: text/html\\r\\n\\r\\n<a href='https://paypa1.com/x'>www.paypal.com</a>"
assert SignatureEngine.from_ids().inspect(ScoreRequest(raw), parse(raw))
heavy = {"numpy", "onnxruntime", "magika", "oletools", "torch", "sklearn", "mlflow", "bentoml"} & set(sys.modules)
sys.exit(f"loaded: {sorted(heavy)}" if heavy else 0)
"""


def test_a_message_without_attachments_loads_nothing_heavy() -> None:
    finished = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
