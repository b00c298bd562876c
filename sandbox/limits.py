"""What stands before the API: the rate limit, and a firewall that shuts out who fails too often."""

import time
from collections import deque
from dataclasses import dataclass, field

WINDOW = 60
FIREWALL_FAILURES, FIREWALL_SECONDS, FIREWALL_BLOCK = 50, 10, 300


@dataclass(slots=True)
class RateLimit:
    """So many requests per minute; 0 is unlimited."""

    limit: int
    used: int = 0
    reset: float = 0.0

    def take(self) -> tuple[bool, dict[str, str]]:
        """Counts one request; says whether it may pass, and the headers that tell."""
        if self.limit == 0:
            return True, {}
        now = time.time()
        if now >= self.reset:
            self.used, self.reset = 0, now + WINDOW
        passed = self.used < self.limit
        self.used += passed
        return passed, {"X-RateLimit-Limit": str(self.limit), "X-RateLimit-Remaining": str(self.limit - self.used),
                        "X-RateLimit-Reset": str(int(self.reset + 0.999))}


@dataclass(slots=True)
class Firewall:
    """Blocks an address or an Authorization header after too many failures in a short time."""

    failures: dict[tuple[int, str], deque[float]] = field(default_factory=dict)
    blocked: dict[str, float] = field(default_factory=dict)

    def blocks(self, address: str, authorization: str) -> bool:
        now = time.monotonic()
        return any(self.blocked.get(key, 0) > now for key in (address, authorization))

    def note(self, status: int, address: str, authorization: str) -> None:
        """Remembers an answer: 401 by address and header, 403 by header alone."""
        keys = {401: (address, authorization), 403: (authorization,)}.get(status, ())
        now = time.monotonic()
        for key in filter(None, keys):
            recent = self.failures.setdefault((status, key), deque(maxlen=FIREWALL_FAILURES))
            recent.append(now)
            if len(recent) == FIREWALL_FAILURES and now - recent[0] <= FIREWALL_SECONDS:
                self.blocked[key] = now + FIREWALL_BLOCK
