"""Questions to ask next, each of which the assistant has been made to answer first.

Three kinds: the same question of another place; numbers and dates in the passages the answer
came from; and one that another place tells of the same matter (see `questioning`). What is
known by now, because it was asked before or stands in a sentence quoted, is not suggested.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from rag.assistant import Assistant, History
from rag.errors import QuestionError
from rag.focus import answering_figure
from rag.places import region_name
from rag.question import Question, content_words
from rag.questioning import MAX_CHARS, Inquiry, inquiries
from rag.refusal import off_topic
from rag.retrieval import Filters
from rag.text import squeeze
from rag.types import Answer, Citation, Hit, Passage
from rag.units import unit_fit
from rag.values import dates, figures

MOST = 3
# Answers tried before giving up; each costs as much as answering a question.
TRIES = 8
_PASSAGES = 10
_PLACES = 3
# A place-swapped question is kept when its answer says nearly all of it: at 0.8 a chain of
# industries was answered with a number of clusters.
_SAME = 0.85
# A question about another place is on the matter when this much of the one before is in it.
_ALIKE = 0.45
# Words that tie a question to its place, its time or the talk it came up in.
_TIED = re.compile(
    r"[“”\"《》‘’(（\s]|第[一二三四五六七八九十\d]+|[那这][个些次边里回]|呢|谁|我|你|今年|去年"
)


def suggest(
    assistant: Assistant,
    answer: Answer,
    filters: Filters | None = None,
    *,
    before: Sequence[str] = (),
    most: int = MOST,
) -> tuple[str, ...]:
    """At most `most` whole questions that follow an answer or a refusal, () when there are none.

    before: the questions of the conversation so far, none of which is suggested again. Each
    suggestion was asked after this answer, with these filters, and answered in full by the
    rules; no chat model is called.
    """
    asked = assistant.searcher.analyse(answer.searched or answer.question)
    if off_topic(asked, assistant.searcher.index.documents.values()):
        return ()
    trial = _Trial(assistant, answer, filters, before)
    abroad = _abroad(trial, asked)
    found = list(_swapped(trial, asked, abroad))
    near = _nearby(trial, answer, asked)
    if not found:
        found += islice(near, 1)
        found += islice(_on_the_matter(trial, asked, abroad), 1)
    found += islice(near, max(0, most - len(found)))
    return tuple(found[:most])


class _Trial:
    """Asks the assistant what might be suggested, a bounded number of times."""

    def __init__(
        self, assistant: Assistant, answer: Answer, filters: Filters | None, before: Sequence[str]
    ) -> None:
        self.searcher = assistant.searcher
        self.filters = filters
        self._rules = Assistant(assistant.searcher)
        self._history: History = [(answer.searched or answer.question, answer.text)]
        self._asked = {_bare(q) for q in (*before, answer.question, answer.searched)}
        self._known = list(answer.citations)
        self._left = TRIES

    def answer(self, question: str) -> Answer | None:
        """What the question would be answered next; None unless it is whole and new."""
        if _bare(question) in self._asked or not self._left:
            return None
        self._left -= 1
        try:
            answer = self._rules.ask(question, self._history, self.filters)
        except QuestionError:
            return None
        own = _bare(answer.searched) == _bare(question)
        if not own or answer.state != "answered" or _corrects(answer):
            return None
        return None if any(_tells(c, answer.citations[0]) for c in self._known) else answer

    def take(self, question: str, answer: Answer) -> str:
        """The question as suggested; it and its answer's first sentence count as known."""
        self._asked.add(_bare(question))
        self._known.append(answer.citations[0])
        return question


def _bare(text: str) -> str:
    return "".join(c for c in squeeze(text) if c.isalnum())


def _tells(known: Citation, new: Citation) -> bool:
    """Whether a sentence quoted already tells what a new one would; reports repeat themselves."""
    if known.doc_id != new.doc_id:
        return False
    if known.start < new.end and new.start < known.end:
        return True
    told = {f.text for f in figures(known.quote)} | {d.text for d in dates(known.quote)}
    return new.focus in told


def _corrects(answer: Answer) -> bool:
    """Whether the answer begins with a remark, not with its first statement."""
    return not answer.text.startswith(answer.statements[0].text)


