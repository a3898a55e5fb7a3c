"""The chain: follow-up question → retrieve → draft → verify → Answer; a LangChain Runnable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from langchain_core.messages import BaseMessage
from langchain_core.runnables import Runnable, RunnableConfig

from rag.citations import prove
from rag.compare import compare
from rag.errors import QuestionError
from rag.extract import extract
from rag.followup import rewrite
from rag.index import open_index
from rag.question import Question
from rag.retrieval import Filters, Searcher, to_langchain
from rag.select import candidates
from rag.types import Answer, Document, Draft, Hit

History = Sequence[tuple[str, str]]
_HITS = 10


class Assistant(Runnable[dict[str, Any], dict[str, Any]]):
    """Answers questions with proved citations. Holds no conversation: history is passed in.

    `ask` returns an Answer. As a Runnable it takes {"input", "chat_history"}
    and gives {"input", "context", "answer", "citations", "state"}; `stream`
    gives the answer statement by statement.
    """

    def __init__(self, searcher: Searcher) -> None:
        self.searcher = searcher

    @classmethod
    def load(cls, index: str = "index", encoder: str | None = None) -> Assistant:
        """Open an index folder. Raises IndexStoreError with the command that mends it."""
        return cls(Searcher(open_index(index, encoder)))

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
        searched = rewrite(question, history, self.searcher.analyse, self._covered)
        asked = self.searcher.analyse(searched)
        hits = self.searcher.search(asked, _HITS, filters)
        draft = self._draft(asked, hits, filters)
        return prove(question, searched, draft, hits, self.searcher.index.documents)

    def _covered(self, question: str) -> float:
        """How well the best sentence of the reports covers a question's words, 0 to 1."""
        asked = self.searcher.analyse(question)
        found = candidates(asked, self.searcher.search(asked, _HITS), self.searcher.index)
        return max((c.likeness for c in found), default=0.0)

    def _draft(self, asked: Question, hits: Sequence[Hit], filters: Filters | None) -> Draft:
        index = self.searcher.index
        if asked.compares:
            return compare(asked, hits, index)
        elsewhere: Sequence[Hit] = ()
        if asked.regions:
            elsewhere = self.searcher.search(replace(asked, places=()), _HITS, filters)
        return extract(asked, hits, index, elsewhere)

    def invoke(
        self, input: dict[str, Any], config: RunnableConfig | None = None, **kwargs: Any
    ) -> dict[str, Any]:
        """Answer {"input": question, "chat_history": …}; history as pairs or LangChain messages."""
        return self._call_with_config(self._answer, input, config, run_type="chain")

    def stream(
        self, input: dict[str, Any], config: RunnableConfig | None = None, **kwargs: Any | None
    ) -> Iterator[dict[str, Any]]:
        """The same in pieces: context first, then the answer line by line, then the proof."""
        output = self.invoke(input, config)
        yield {"input": output["input"], "context": output["context"]}
        for line in output["answer"].splitlines(keepends=True):
            yield {"answer": line}
        yield {"citations": output["citations"], "state": output["state"]}

    def _answer(self, given: Mapping[str, Any]) -> dict[str, Any]:
        answer = self.ask(str(given.get("input", "")), _pairs(given.get("chat_history") or ()))
        return {
            "input": given.get("input", ""),
            "context": [to_langchain(hit) for hit in answer.hits],
            "answer": answer.text,
            "citations": list(answer.citations),
            "state": answer.state,
        }


def _pairs(history: Sequence[Any]) -> list[tuple[str, str]]:
    """(question, answer) pairs out of pairs or of alternating LangChain messages."""
    pairs: list[tuple[str, str]] = []
    for turn in history:
        if isinstance(turn, BaseMessage):
            if turn.type == "human":
                pairs.append((str(turn.text), ""))
            elif turn.type == "ai" and pairs:
                pairs[-1] = (pairs[-1][0], str(turn.text))
        else:
            question, answer = turn
            pairs.append((str(question), str(answer)))
    return pairs
