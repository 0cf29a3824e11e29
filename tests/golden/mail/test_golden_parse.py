"""What the parser makes of whole messages, kept beside them. Regenerate with `pytest --regenerate-golden` and read the difference."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from seg_ml.mail.parse import parse

MESSAGES = sorted(Path(__file__).parent.glob("*.eml"))


def readable(raw: bytes) -> dict[str, Any]:
    data = asdict(parse(raw))
    del data["raw"]
    for part in data["parts"]:
        part["content"] = part["content"].decode("latin-1")
    return json.loads(json.dumps(data))  # type: ignore[no-any-return]


@pytest.mark.parametrize("path", MESSAGES, ids=[path.stem for path in MESSAGES])
def test_golden(path: Path, request: pytest.FixtureRequest) -> None:
    found = readable(path.read_bytes())
    golden = path.with_suffix(".json")
    if request.config.getoption("--regenerate-golden"):
        golden.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert found == json.loads(golden.read_text(encoding="utf-8"))
