"""The web chat's layout and events.

Nothing a visitor says is kept outside their own browser session: the turns live in `gr.State`,
and the assistant receives the history with every question.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from app import render, sources
from rag.errors import QuestionError, RagError

if TYPE_CHECKING:
    from rag import Assistant

log = logging.getLogger(__name__)

TITLE = "产改报告问答"
SUBTITLE = "回答只引用报告原文，每一处都能查到出处"
EXAMPLES = (
    "文水县五年来举办了多少场培训？",
    "阜宁县三年新建了多少家基层工会？",
    "丰县改造工人文化宫投入了多少资金？",
    "朝阳市的产改方案提出了多少条措施？",
)

PAUSE_S = 0.06  # Between statements: enough to be read as they come, too little to wait for.
TURNS_KEPT = 30  # A longer conversation forgets its beginning, which bounds the session's memory.
TURNS_AS_HISTORY = 10
QUEUE_LIMIT = 32
AT_ONCE = 4
SESSIONS_KEPT = 500

BLANK = "请先写下您的问题。"
UNEXPECTED = "抱歉，系统出了意外，没能回答这个问题；请再试一次，如果仍然不行，请联系管理员。"
BUSY = "正在查阅报告……"

Message = dict[str, str]


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and its reply as shown; `answer` is what a follow-up may refer to."""

    number: int
    question: str
    reply: str
    sources: str = ""
    answer: str = ""


Shown = tuple[Any, Any, Any, Any, Any]
"""Values of the conversation, the sources, the question box, the note below it, the turns."""


def replies(assistant: Assistant, question: str, turns: Sequence[Turn]) -> Iterator[Turn]:
    """The reply as it grows. Raises QuestionError; any other failure becomes the reply."""
    number = next_number(turns)
    history = [(t.question, t.answer) for t in turns if t.answer][-TURNS_AS_HISTORY:]
    try:
        answer = assistant.ask(question, history)
        beside = sources.sources_html(answer, number, assistant.document)
        for step in render.answer_steps(answer, number):
            yield Turn(number, question, step, beside, answer.text)
    except QuestionError:
        raise
    except RagError as error:
        yield Turn(number, question, render.notice_html(str(error)))
    except Exception:
        log.exception("a question could not be answered")  # Without the question: it is private.
        yield Turn(number, question, render.notice_html(UNEXPECTED))


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


def make_respond(assistant: Assistant) -> Callable[[str, list[Turn]], Iterator[Shown]]:
    """The one event that answers; see `Shown` for what it yields."""

    def respond(question: str, turns: list[Turn]) -> Iterator[Shown]:
        if not question.strip():
            yield gr.skip(), gr.skip(), gr.skip(), render.note_html(BLANK), gr.skip()
            return
        pending = Turn(next_number(turns), question, render.notice_html(BUSY, "pending"))
        yield messages([*turns, pending]), gr.skip(), "", "", gr.skip()
        shown = list(turns)
        try:
            for step, turn in enumerate(replies(assistant, question, turns)):
                if step:
                    time.sleep(PAUSE_S)
                shown = [*turns, turn]
                yield messages(shown), panel(shown) if not step else gr.skip(), "", "", gr.skip()
        except QuestionError as error:
            # Back into the box, so that it can be corrected instead of typed again.
            note = render.note_html(str(error))
            yield messages(turns), gr.skip(), question, note, gr.skip()
            return
        yield gr.skip(), gr.skip(), gr.skip(), gr.skip(), shown[-TURNS_KEPT:]

    return respond


def start_over() -> Shown:
    """A new conversation."""
    return [], panel([]), "", "", []


def build(assistant: Assistant) -> gr.Blocks:
    """The page. Events are private: programs have `rag`, and the page's own are no API."""
    page = gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True)
    with page:
        turns = gr.State([])
        with gr.Row(elem_id="top"):
            gr.HTML(render.header_html(TITLE, SUBTITLE), elem_id="title")
            restart = gr.Button("新对话", elem_id="restart", size="sm", scale=0)
        with gr.Row(elem_id="desk"):
            with gr.Column(elem_id="talk"):
                conversation = gr.Chatbot(
                    elem_id="conversation",
                    label="对话",
                    show_label=False,
                    placeholder=render.welcome_html(EXAMPLES),
                    latex_delimiters=[],
                    reasoning_tags=[],
                    allow_tags=False,
                    buttons=[],
                    feedback_options=None,
                    height="100%",
                )
                box = gr.Textbox(
                    elem_id="question",
                    label="您的问题",
                    show_label=False,
                    placeholder="输入问题，按回车发送",
                    lines=1,
                    max_lines=6,
                    submit_btn="提问",
                    autofocus=True,
                )
                note = gr.HTML("", elem_id="note")
            with gr.Column(elem_id="sources"):
                beside = gr.HTML(panel([]), elem_id="panel")
        outputs = [conversation, beside, box, note, turns]
        asked = box.submit(
            make_respond(assistant),
            [box, turns],
            outputs,
            show_progress="hidden",
            trigger_mode="once",  # A second Enter while an answer comes would tear the turns.
            concurrency_limit=AT_ONCE,
            api_visibility="private",
        )
        restart.click(
            start_over,
            None,
            outputs,
            cancels=[asked],
            show_progress="hidden",
            api_visibility="private",
        )
        page.queue(max_size=QUEUE_LIMIT, default_concurrency_limit=AT_ONCE)
    return page


def look() -> dict[str, Any]:
    """Arguments of `launch` that make the page look and behave as it should."""
    here = Path(__file__).parent
    font = ["system-ui", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif"]
    return {
        "theme": gr.themes.Base(font=font, font_mono=["ui-monospace", "monospace"]),
        "css": (here / "chat.css").read_text(encoding="utf-8"),
        "js": (here / "chat.js").read_text(encoding="utf-8"),
        "footer_links": [],
        "run_history": False,
    }