def _abroad(trial: _Trial, asked: Question) -> list[Hit]:
    """What the question finds in other places than those it names."""
    if not asked.regions or asked.compares:
        return []
    hits = trial.searcher.search(replace(asked, places=()), 10, trial.filters)
    return [hit for hit in hits if hit.passage.region and hit.passage.region not in asked.regions]


def _swapped(trial: _Trial, asked: Question, abroad: Sequence[Hit]) -> Iterator[str]:
    """The same question of another place, the first that answers it to the word."""
    alone = len(asked.places) == 1 and not asked.dates and not asked.figures
    if asked.kind != "figure" or not alone or _TIED.search(asked.text):
        return
    place = asked.places[0]
    for region in list(dict.fromkeys(hit.passage.region for hit in abroad))[:_PLACES]:
        name = region_name(region)
        text = asked.text[: place.start] + name + asked.text[place.end :]
        new = trial.searcher.analyse(text)
        if new.regions != (region,) or len(text) > MAX_CHARS:
            continue
        question = _written(text)
        answer = trial.answer(question)
        if answer is not None and _to_the_word(trial, new, answer):
            yield trial.take(question, answer)
            return


def _to_the_word(trial: _Trial, asked: Question, answer: Answer) -> bool:
    late, quote = trial.searcher.index.late, answer.citations[0].quote
    figure = answering_figure(asked, quote, late)
    if figure is None or not asked.asked or unit_fit(asked.asked[0], figure) < 1:
        return False
    words = late.question(asked.content)
    return float(late.scores(words, [late.word_ids(quote)])[0]) >= _SAME


def _written(text: str) -> str:
    """A normalised question as it is written: full-width marks, a question mark at its end."""
    return re.sub(r"[?？。]+$", "", text).replace(",", "，") + "？"


def _nearby(trial: _Trial, answer: Answer, asked: Question) -> Iterator[str]:
    """Numbers and dates of the cited passages, then of others that were found, place by place."""
    regions = set(asked.regions) or {c.region for c in answer.citations}
    hits = [h.passage for h in answer.hits if not regions or h.passage.region in regions]
    cited = [p for c in answer.citations for p in hits if _holds(p, c.doc_id, c.start)]
    places: dict[str, list[Passage]] = {}
    for passage in dict.fromkeys([*cited, *hits]):
        places.setdefault(passage.region, []).append(passage)
    sources = [_of_passages(trial, answer, found[:_PASSAGES]) for found in places.values()]
    while sources:
        for source in tuple(sources):
            question = next(source, None)
            if question is None:
                sources.remove(source)
            else:
                yield question


def _of_passages(trial: _Trial, answer: Answer, passages: Sequence[Passage]) -> Iterator[str]:
    for passage in passages:
        at = next((c.start for c in answer.citations if _holds(passage, c.doc_id, c.start)), 0)
        for inquiry in sorted(inquiries(passage), key=lambda i: abs(i.start - at)):
            yield from _checked(trial, passage, inquiry)


def _on_the_matter(trial: _Trial, asked: Question, abroad: Sequence[Hit]) -> Iterator[str]:
    """Numbers and dates that another place tells of the same matter, the most alike first."""
    late = trial.searcher.index.late
    words = late.question(asked.content)
    rated: list[tuple[float, int, int, Passage, Inquiry]] = []
    for hit in abroad[:_PASSAGES]:
        for inquiry in inquiries(hit.passage):
            score = float(late.scores(words, [late.word_ids(content_words(inquiry.text))])[0])
            rated.append((-score, hit.rank, inquiry.start, hit.passage, inquiry))
    for score, _, _, passage, inquiry in sorted(rated, key=lambda r: r[:3]):
        if -score >= _ALIKE:
            yield from _checked(trial, passage, inquiry)


def _checked(trial: _Trial, passage: Passage, inquiry: Inquiry) -> Iterator[str]:
    """The question, if it is answered with the sentence it was made from."""
    answer = trial.answer(inquiry.text)
    if answer is None:
        return
    first = answer.citations[0]
    if first.doc_id == passage.doc_id and first.start <= inquiry.start < first.end:
        yield trial.take(inquiry.text, answer)


def _holds(passage: Passage, doc_id: str, at: int) -> bool:
    return passage.doc_id == doc_id and passage.start <= at < passage.end
