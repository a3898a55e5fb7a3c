"""The nouns of the project and their contracts.

All offsets are half-open ranges of Unicode code points. Whatever carries
`doc_id, start, end` and a text obeys `document.text[start:end] == text`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

State = Literal["answered", "partial", "abstained"]
SupportKind = Literal["verbatim", "reworded", "unsupported"]
Mode = Literal["extract", "llm"]


@dataclass(frozen=True, slots=True)
class Document:
    """One report. `text` is normalised once, when read, and never again.

    region: path from province down, "江苏省/徐州市/丰县"; "" when unknown.
    published: ISO date or a part of it ("2023-02-02", "2023"), or "unknown".
    published_inferred: year inferred from the text when `published` is unknown,
        else "". Shown as inferred; date filters fall back to it.
    sha256: hex digest of the file as received and of the facts kept beside it, if any.
    headings: where the file itself marks headings (Markdown, Word); others are recognised
        by their form when passages are made.
    """

    doc_id: str
    title: str
    text: str
    source: str
    region: str
    published: str
    published_inferred: str
    sha256: str
    headings: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of code points of one document's text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph-sized piece of a document; identity is position, never content.

    heading: the section heading above it, "" when there is none; like title and
        region it is searched with the passage but is no part of `text`.
    sentences: the passage's sentences in document offsets, in order; together
        they cover every non-blank character of the passage.
    """

    doc_id: str
    start: int
    end: int
    text: str
    heading: str
    title: str
    source: str
    region: str
    published: str
    published_inferred: str
    sentences: tuple[Span, ...]

    def at(self, span: Span) -> str:
        """Its text at these document offsets."""
        return self.text[span.start - self.start : span.end - self.start]


def known_date(origin: Document | Passage) -> str:
    """The date of publication, failing that the one inferred; an ISO date, a part of one, or ""."""
    return origin.published if origin.published != "unknown" else origin.published_inferred


@dataclass(frozen=True, slots=True)
class Hit:
    """A retrieved passage. Higher score is better; rank counts from 1.

    dense, lexical and late are the parts of the score before they were fused
    (cosine of the single vectors, BM25, late interaction), for display only.
    """

    passage: Passage
    score: float
    rank: int
    dense: float = 0.0
    lexical: float = 0.0
    late: float = 0.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """A claim that the document says something here. Not proved yet."""

    doc_id: str
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class DraftStatement:
    """Untrusted sentence of a draft with the evidence it claims.

    label: what the reader must know to understand a quotation (place, period),
        taken from metadata or the text around it and shown outside the quote.
    focus: the words that answer (the figure, the date, the name), a substring
        of the quote, or "".
    """

    text: str
    evidence: tuple[Evidence, ...]
    label: str = ""
    focus: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a writer (extractive or a chat model) proposes. Untrusted.

    An empty `statements` means: nothing supports an answer, for `reason`.
    lead: a remark put before the statements that is not a claim about the
        reports (which of two figures is larger, a corrected premise).
    missing: parts of the question the statements leave open; makes the answer partial.
    """

    statements: tuple[DraftStatement, ...]
    lead: str = ""
    reason: str = ""
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Citation:
    """A proved quotation: `quote` is the document's own text at these offsets.

    Made only by `rag.citations`. `number` counts from 1 within an answer.
    """

    number: int
    doc_id: str
    start: int
    end: int
    quote: str
    title: str
    source: str
    region: str
    published: str
    heading: str
    focus: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of the answer that was proved against its citations."""

    text: str
    citations: tuple[int, ...]
    kind: SupportKind
    label: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the reader gets.

    text: the whole answer with citation marks [1], or the refusal.
    state: answered; partial (something asked for was not found); abstained.
    reason: why it abstains or what is missing, else "".
    searched: the self-contained question that was searched (differs from
        `question` after a follow-up was rewritten).
    hits: the passages the answer was drawn from, best first; when abstaining,
        the nearest evidence.
    mode: who wrote the statements, the rules or a chat model.
    note: one line about the making of the answer (the chat model failed), else "".
    unproved: what the chat model wrote and nothing proves. Never part of `text`;
        to be shown only on demand and struck out.
    """

    question: str
    text: str
    statements: tuple[Statement, ...]
    citations: tuple[Citation, ...]
    state: State
    reason: str = ""
    searched: str = ""
    hits: tuple[Hit, ...] = field(default=())
    mode: Mode = "extract"
    note: str = ""
    unproved: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether evidence supports a statement, of what kind, and why (not)."""

    supported: bool
    kind: SupportKind
    reason: str
