"""From bytes to a verdict on the wire: notebook, HTTP and SMTP say the same; bad input gets an answer and a record."""

import base64
import hashlib
import json
import smtplib
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from deploy_road import BIN, Road

from seg_ml.artifact.model import MailModel
from seg_ml.domain.envelope import Envelope, ScoreRequest
from seg_ml.domain.wire import request_to_json, verdict_from_json
from seg_ml.testing.mail import synthetic_mail

MAIL = [synthetic_mail(label, n, seed=41).replace(b"\n", b"\r\n") for n in range(8) for label in ("ham", "spam")]
TOLERANCE = 1e-6
UNSURE = [
    ham.replace(b"\r\n\r\n", b"\r\n\r\n" + spam[-400:], 1) for ham, spam in zip(MAIL[::2], MAIL[1::2], strict=True)
]


def post(road: Road, requests: list[ScoreRequest]) -> list[Any]:
    body = {"requests": [request_to_json(request) for request in requests]}
    response = httpx.post(f"{road.service}/score", json=body, timeout=60)
    assert response.status_code == 200, response.text
    return [verdict_from_json(item) for item in response.json()]


def send(
    road: Road, raw: bytes, sender: str = "ann@a.example", recipients: tuple[str, ...] = ("x@demo.example",)
) -> tuple[int, str]:
    with smtplib.SMTP("127.0.0.1", road.smtp, local_hostname="client.example", timeout=120) as client:
        try:
            client.sendmail(sender, list(recipients), raw)
        except smtplib.SMTPResponseException as error:
            return error.smtp_code, str(error.smtp_error)
        except smtplib.SMTPRecipientsRefused as error:
            return next(iter(error.recipients.values()))[0], str(error)
    return 250, "ok"


def trace(road: Road) -> list[dict[str, Any]]:
    command = [str(BIN / "seg-gateway"), "trace", "list", "--jsonl", "-n", "10000", "--config", str(road.config)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return [json.loads(line) for line in done.stdout.splitlines()]


def records(road: Road, raw: bytes) -> list[dict[str, Any]]:
    digest = hashlib.sha256(raw).hexdigest()
    return [row for row in trace(road) if row["sha256"] == digest]


def test_notebook_http_and_smtp_agree(road: Road) -> None:
    model = MailModel.load(road.project / "data" / "artifact")
    here = [verdict.threat_probability for verdict in model.score([ScoreRequest(raw) for raw in MAIL])]
    together = [verdict.threat_probability for verdict in post(road, [ScoreRequest(raw) for raw in MAIL])]
    alone = [post(road, [ScoreRequest(raw)])[0].threat_probability for raw in MAIL]
    for raw in MAIL:
        assert send(road, raw)[0] in (250, 550)
    wire = [records(road, raw)[0]["threat_probability"] for raw in MAIL]
    for other in (together, alone, wire):
        assert max(abs(a - b) for a, b in zip(here, other, strict=True)) <= TOLERANCE


def test_who_read_is_counted(road: Road) -> None:
    post(road, [ScoreRequest(raw) for raw in (*MAIL, *UNSURE)])
    page = httpx.get(f"{road.service}/metrics", timeout=30).text
    read = {
        reader: float(line.rpartition(" ")[2])
        for line in page.splitlines()
        for reader in ("early", "transformer")
        if line.startswith(f'seg_messages_total{{reader="{reader}"}}')
    }
    assert read["early"] > 0
    assert read["transformer"] > 0


def test_the_verdict_names_its_model(road: Road) -> None:
    (verdict,) = post(road, [ScoreRequest(MAIL[1], Envelope(reverse_path=""))])
    assert verdict.model_version == road.model_version
    assert verdict.explanation.words
    about = httpx.post(f"{road.service}/model", json={}, timeout=30).json()
    assert about["model_version"] == road.model_version
    assert about["git_commit"]
    assert set(about["labels"]) == {"ham", "spam"}


def test_service_pages(road: Road) -> None:
    for page in ("healthz", "readyz", "metrics", "docs.json"):
        assert httpx.get(f"{road.service}/{page}", timeout=30).status_code == 200
    described = httpx.get(f"{road.service}/docs.json", timeout=30).json()
    assert "/score" in described["paths"]
    assert "Model version `seg-mail/" in described["info"]["description"]
    assert "# A classifier of mail" in described["info"]["description"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"requests": [{"raw": "%%%"}]},
        {"requests": [{"nothing": 1}]},
        {"requests": [{"raw": "", "envelope": {"x": 1}}]},
    ],
)
def test_a_bad_request_is_refused_in_words(road: Road, body: dict[str, Any]) -> None:
    response = httpx.post(f"{road.service}/score", json=body, timeout=30)
    assert 400 <= response.status_code < 500
    assert "Traceback" not in response.text


def test_requests_wait_and_none_is_refused(road: Road) -> None:
    body = {"requests": [{"raw": base64.b64encode(MAIL[0]).decode()}]}
    with httpx.Client(timeout=120, limits=httpx.Limits(max_connections=32)) as client, ThreadPoolExecutor(32) as pool:
        codes = list(pool.map(lambda _: client.post(f"{road.service}/score", json=body).status_code, range(200)))
    assert codes == [200] * 200


def test_delivered_bytes_are_untouched(road: Road) -> None:
    raw = next(
        raw for raw in MAIL if send(road, raw)[0] == 250 and records(road, raw)[-1]["disposition"] in ("deliver", "tag")
    )
    kept = [path.read_bytes() for path in Path(road.delivered).glob("*.eml")]
    assert any(message.endswith(raw) and message != raw for message in kept)


BAD = {
    "empty body": b"From: a@b.example\r\n\r\n",
    "20 MB": b"From: a@b.example\r\nSubject: large\r\n\r\n" + (b"x" * 76 + b"\r\n") * 268_000,
    "broken mime": b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=X\r\n\r\n--X\r\nContent-Type: text/html\r\n\r\n<p\r\n",
    "wrong charset": b"From: a@b.example\r\nContent-Type: text/plain; charset=klingon\r\n\r\n\xff\xfe\r\n",
    "no from": b"Subject: x\r\n\r\nbody\r\n",
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_gets_an_answer_and_a_record(road: Road, name: str) -> None:
    raw = BAD[name].replace(b"\r\n\r\n", b"\r\nX-Token: " + name.encode().hex().encode() + b"\r\n\r\n", 1)
    code, _ = send(road, raw)
    assert code in (250, 451, 550, 552, 554)
    assert len(records(road, raw)) == 1


def test_500_recipients_and_a_null_reverse_path(road: Road) -> None:
    raw = MAIL[0].replace(b"Subject:", b"X-Many: 500\r\nSubject:", 1)
    code, _ = send(road, raw, sender="", recipients=tuple(f"r{n}@demo.example" for n in range(500)))
    assert code in (250, 550)
    assert len(records(road, raw)) == 500
