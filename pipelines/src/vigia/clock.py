"""Moments as milliseconds inside, as ISO 8601 in UTC outside."""

from datetime import UTC, datetime

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


def iso(moment_ms: float) -> str:
    """`2026-03-01T00:00:00.000Z` from milliseconds since 1970."""
    moment = datetime.fromtimestamp(moment_ms / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment_ms(text: str) -> float:
    """Whole milliseconds since 1970 of an ISO 8601 moment; without an offset it is UTC. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return float(round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000))
