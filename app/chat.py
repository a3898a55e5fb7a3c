"""The conversation: its turns and the events that change them.

Nothing a visitor says is kept outside their own browser session: the turns live in `gr.State`,
and the assistant receives the history with every question.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import gradio as gr

from app import log, pump, record, render, routes, sources
from app.serving import Current
from rag.errors import QuestionError, RagError
from rag.retrieval import Filters
from rag.suggest import suggest
from rag.types import Answer

if TYPE_CHECKING:
    from rag import Assistant

logger = logging.getLogger(__name__)

PAUSE_S = 0.06  # Between statements: enough to be read as they come, too little to wait for.
TURNS_KEPT = 30  # A longer conversation forgets its beginning, which bounds the session's memory.
TURNS_AS_HISTORY = 10

BLANK = "请先写下您的问题。"
UNEXPECTED = "抱歉，系统出了意外，没能回答这个问题；请再试一次，如果仍然不行，请联系管理员。"
WAITING = "正在查阅报告……"
DAMAGED = "这段保存的对话已损坏，无法打开。"
BAD_SCOPE = "检索范围无法识别，请重新选择。"

Message = dict[str, str]


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and its reply as shown.

    answer: what a follow-up may refer to. whole: nothing more will come.
    """

    number: int
    question: str
    reply: str
    sources: str = ""
    answer: str = ""
    whole: bool = False


@dataclass(slots=True)
class Conversation:
    """One visitor's turns, in their browser session.

    epoch: grows with every new conversation and every stop, so that an answer still
        on its way is neither shown nor remembered.
    coming: the turn being answered, None when there is none.
    """

    turns: list[Turn] = field(default_factory=list)
    epoch: int = 0
    coming: Turn | None = None


Shown = tuple[Any, Any, Any, Any]
"""Values of the conversation, the sources, the question box and the note below it."""


def replies(
    assistant: Assistant, question: str, turns: Sequence[Turn], filters: Filters
) -> Generator[Turn]:
    """The reply as it grows. Raises QuestionError; any other failure becomes the reply."""
    number, started = next_number(turns), time.monotonic()
    history = [(t.question, t.answer) for t in turns if t.answer][-TURNS_AS_HISTORY:]
    outcome: dict[str, Any] = {"state": "failed"}
    done = 0.0
    try:
        with closing(assistant.ask_stream(question, history, filters)) as answers:
            for answer in answers:
                if assistant.model_name:  # Else the first is the only one: it grows below.
                    yield _turn(assistant, answer, number, render.growing_html(answer, number))
        outcome = {"state": answer.state, "citations": len(answer.citations), "by": answer.mode}
        for step in [] if assistant.model_name else render.growing_steps(answer, number):
            yield _turn(assistant, answer, number, step)
        done = time.monotonic()
        # Its words are on the page: now there is time to find out what else is answered.
        also = _suggested(assistant, answer, filters, [t.question for t in turns])
        reply = render.answer_html(answer, number, also)
        yield _turn(assistant, answer, number, reply, whole=True)
    except QuestionError:
        outcome["state"] = "rejected"
        raise
    except RagError as error:
        yield Turn(number, question, render.notice_html(str(error)), whole=True)
    except Exception:
        logger.exception("a question could not be answered")  # Without the question: private.
        yield Turn(number, question, render.notice_html(UNEXPECTED), whole=True)
    finally:
        filtered = filters != Filters()
        spent = (done or time.monotonic()) - started
        log.answered(question, spent, turn=number, filtered=filtered, **outcome)


def _turn(
    assistant: Assistant, answer: Answer, number: int, reply: str, *, whole: bool = False
) -> Turn:
    beside = sources.sources_html(answer, number, assistant.document, final=whole)
    return Turn(number, answer.question, reply, beside, answer.text if whole else "", whole)


def _suggested(
    assistant: Assistant, answer: Answer, filters: Filters, before: Sequence[str]
) -> tuple[str, ...]:
    try:
        return suggest(assistant, answer, filters, before=before)
    except Exception:
        logger.exception("no suggestions could be made")  # The answer is good without them.
        return ()


def next_number(turns: Sequence[Turn]) -> int:
    """Numbers only grow, also when the beginning of a conversation has been forgotten."""
    return turns[-1].number + 1 if turns else 1


def messages(turns: Sequence[Turn]) -> list[Message]:
    """The turns as the chat component takes them."""
    return [
        message
        for turn in turns
        for message in (
            {"role": "user", "content": render.question_html(turn.question)},
            {"role": "assistant", "content": turn.reply},
        )
    ]


def panel(turns: Sequence[Turn]) -> str:
    """Sources of every turn, so that older marks still lead somewhere; the last one is shown."""
    return sources.panel_html([t.sources for t in turns if t.sources])


