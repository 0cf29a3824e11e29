"""YARA-X rules from the bundled folder and one's own: compiled once, scanned with a time limit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import local

import yara_x

from seg_ml.domain.errors import ConfigError
from seg_ml.domain.message import Message, Part
from seg_ml.domain.verdict import Severity
from seg_ml.signatures.archives import files_of
from seg_ml.signatures.settings import SignatureSettings
from seg_ml.signatures.unpack.limits import DEFAULT_ARCHIVE_LIMITS, ArchiveLimits

RULES = Path(__file__).parent / "rules"
TIMEOUT_SECONDS = 2
MAX_SCAN = 16 << 20


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that matched; `where` names the part for people."""

    rule: str
    severity: Severity
    description: str
    where: str
    surface: str


class YaraRules:
    """Compiled rules. A rule sees the globals `surface` (`raw`, `body`, `attachment`) and `filename`."""

    def __init__(self, compiled: yara_x.Rules) -> None:
        self._compiled = compiled
        self._thread = local()  # a Scanner holds the state of one scan

    @property
    def rules(self) -> Iterable[yara_x.Rule]:
        """The compiled rules, with their metadata."""
        return iter(self._compiled)

    def scan(self, message: Message, limits: ArchiveLimits = DEFAULT_ARCHIVE_LIMITS) -> Iterator[Hit]:
        """Hits in the decoded parts, in attachments and the files inside them, then in the raw bytes."""
        for part in message.parts:
            if not part.is_attachment:
                yield from self._scan(part.content, "body", _name(part), "")
        for part in files_of(message, limits):
            surface = "attachment" if part.is_attachment else "body"  # the text of an attached message
            yield from self._scan(part.content, surface, _name(part), (part.filename or "").lower())
        yield from self._scan(message.raw, "raw", "the raw message", "")

    def _scan(self, content: bytes, surface: str, where: str, filename: str) -> Iterator[Hit]:
        scanner = self._scanner()
        scanner.set_global("surface", surface)
        scanner.set_global("filename", filename)
        try:
            rules = scanner.scan(content[:MAX_SCAN]).matching_rules
        except yara_x.TimeoutError:
            yield Hit("timeout", Severity.LOW, f"not finished within {TIMEOUT_SECONDS} s", where, surface)
            return
        for rule in rules:
            meta = dict(rule.metadata)
            severity = Severity[str(meta.get("severity", "medium")).upper()]
            yield Hit(rule.identifier, severity, str(meta.get("description", "")), where, surface)

    def _scanner(self) -> yara_x.Scanner:
        scanner = getattr(self._thread, "scanner", None)
        if scanner is None:
            scanner = self._thread.scanner = yara_x.Scanner(self._compiled)
            scanner.set_timeout(TIMEOUT_SECONDS)
        return scanner


def _name(part: Part) -> str:
    return part.filename or f"part {part.path}"


@lru_cache(maxsize=8)
def yara_rules(settings: SignatureSettings) -> YaraRules:
    """The bundled rules and those of the settings' folders, compiled.

    Raises:
        ConfigError: a rule does not compile, or states a severity that does not exist.
    """
    compiler = yara_x.Compiler()
    compiler.define_global("surface", "")
    compiler.define_global("filename", "")
    for folder in (RULES, *settings.yara_folders):
        for path in sorted(folder.glob("*.yar")):
            compiler.new_namespace(f"{folder.name}/{path.stem}")
            _add(compiler, path)
    return YaraRules(_checked(compiler.build()))


def _add(compiler: yara_x.Compiler, path: Path) -> None:
    try:
        compiler.add_source(path.read_text(encoding="utf-8"), origin=str(path))
    except (yara_x.CompileError, OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"YARA rules {path}: {error}") from error


def _checked(rules: yara_x.Rules) -> yara_x.Rules:
    known = {severity.name.lower() for severity in Severity}
    for rule in rules:
        severity = dict(rule.metadata).get("severity", "medium")
        if severity not in known:
            raise ConfigError(
                f"YARA rule {rule.identifier}: severity {severity!r} is none of {', '.join(sorted(known))}"
            )
    return rules
