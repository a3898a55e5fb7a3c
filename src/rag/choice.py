"""What was weighed for an answer, for who wants to know why (`rag eval --errors`).

The code that answers tells what it does; nobody listening costs nothing. So an
explanation is of the very run that answered and cannot drift from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from rag.question import Question
from rag.select import Candidate
from rag.types import Draft, Hit


@dataclass(frozen=True, slots=True)
class Sifting:
    """The sentences looked at for one question, or for one part of a comparison; best first.

    found: every sentence of the hits. placed: of these, those about the places named.
    personal: of these, those about the person named. usable: of these, what may answer.
    """

    asked: Question
    hits: Sequence[Hit]
    found: Sequence[Candidate]
    placed: Sequence[Candidate]
    personal: Sequence[Candidate]
    usable: Sequence[Candidate]


@dataclass(slots=True)
class Choice:
    """How one answer came about. draft: what was proposed to the prover, None when nothing was."""

    siftings: list[Sifting] = field(default_factory=list)
    draft: Draft | None = None


_LISTENER: ContextVar[Choice | None] = ContextVar("listener", default=None)


@contextmanager
def watched() -> Iterator[Choice]:
    """Fills a Choice with what this thread weighs for its next answer."""
    choice = Choice()
    before = _LISTENER.set(choice)
    try:
        yield choice
    finally:
        _LISTENER.reset(before)


def tell_sifting(sifting: Sifting) -> None:
    """Told by whoever sifts sentences."""
    if (choice := _LISTENER.get()) is not None:
        choice.siftings.append(sifting)


def tell_draft(draft: Draft) -> None:
    """Told by whoever has drafted an answer."""
    if (choice := _LISTENER.get()) is not None:
        choice.draft = draft
