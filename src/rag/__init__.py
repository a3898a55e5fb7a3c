"""Chinese semantic search and question answering with proved citations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rag.assistant import Assistant
    from rag.build import build_index
    from rag.errors import RagError
    from rag.manifest import IndexManifest
    from rag.retrieval import Retriever
    from rag.types import Answer, Citation, Document, Hit, Passage

# Loaded on first use, so that `import rag` costs nothing.
_HOME = {
    "Assistant": "assistant",
    "Retriever": "retrieval",
    "build_index": "build",
    "IndexManifest": "manifest",
    "RagError": "errors",
    "Answer": "types",
    "Citation": "types",
    "Document": "types",
    "Hit": "types",
    "Passage": "types",
}
__all__ = [
    "Answer",
    "Assistant",
    "Citation",
    "Document",
    "Hit",
    "IndexManifest",
    "Passage",
    "RagError",
    "Retriever",
    "build_index",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'rag' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"rag.{_HOME[name]}"), name)
