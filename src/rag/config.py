"""Settings. The environment is read here and nowhere else.

| variable | meaning | default |
|---|---|---|
| RAG_CORPUS | folder of the reports | corpus |
| RAG_INDEX | folder of the index | index |
| RAG_ENCODER | sentence-transformers name or folder; empty: the bundled model | (bundled) |
| RAG_HOST | address the web chat listens on | 127.0.0.1 |
| RAG_PORT | port of the web chat | 7860 |
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from rag.errors import RagError

MAX_QUESTION_CHARS = 2000


@dataclass(frozen=True, slots=True)
class Settings:
    """One frozen set of settings; see the module's table."""

    corpus: str = "corpus"
    index: str = "index"
    encoder: str | None = None
    host: str = "127.0.0.1"
    port: int = 7860


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment.

    Raises RagError when RAG_PORT is not a port number.
    """
    env = os.environ if environ is None else environ
    port = env.get("RAG_PORT") or "7860"
    if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise RagError(f"RAG_PORT 的值“{port}”不是端口号，请改为 1–65535 之间的整数。")
    return Settings(
        corpus=env.get("RAG_CORPUS") or "corpus",
        index=env.get("RAG_INDEX") or "index",
        encoder=env.get("RAG_ENCODER") or None,
        host=env.get("RAG_HOST") or "127.0.0.1",
        port=int(port),
    )
