"""What all connections share."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass

from gateway.metrics import Metrics
from gateway.settings import Settings
from gateway.smtp.admission import Admission
from gateway.smtp.gate import Budget, Gate
from gateway.smtp.guard import Guard
from gateway.smtp.handover import Handover
from gateway.smtp.hops import Hops
from gateway.smtp.judge import Judge
from gateway.smtp.memory import Memory


@dataclass
class Context:
    """Built once by the composition root. `storage_ready` is false while nothing could be recorded."""

    settings: Settings
    hops: Hops
    judge: Judge
    handover: Handover
    gate: Gate
    admission: Admission
    guard: Guard
    budget: Budget
    metrics: Metrics
    storage_ready: Callable[[], bool]
    tls: ssl.SSLContext | None = None
    memory: Memory | None = None
