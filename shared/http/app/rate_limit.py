"""Limits how many requests each principal may send to this process: a burst, then a rate (token buckets).

This protects a process from one caller. The count is in memory, so two processes allow twice as much, and on Lambda it
means nothing: each environment serves few requests and has a count of its own. A limit that must hold for a caller as a
whole is kept in the service's table.
"""

from collections import OrderedDict
from dataclasses import dataclass

from shared.clock import Clock


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_at: float  # monotonic seconds


class TokenBuckets:
    """One bucket per key. Beyond `capacity` keys the one unseen for longest is dropped; when it returns, it is full."""

    def __init__(self, *, rate: float, burst: int, capacity: int, clock: Clock) -> None:
        self._rate = rate  # tokens a second
        self._burst = burst
        self._capacity = capacity
        self._clock = clock
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, key: str) -> float:
        """Take one token. Returns 0.0, or the seconds until there is one; then no token is taken."""
        bucket = self._filled(key)
        if bucket.tokens >= 1:
            bucket.tokens -= 1
            return 0.0
        return (1 - bucket.tokens) / self._rate

    def _filled(self, key: str) -> _Bucket:
        now = self._clock.monotonic()
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = _Bucket(float(self._burst), now)
            if len(self._buckets) > self._capacity:
                self._buckets.popitem(last=False)
            return bucket
        self._buckets.move_to_end(key)
        bucket.tokens = min(self._burst, bucket.tokens + (now - bucket.filled_at) * self._rate)
        bucket.filled_at = now
        return bucket

    def __len__(self) -> int:
        return len(self._buckets)
