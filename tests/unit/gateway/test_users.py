"""Users: hashes that fit one password, a file that names its wrong line, and nothing of what stands in it."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.authentication.users import Hash, Users, read_users
from gateway.cli import app
from gateway.settings import Settings
from gateway.smtp.guard import users_of
from seg_ml.domain.errors import ConfigError

SALT, KEY = base64.b64encode(b"salt").decode(), base64.b64encode(bytes(32)).decode()


def test_a_hash_fits_its_password() -> None:
    made = Hash.parse(str(Hash.of("käse")))
    assert made.fits("käse") and not made.fits("kase") and not made.fits("")
    assert str(Hash.of("a")) != str(Hash.of("a"))


def test_the_vector_of_rfc_7914() -> None:
    key = bytes.fromhex(
        "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830da"
        "c727afb94a83ee6d8360cbdfa2cc0640"
    )
    assert Hash(1024, 8, 16, b"NaCl", key).fits("password")


@pytest.mark.parametrize(
    "line",
    [
        "ann",
        "ann:secret",
        f"ann:bcrypt:16:8:1:{SALT}:{KEY}",
        f"ann:scrypt:17:8:1:{SALT}:{KEY}",
        f"ann:scrypt:16:8:1:{SALT}:short",
        f"ann:scrypt:16:8:1::{KEY}",
        f"ann:scrypt:16:8:1:{SALT}:AAAA",
        f"ann:scrypt:16:0:1:{SALT}:{KEY}",
        f"ann:scrypt:{2**30}:8:1:{SALT}:{KEY}",
        f"an n:scrypt:16:8:1:{SALT}:{KEY}",
        f"eve:scrypt:16:8:1:{SALT}:{KEY}",
    ],
)
def test_a_wrong_line_is_named_and_not_shown(tmp_path: Path, line: str) -> None:
    path = tmp_path / "users"
    path.write_text(f"# users\neve:scrypt:16:8:1:{SALT}:{KEY}\n\n{line}\n")
    with pytest.raises(ConfigError, match="line 4") as caught:
        read_users(path)
    assert KEY not in str(caught.value) and "secret" not in str(caught.value)


def test_the_file_is_read_anew_when_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "users"
    result = CliRunner().invoke(app, ["user", "ann", "--password", "one"])
    path.write_text(result.stdout)
    users = Users(path)
    assert users.check("ann", "one") and not users.check("ann", "two") and not users.check("eve", "one")
    assert not users.check("ann", "one" + "\0" * 2000)
    path.write_text(f"ann:{Hash.of('two')}\nbob:{Hash.of('three')}\n")
    assert users.check("ann", "two") and users.check("bob", "three") and not users.check("ann", "one")
    path.write_text("nonsense\n")
    for _ in range(2):
        with pytest.raises(ConfigError, match="line 1"):
            users.check("ann", "two")
    path.unlink()
    with pytest.raises(ConfigError, match="No such file"):
        users.check("ann", "two")


def test_passwords_need_tls(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="tls_certificate"):
        users_of(Settings(submission={"users": tmp_path / "users"}))  # type: ignore[arg-type]
    config = tmp_path / "gateway.yaml"
    config.write_text("submission: {users: /nowhere}\n")
    result = CliRunner().invoke(app, ["check-config", "--config", str(config)])
    assert result.exit_code == 2
