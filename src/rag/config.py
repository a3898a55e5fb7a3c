"""Settings. The environment is read here and nowhere else.

| variable | meaning | default |
|---|---|---|
| RAG_CORPUS | folder of the reports | corpus |
| RAG_INDEX | folder of the index | index |
| RAG_ENCODER | sentence-transformers name or folder; empty: the bundled model | (bundled) |
| RAG_HOST | address the web chat listens on | 127.0.0.1 |
| RAG_PORT | port of the web chat | 7860 |
| RAG_MANAGE_PASSWORD | lets those who know it manage the reports in the web chat; never logged or shown | (none) |
| RAG_LLM | chat model: a name known at RAG_LLM_URL, or provider:model; empty: no model | (none) |
| RAG_LLM_URL | OpenAI-compatible address, ending in /v1 as a rule | (none) |
| RAG_LLM_KEY | its key; never logged, shown or stored | (none) |
| RAG_LLM_TIMEOUT | seconds for a whole answer of the model | 30 |
| RAG_LLM_MAX_TOKENS | longest answer of the model, in tokens | 800 |
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from rag.errors import RagError

MAX_QUESTION_CHARS = 2000
MIN_PASSWORD_CHARS = 8


class Secret:
    """A value that cannot be printed by accident: `repr`, `str` and logs show stars."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def __repr__(self) -> str:
        return "Secret('***')"

    def __bool__(self) -> bool:
        return bool(self._value)

    def __getstate__(self) -> object:
        raise TypeError("a secret is not stored")

    def reveal(self) -> str:
        """The value itself, for the one call that needs it."""
        return self._value


@dataclass(frozen=True, slots=True)
class Settings:
    """One frozen set of settings; see the module's table."""

    corpus: str = "corpus"
    index: str = "index"
    encoder: str | None = None
    host: str = "127.0.0.1"
    port: int = 7860
    manage_password: Secret = field(default_factory=lambda: Secret(""))
    llm: str | None = None
    llm_url: str | None = None
    llm_key: Secret = field(default_factory=lambda: Secret(""))
    llm_timeout: float = 30.0
    llm_max_tokens: int = 800


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment.

    Raises RagError, one sentence, when a value cannot be used.
    """
    env = os.environ if environ is None else environ
    port = _whole(env, "RAG_PORT", 7860, 65535)
    model, url = (env.get("RAG_LLM") or "").strip(), (env.get("RAG_LLM_URL") or "").strip()
    if model:
        _check_address(model, url)
    return Settings(
        corpus=env.get("RAG_CORPUS") or "corpus",
        index=env.get("RAG_INDEX") or "index",
        encoder=env.get("RAG_ENCODER") or None,
        host=env.get("RAG_HOST") or "127.0.0.1",
        port=port,
        manage_password=_password(env),
        llm=model or None,
        llm_url=url or None,
        llm_key=Secret((env.get("RAG_LLM_KEY") or "").strip()),
        llm_timeout=_seconds(env),
        llm_max_tokens=_whole(env, "RAG_LLM_MAX_TOKENS", 800, 100_000),
    )


def _whole(env: Mapping[str, str], name: str, default: int, most: int) -> int:
    text = (env.get(name) or str(default)).strip()
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= most:
        kind = "端口号" if name == "RAG_PORT" else "可用的数"
        raise RagError(f"{name} 的值“{text}”不是{kind}，请改为 1–{most} 之间的整数。")
    return int(text)


def _password(env: Mapping[str, str]) -> Secret:
    text = env.get("RAG_MANAGE_PASSWORD") or ""
    if text and len(text.strip()) < MIN_PASSWORD_CHARS:
        raise RagError(f"RAG_MANAGE_PASSWORD 太短，请至少用 {MIN_PASSWORD_CHARS} 个字符。")
    return Secret(text)


def _seconds(env: Mapping[str, str]) -> float:
    text = (env.get("RAG_LLM_TIMEOUT") or "30").strip()
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 3600:
        raise RagError(f"RAG_LLM_TIMEOUT 的值“{text}”不是可用的秒数，请改为 0–3600 之间的数。")
    return value


def _check_address(model: str, url: str) -> None:
    """Nothing is sent anywhere by default: a bare model name needs its address."""
    if not url:
        if ":" not in model:
            raise RagError(
                f"RAG_LLM 设为“{model}”，但没有 RAG_LLM_URL，请写上模型服务的地址，"
                "如 http://127.0.0.1:11434/v1。"
            )
        return
    parts = urlsplit(url)
    if parts.username or parts.password:
        raise RagError("RAG_LLM_URL 里不要写用户名或密码，请把密钥放在 RAG_LLM_KEY。")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise RagError(f"RAG_LLM_URL 的值“{url}”不是网址，请写成 http://主机:端口/v1 的样子。")
