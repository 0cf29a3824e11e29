"""How an artifact directory becomes an MLflow model: files beside an `MLmodel`, nothing pickled.

    MLmodel              flavor `seg_ml`, signature, input example
    artifact/…           the directory as training wrote it, byte for byte
    input_example.json

There is no `python_function` flavor on purpose: that one is loaded by running code from the artifact.
`seg_ml.artifact` loads `artifact/` after checking it against its manifest.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

from mlflow.models import Model, ModelSignature
from mlflow.types import ColSpec, DataType, Schema
from mlflow.types.schema import AnyType, Array, Map, Object, Property

from seg_ml.domain.envelope import AuthenticationResults, Envelope, ScoreRequest
from seg_ml.domain.errors import ConfigError
from seg_ml.domain.wire import request_to_json

FLAVOR = "seg_ml"
ARTIFACT = "artifact"
EXAMPLE = ScoreRequest(
    b"From: Ann <ann@example.org>\r\nTo: bob@example.net\r\nSubject: Lunch\r\n\r\nTomorrow at noon?\r\n",
    Envelope(client_ip="192.0.2.1", helo="mail.example.org", reverse_path="ann@example.org"),
    AuthenticationResults(spf="pass", spf_domain="example.org"),
)


def signature() -> ModelSignature:
    """A score request in (base64 of the raw message, session facts), a verdict out; see `seg_ml.domain.wire`."""
    text, number = DataType.string, DataType.double
    envelope = [
        *(Property(name, text, required=False) for name in ("client_ip", "helo", "reverse_path", "authenticated_as")),
        Property("forward_paths", Array(text)),
        Property("tls", DataType.boolean),
    ]
    methods = ("spf", "spf_domain", "dkim", "dmarc", "dmarc_policy", "arc", "iprev", "client_name")
    authentication = [
        *(Property(name, text, required=False) for name in methods),
        Property("dkim_domains", Array(text)),
    ]
    finding = [Property(name, text) for name in ("signature", "severity", "evidence", "surface")]
    pair = Array(AnyType())  # type: ignore[no-untyped-call]  # a word and its weight
    explanation = [Property("sentence", text), Property("words", Array(pair))]
    return ModelSignature(
        inputs=Schema(
            [
                ColSpec(text, "raw"),
                ColSpec(Object(envelope), "envelope"),
                ColSpec(Object(authentication), "authentication"),
            ]
        ),
        outputs=Schema(
            [
                ColSpec(text, "label"),
                ColSpec(Map(number), "probabilities"),
                ColSpec(Array(Object(finding)), "findings"),
                ColSpec(Object(explanation), "explanation"),
                ColSpec(text, "model_version"),
            ]
        ),
    )


def save_model(path: str, mlflow_model: Model, artifact_dir: Path, **_: Any) -> None:
    """Lay out the model in `path`; MLflow calls this from `Model.log`.

    Raises:
        ConfigError: the artifact has no manifest, or holds a file that only a pickle loader reads.
    """
    check(artifact_dir)
    folder = Path(path)
    shutil.copytree(artifact_dir, folder / ARTIFACT)
    mlflow_model.signature = signature()
    (folder / "input_example.json").write_text(json.dumps(request_to_json(EXAMPLE), indent=2), encoding="utf-8")
    mlflow_model.saved_input_example_info = {"artifact_path": "input_example.json", "type": "json_object"}
    mlflow_model.add_flavor(FLAVOR, data=ARTIFACT, manifest=f"{ARTIFACT}/manifest.json")
    mlflow_model.save(str(folder / "MLmodel"))


def check(artifact_dir: Path) -> None:
    """Whether a directory may be registered.

    Raises:
        ConfigError: it has no manifest, or holds a file that only a pickle loader reads.
    """
    if not (artifact_dir / "manifest.json").is_file():
        raise ConfigError(f"{artifact_dir} holds no manifest.json: train first, or name the artifact's directory")
    for path in sorted(artifact_dir.rglob("*")):
        if path.is_file() and _is_pickle(path):
            raise ConfigError(f"{path} is a pickle, which production never loads: export ONNX, safetensors or JSON")


def _is_pickle(path: Path) -> bool:
    """By content, for a name proves nothing: protocol 2 to 5, or the zip around one that torch.save writes."""
    with path.open("rb") as file:
        start = file.read(2)
    if start[:1] == b"\x80" and start[1:] in (b"\x02", b"\x03", b"\x04", b"\x05"):
        return True
    if start != b"PK" or not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return any(name.endswith(".pkl") for name in archive.namelist())
