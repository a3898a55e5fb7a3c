"""The chain: follow-up question → retrieve → draft → verify → Answer; a LangChain Runnable.

The rules draft first. Where they refuse, nothing is asked of a model; where the
model fails, their answer is the one that is given.
"""

from __future__ import annotations

import functools
import re
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from langchain_core.runnables import AddableDict, Runnable, RunnableConfig

from rag.choice import tell_draft
from rag.citations import Proof, assemble, check, prove
from rag.compare import compare, compare_things, things
from rag.config import load_settings
from rag.endpoint import chat_model
from rag.errors import ModelError, QuestionError
from rag.everywhere import collect, everywhere
from rag.exchange import after, context, given, output
from rag.extract import extract
from rag.focus import focus
from rag.followup import rewrite
from rag.generate import Writer, choose
from rag.index import open_index
from rag.parts import parts
from rag.places import region_name, short_name
from rag.question import Question
from rag.reply import REFUSAL_LINE, plausible
from rag.retrieval import Filters, Searcher
from rag.sift import UNCOVERED, covered, sift
from rag.text import normalise_question
from rag.types import Answer, Document, Draft, Hit

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

History = Sequence[tuple[str, str]]
_HITS = 10
_REMEMBERED = 500  # readings of follow-ups
_EARLIER = 6  # questions of the history that a model gets to see
_INSTEAD = "以下为原文摘录。"