def read_scope(scope: str) -> Filters:
    """The filters as the page sends them. Raises QuestionError."""
    names = ("region", "doc_id", "published_from", "published_to")
    try:
        chosen = json.loads(scope) if scope else {}
        return Filters(*(str(chosen.get(name, "")) for name in names))
    except (ValueError, AttributeError, RecursionError) as error:
        raise QuestionError(BAD_SCOPE) from error


Respond = Callable[[str, str, Conversation], Iterator[Shown]]


def make_respond(current: Current) -> Respond:
    """The one event that answers; see `Shown` for what it yields."""

    def respond(question: str, scope: str, conversation: Conversation) -> Iterator[Shown]:
        if not question.strip():
            yield gr.skip(), gr.skip(), gr.skip(), render.note_html(BLANK)
            return
        turns, epoch = conversation.turns, conversation.epoch
        pending = Turn(next_number(turns), question, render.notice_html(WAITING, "pending"))
        conversation.coming = pending
        yield messages([*turns, pending]), gr.skip(), "", ""
        last = pending
        try:
            work = replies(current(), question, turns, read_scope(scope))
            for turn in pump.until(lambda: conversation.epoch != epoch, work):
                shown, beside = [*turns, turn], gr.skip()
                if turn.sources != last.sources:
                    beside = panel(shown)
                conversation.turns = shown[-TURNS_KEPT:]
                conversation.coming = None if turn.whole else turn
                last = turn
                # Not the box again: the next question may be in it by now.
                yield messages(shown), beside, gr.skip(), gr.skip()
                time.sleep(0 if turn.whole else PAUSE_S)
            if conversation.epoch != epoch:
                # Gradio shows an event's last values once more when it ends: not the old ones.
                turns = conversation.turns
                yield messages(turns), panel(turns), gr.skip(), gr.skip()
        except QuestionError as error:
            conversation.coming = None
            # Back into the box, so that it can be corrected instead of typed again.
            yield messages(turns), gr.skip(), question, render.note_html(str(error))

    return respond


def make_again(respond: Respond) -> Callable[[str, Conversation], Iterator[Shown]]:
    """The event that answers the last question anew, in place of its answer."""

    def again(scope: str, conversation: Conversation) -> Iterator[Shown]:
        if not conversation.turns:
            return
        last = conversation.turns[-1]
        conversation.turns = conversation.turns[:-1]
        # What is in the box stays there: it is another question.
        for talk, beside, _, note in respond(last.question, scope, conversation):
            yield talk, beside, gr.skip(), note

    return again


def stop(conversation: Conversation) -> Shown:
    """Keep what has come so far and say that it is not all."""
    coming, conversation.coming = conversation.coming, None
    conversation.epoch += 1
    if coming is None:
        return gr.skip(), gr.skip(), gr.skip(), gr.skip()
    reply = render.stopped_html(coming.reply)
    kept = Turn(coming.number, coming.question, reply, coming.sources, whole=True)
    before = [t for t in conversation.turns if t.number != coming.number]
    conversation.turns = [*before, kept]
    return messages(conversation.turns), panel(conversation.turns), gr.skip(), gr.skip()


def start_over(conversation: Conversation) -> Shown:
    """A new conversation."""
    conversation.epoch += 1
    conversation.turns, conversation.coming = [], None
    return [], panel([]), "", ""


def make_restore(current: Current) -> Callable[[str, Conversation], Shown]:
    """The event that opens a conversation the visitor's browser has kept."""

    def restore(saved: str, conversation: Conversation) -> Shown:
        assistant = current()
        try:
            raw = json.loads(saved)[-TURNS_KEPT:]
            turns = [_restored(assistant, one, n, raw) for n, one in enumerate(raw, 1)]
        except (ValueError, TypeError, KeyError, RecursionError):
            return gr.skip(), gr.skip(), gr.skip(), render.note_html(DAMAGED)
        start_over(conversation)
        conversation.turns = turns
        return messages(turns), panel(turns), gr.skip(), ""

    return restore


def _restored(assistant: Assistant, raw: Any, number: int, turns: Sequence[Any]) -> Turn:
    question = str(raw["question"])
    try:
        (answer,) = routes.read_records(assistant, [raw])
    except record.RecordError:
        return Turn(number, question, render.notice_html(routes.STALE))
    also: tuple[str, ...] = ()
    if number == len(turns):  # Only the last answer's are shown.
        also = _suggested(assistant, answer, Filters(), [str(t["question"]) for t in turns])
    reply = render.answer_html(answer, number, also)
    return _turn(assistant, answer, number, reply, whole=True)
