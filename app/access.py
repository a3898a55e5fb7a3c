"""Who may manage the reports: nobody, a person at this computer, or who knows the password."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Literal
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from rag.config import Secret
from rag.errors import RagError

Verdict = Literal["yes", "sign in", "no"]

COOKIE = "manage"
SESSION_S = 12 * 3600
FREE_TRIES = 5
LONGEST_WAIT_S = 300
_FORGET_S = 3600
_REMEMBERED = 1000  # Addresses and sessions: an attacker must not fill the memory.
_PROXY_HEADERS = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")


def grant(asked: bool, host: str, password: Secret) -> Access | None:
    """The rights that the start options give, None for none.

    asked: whether `--manage` was given. Raises RagError where that would let in everybody
    who can reach `host`.
    """
    if password:
        return Access(password)
    if not asked:
        return None
    if not _is_loopback(host):
        raise RagError(
            f"在 {host} 上别人也能访问，--manage 需要密码："
            "请设置环境变量 RAG_MANAGE_PASSWORD，或去掉 --host。"
        )
    return Access(Secret(""))


class Access:
    """Judges requests. Without a password only those made at this computer are let in."""

    def __init__(self, password: Secret, clock: Callable[[], float] = time.monotonic) -> None:
        self._password = password
        self._clock = clock
        self._sessions: OrderedDict[str, float] = OrderedDict()
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()

    @property
    def has_password(self) -> bool:
        """Whether one signs in."""
        return bool(self._password)

    def judge(self, connection: HTTPConnection) -> Verdict:
        """Whether a request may manage. One that another site sent never may."""
        if _is_foreign(connection) or not (self._password or _is_local(connection)):
            return "no"
        if self._password and not self._signed_in(connection.cookies.get(COOKIE, "")):
            return "sign in"
        return "yes"

    def _signed_in(self, token: str) -> bool:
        until = self._sessions.get(token)
        return until is not None and self._clock() < until

    def sign_in(self, given: str, connection: HTTPConnection) -> str:
        """A session's token for the right password. Raises RagError.

        After FREE_TRIES wrong ones the address waits, twice as long each time; what it
        tries while it waits is not even compared.
        """
        address, now = _address(connection), self._clock()
        count, until = self._failures.get(address, (0, 0.0))
        if now > until + _FORGET_S:
            count = 0
        if now < until:
            raise RagError(f"错得太多，请{_span(until - now)}后再试。")
        # Digests, so that not even the length is told by the time it takes.
        both = [text.encode("utf-8", "replace") for text in (given, self._password.reveal())]
        if not hmac.compare_digest(*(hashlib.sha256(one).digest() for one in both)):
            count += 1
            wait = min(2 ** max(count - FREE_TRIES, 0) * (count >= FREE_TRIES), LONGEST_WAIT_S)
            self._failures[address] = (count, now + wait)
            _trim(self._failures)
            raise RagError("密码不对。" if not wait else f"密码不对，请{_span(wait)}后再试。")
        self._failures.pop(address, None)
        token = secrets.token_urlsafe(32)
        self._sessions[token] = now + SESSION_S
        _trim(self._sessions)
        return token

    def sign_out(self, connection: HTTPConnection) -> None:
        """End the session of a request."""
        self._sessions.pop(connection.cookies.get(COOKIE, ""), None)


def _trim(kept: OrderedDict[str, float] | OrderedDict[str, tuple[int, float]]) -> None:
    while len(kept) > _REMEMBERED:
        kept.popitem(last=False)


def _span(seconds: float) -> str:
    whole = max(1, round(seconds))
    return f"{whole}秒" if whole < 60 else f"{-(-whole // 60)}分钟"


def _is_foreign(connection: HTTPConnection) -> bool:
    """Whether another site's page may have sent this. Browsers tell, pages cannot forge it."""
    headers = connection.headers
    site = headers.get("sec-fetch-site")
    if site is not None:  # Over plain http browsers tell it only to this computer.
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    if origin is not None:
        return urlsplit(origin).netloc.lower() != headers.get("host", "").lower()
    # Without an origin a change comes from no page of ours.
    return connection.scope["method"] not in ("GET", "HEAD")


def _is_local(connection: HTTPConnection) -> bool:
    """Whether it was made at this computer, and not through a proxy on it.

    The name asked for is looked at too: a foreign name that was made to lead here
    (DNS rebinding) would make a foreign page one of ours.
    """
    if connection.client is None or not _is_loopback(connection.client.host):
        return False
    if any(name in connection.headers for name in _PROXY_HEADERS):
        return False
    try:
        return _is_loopback(urlsplit(f"//{connection.headers.get('host', '')}").hostname or "")
    except ValueError:
        return False


def _is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _address(connection: HTTPConnection) -> str:
    """Whose failures are counted together: one address, or one network of IPv6."""
    host = connection.client.host if connection.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return host