class Assistant(Runnable[dict[str, Any], dict[str, Any]]):
    """Answers questions with proved citations. Holds no conversation: history is passed in.

    `ask` returns an Answer, `ask_stream` the same as it grows. As a Runnable it
    takes {"input", "chat_history"} and gives {"input", "context", "answer",
    "citations", "state"} (and "note", where a chat model failed); `stream` gives
    the answer statement by statement.
    """

    def __init__(self, searcher: Searcher, writer: Writer | None = None) -> None:
        self.searcher = searcher
        self._writer = writer
        # It depends on the text alone, so it may be shared by all conversations.
        self._covered = functools.lru_cache(maxsize=_REMEMBERED)(self._covering)

    @classmethod
    def load(
        cls,
        index: str = "index",
        encoder: str | None = None,
        model: BaseChatModel | None = None,
        check_corpus: bool = True,
    ) -> Assistant:
        """Open an index folder.

        model: any LangChain chat model; without one, that of the settings (RAG_LLM), if any.
        check_corpus: whether an index is refused when its reports have changed since.

        Raises IndexStoreError with the command that mends it; ModelError when the
        chat model of the settings cannot be set up.
        """
        settings = load_settings()
        model = model or chat_model(settings)
        writer = Writer(model, _name(model), settings.llm_timeout) if model else None
        return cls(Searcher(open_index(index, encoder, check_corpus)), writer)

    @property
    def model_name(self) -> str:
        """The chat model that writes the answers, "" when the rules do."""
        return self._writer.name if self._writer else ""

    def document(self, doc_id: str) -> Document:
        """A report by its id. Raises QuestionError when there is none."""
        try:
            return self.searcher.index.documents[doc_id]
        except KeyError:
            raise QuestionError(f"没有编号为“{doc_id}”的报告。") from None

    def ask(self, question: str, history: History = (), filters: Filters | None = None) -> Answer:
        """Answer a question, or abstain with a reason.

        history: earlier (question, answer) pairs, oldest first; a follow-up is
        rewritten from them, and `Answer.searched` shows how.

        Raises QuestionError when the question is blank or too long.
        """
        *_, answer = self.ask_stream(question, history, filters)
        return answer

    def ask_stream(
        self, question: str, history: History = (), filters: Filters | None = None
    ) -> Generator[Answer]:
        """The answer as it grows: every Answer holds proved statements only, the last one is final.

        Without a chat model the final one is the only one. When the model fails
        in mid-answer, the final one is the rules' answer and replaces the others.
        Closing the iterator stops the model.

        Raises QuestionError like `ask`.
        """
        until = time.monotonic() + (self._writer.timeout if self._writer else 0.0)
        searched, failure = self._standing(question, history, until)
        asked = self.searcher.analyse(searched)
        hits = self.searcher.search(asked, _HITS, filters)
        draft = self._draft(asked, hits, filters)
        tell_draft(draft)
        plain = prove(question, searched, draft, hits, self.searcher.index.documents)
        if self._writer is None or not plain.statements:
            yield plain
        elif failure:
            yield replace(plain, note=f"{failure}，{_INSTEAD}")
        else:
            with closing(self._written(self._writer, asked, plain, draft, until)) as answers:
                yield from answers

    def _standing(self, question: str, history: History, until: float) -> tuple[str, str]:
        """(self-contained question, how the model failed or "").

        The model rewrites only what the rules find dependent on the history, and
        only with words of the conversation; else the rules' form serves.
        """
        ruled = rewrite(question, history, self.searcher.analyse, self._covered)
        own = normalise_question(question)
        if self._writer is None or not history or ruled == own:
            return ruled, ""
        earlier = [str(asked) for asked, _ in history][-_EARLIER:]
        soon = min(until, time.monotonic() + self._writer.timeout / 3)
        try:
            rewritten = self._writer.rewritten(own, earlier, soon)
        except ModelError as error:
            return ruled, str(error)
        return (rewritten if plausible(rewritten, own, earlier) else ruled), ""

    def _covering(self, question: str) -> tuple[float, float, float]:
        """See `sift.covered`."""
        try:
            asked = self.searcher.analyse(question)
        except QuestionError:  # a reading without a word of its own, or longer than may be asked
            return UNCOVERED
        index = self.searcher.index
        return covered(sift(asked, self.searcher.search(asked, _HITS), index), index)

    def _written(
        self, writer: Writer, asked: Question, plain: Answer, draft: Draft, until: float
    ) -> Generator[Answer]:
        """The model's answer as its statements are proved, or `plain` with a note."""
        documents = self.searcher.index.documents
        chosen = [evidence for drafted in draft.statements for evidence in drafted.evidence]
        pool = choose(plain.hits, asked.regions, chosen)
        proofs: list[Proof | None] = []
        unproved: list[str] = []
        shown = replace(plain, statements=())
        try:
            with closing(writer.statements(asked.text, pool, documents, until)) as written:
                for drafted in written:
                    proof = check(drafted, documents, pool)
                    proofs.append(self._completed(asked, proof) if proof else None)
                    if proof is None:
                        unproved.append(drafted.text)
                        continue
                    # What is missing is told at the end, so that the text only grows.
                    answer = self._assembled(plain, replace(draft, missing=""), proofs)
                    if len(answer.statements) > len(shown.statements):
                        shown = answer
                        yield shown
        except ModelError as error:
            yield replace(plain, note=f"{error}，{_INSTEAD}", unproved=tuple(unproved))
            return
        if shown.statements:
            shown = self._assembled(plain, draft, proofs)
        yield _final(plain, shown, proofs, unproved)

    def _assembled(self, plain: Answer, draft: Draft, proofs: Sequence[Proof | None]) -> Answer:
        documents = self.searcher.index.documents
        answer = assemble(plain.question, plain.searched, draft, proofs, plain.hits, documents)
        return replace(answer, mode="llm")

    def _completed(self, asked: Question, proof: Proof) -> Proof:
        """A proof with what the reader needs to see: the place, where neither the question nor
        the statement says it, and the words of the quotation that answer."""
        document, quote = self.document(proof.evidence[0].doc_id), proof.evidence[0].quote
        place = region_name(document.region)
        said = {p.name for p in asked.places if p.exact and document.region in p.regions}
        label = "" if said or short_name(place) in proof.drafted.text else place
        words = focus(asked, quote, self.searcher.index.late)
        return replace(proof, drafted=replace(proof.drafted, label=label, focus=words))

    def _draft(self, asked: Question, hits: Sequence[Hit], filters: Filters | None) -> Draft:
        index = self.searcher.index
        if asked.compares and (places := parts(asked)):
            return compare(asked, self._each(places, filters), index)
        if everyone := everywhere(asked, index.regions):
            return collect(asked, self._each(everyone, filters), index)
        if (drafted := self._two_things(asked, filters)) is not None:
            return drafted
        if not asked.regions:
            return extract(asked, hits, index)
        anywhere = replace(asked, places=())
        return extract(asked, hits, index, lambda: self.searcher.search(anywhere, _HITS, filters))

    def _each(
        self, parts: Sequence[tuple[str, Question]], filters: Filters | None
    ) -> list[tuple[str, Question, list[Hit]]]:
        """The parts of a question, each with its own hits."""
        return [(name, part, self.searcher.search(part, _HITS, filters)) for name, part in parts]

    def _two_things(self, asked: Question, filters: Filters | None) -> Draft | None:
        """A comparison of two things of one place, each searched by itself."""
        found, index = [], self.searcher.index
        for name, text in things(asked.text):
            own = replace(self.searcher.analyse(text), pieced=True)
            found.append((name, own if own.places else replace(own, places=asked.places)))
        return compare_things(asked, self._each(found, filters), index) if found else None

    def invoke(
        self, input: dict[str, Any], config: RunnableConfig | None = None, **kwargs: Any
    ) -> dict[str, Any]:
        """Answer {"input": question, "chat_history": …}; history as pairs or LangChain messages."""
        return self._call_with_config(self._answer, input, config, run_type="chain")

    def stream(
        self, input: dict[str, Any], config: RunnableConfig | None = None, **kwargs: Any | None
    ) -> Iterator[dict[str, Any]]:
        """The same in pieces: context first, then the answer line by line as it is proved, then
        the proof. Where a chat model fails in mid-answer, the rules' answer follows its lines."""
        yield from self._transform_stream_with_config(
            iter([input]), self._in_pieces, config, run_type="chain"
        )

    def _in_pieces(self, inputs: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for input in inputs:
            last: Answer | None = None
            with closing(self.ask_stream(*given(input))) as answers:
                for answer in answers:
                    sent = last.text if last else ""
                    if last is None:
                        yield AddableDict(input=input.get("input", ""), context=context(answer))
                    last = (
                        after(last, answer) if last and not answer.text.startswith(sent) else answer
                    )
                    for line in re.findall(r"\n*[^\n]+", last.text[len(sent) :]):
                        yield AddableDict(answer=line)
            if last:
                done = output(last, input)
                yield AddableDict(
                    {key: done[key] for key in ("citations", "state", "note") if key in done}
                )

    def _answer(self, input: Mapping[str, Any]) -> dict[str, Any]:
        return output(self.ask(*given(input)), input)


def _final(
    plain: Answer, shown: Answer, proofs: Sequence[Proof | None], unproved: Sequence[str]
) -> Answer:
    """The answer at the end of the model's reply: complete, partial, refused, or the rules' own."""
    if not proofs:
        reason = "语言模型在选出的原文中没有找到答案"
        return replace(
            plain,
            text=f"{REFUSAL_LINE}{reason}。",
            statements=(),
            citations=(),
            state="abstained",
            reason=reason,
            mode="llm",
        )
    if not shown.statements:
        note = f"语言模型的回答没有一句能在原文中证实，{_INSTEAD}"
        return replace(plain, note=note, unproved=tuple(unproved))
    return replace(shown, unproved=tuple(unproved))


def _name(model: BaseChatModel) -> str:
    """What a chat model calls itself."""
    for attribute in ("model_name", "model"):
        name = getattr(model, attribute, "")
        if isinstance(name, str) and name:
            return name
    return type(model).__name__
