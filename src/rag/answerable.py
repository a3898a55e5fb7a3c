"""The sentences found for a question → log-odds that one of them answers it.

A question the reports leave open finds sentences as well: of the same place, on a matter next
to the one asked about. What tells them is small: the heaviest word of the question is said by
nothing like it, no sentence stands out from the others, the sentence that says most of the
question had to be set aside, no name is told that the question does not hold itself. A net over
such measures is fitted by training/answerable.py to questions with their answer and without it:
asked by people of what the reports leave out; or its sentence or its text taken out, or one word
of the question put in place of another.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rag.aspects import ASPECTS, FORMS, forms, said
from rag.demands import demands
from rag.index import Index
from rag.nets import Net
from rag.question import Question
from rag.ranker import KINDS
from rag.select import Candidate
from rag.specifics import asks, new_in

Floats = NDArray[np.float64]

# Of the best sentence. Scores and ranks of its passage are left out: where only the sentence was
# taken out, these would tell the case.
_BEST = (
    "likeness", "own", "exact", "soft", "told", "cosine", "fit", "phrase", "words", "characters",
    "before", "plain", "heaviest", "most", "missing", "beyond", "noun", "about", "about heaviest", "about least", "rest", "cover",
    "unsaid", "heaviest unsaid", "opening", "position", "short", "asked",
)  # fmt: skip
_LEAD = ("own", "exact", "cosine", "phrase", "fit")
_NEW = ("people", "bodies", "places", "dates", "finest", "figures", "marks", "reason")
# As read word by word: of the best sentence, and how far it lies above the others; the surest of all.
_READ = ("tells", "tells over others", "tells most")
_DEMANDS = ("lacks", "lacks reason", "tells", "listed")
_ASKS = ("names", "way", "placeless", "length", "also")
INPUTS = (
    *_BEST, *(f"{name} over second" for name in _LEAD), "over second", "over fourth",
    "under set aside", "set aside likeness", "unheard", "related", "found", *_READ,
    *(f"new {name}" for name in _NEW), *ASPECTS, *(f"form {name}" for name in FORMS), *_DEMANDS, *(f"asks {name}" for name in _ASKS), *KINDS,
)  # fmt: skip
_FAR = 6.0  # log-odds further below the best count as these


def inputs(
    asked: Question, usable: Sequence[Candidate], placed: Sequence[Candidate], index: Index
) -> Floats:
    """What the net sees, shape (1, len(INPUTS)).

    usable: candidates nothing speaks against, best first, at least one; placed: these and
    those set aside, best first.
    """
    best = usable[0]
    second, fourth = usable[min(1, len(usable) - 1)], usable[min(3, len(usable) - 1)]
    first = placed[0]
    aside = first.span != best.span or first.passage.doc_id != best.passage.doc_id
    new, asking = new_in(asked, best.text), asks(asked)
    demanded = demands(asked.text, best.text)
    told, formed = said(asked, best, index), forms(asked.text)
    row = [
        *(best.values[name] for name in _BEST),
        *(best.values[name] - second.values[name] for name in _LEAD),
        best.score - second.score,
        best.score - fourth.score,
        min(_FAR, first.score - best.score),
        first.likeness * aside,
        index.late.unheard(index.late.question(asked.content)),
        best.related,
        float(np.log1p(len(usable))),
        best.tells,
        best.tells - max((c.tells for c in usable[1:]), default=best.tells - _FAR),
        max(c.tells for c in usable),
        *(new[name] for name in _NEW),
        *(told[name] for name in ASPECTS),
        *(formed[name] for name in FORMS),
        *(demanded[name] for name in _DEMANDS),
        *(asking[name] for name in _ASKS),
        *(float(asked.kind == name) for name in KINDS),
    ]
    return np.array([row])


def log_odds(
    asked: Question, usable: Sequence[Candidate], placed: Sequence[Candidate], index: Index
) -> float:
    """Log-odds that one of the candidates answers (see `inputs`)."""
    return float(_net()(inputs(asked, usable, placed, index))[0])


@functools.cache
def _net() -> Net:
    return Net.load("answerable", INPUTS)
