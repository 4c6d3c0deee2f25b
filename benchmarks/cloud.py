"""The server that the sections about large sites measure against."""

from __future__ import annotations

WORKERS = 10
WORKERS_USED = f"source-confluence has {WORKERS} workers; the others send one request at a time."

_LATENCY, _BANDWIDTH = 0.15, 400_000

LATENT = ("--fast", "--latency", str(_LATENCY))
"""Options of the emulator: a response takes as long as one of the cloud."""
LATENCY_CONDITIONS = f"{_LATENCY * 1000:.0f} ms for each response"
SERVER_MODEL = (*LATENT, "--bandwidth", str(_BANDWIDTH))
"""Options of the emulator: its bytes also arrive as slowly, on each connection."""
CONDITIONS = f"{LATENCY_CONDITIONS}, {_BANDWIDTH // 1000} KB/s on each connection"
