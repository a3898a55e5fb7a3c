"""A claimed quotation → the document's own text at proved offsets. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping

from rag.text import fold_with_map
from rag.types import Document, Evidence


def find_quote(text: str, quote: str) -> tuple[int, int] | None:
    """Half-open offsets of a quote in a text, width, case and white space aside.

    None when it is not there or there more than once (then nothing says which
    place is meant).
    """
    folded, offsets = fold_with_map(text)
    wanted, _ = fold_with_map(quote)
    at = folded.find(wanted) if wanted else -1
    if at < 0 or folded.find(wanted, at + 1) >= 0:
        return None
    end = at + len(wanted)
    # One character may unfold to several (㎡ to m2): a quote takes all of them or none.
    if (
        offsets[at : at + 1] == offsets[at - 1 : at]
        or offsets[end - 1 : end] == offsets[end : end + 1]
    ):
        return None
    return offsets[at], offsets[end - 1] + 1


def locate(evidence: Evidence, documents: Mapping[str, Document]) -> Evidence | None:
    """The evidence with proved offsets and the document's own words, or None."""
    document = documents.get(evidence.doc_id)
    if document is None or not evidence.quote.strip():
        return None
    start, end = evidence.start, evidence.end
    if 0 <= start < end and document.text[start:end] == evidence.quote:
        return evidence
    found = find_quote(document.text, evidence.quote)
    if found is None:
        return None
    return Evidence(evidence.doc_id, *found, document.text[found[0] : found[1]])
