"""The web chat's layout and events.

Nothing a visitor says is kept outside their own browser session: the turns live in `gr.State`,
and the assistant receives the history with every question.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import gradio as gr

from app import render, sources
from rag.errors import QuestionError, RagError

if TYPE_CHECKING:
    from rag import Assistant

log = logging.getLogger(__name__)

TITLE = "产改报告问答"
SUBTITLE = "每句回答都注明报告原文出处"
EXAMPLES = (
    "文水县五年来举办了多少场培训？",
    "丰县改造提升工人文化宫投入了多少资金？",
    "朝阳市的产改实施方案提出了多少条措施？",
    "文水县和丰县的技能大赛各有多少个比赛项目（工种）？",
)

ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
    '<rect width="32" height="32" rx="7" fill="#1d4f7c"/>'
    '<path d="M8 10h16M8 16h16M8 22h7" stroke="#fff" stroke-width="2.5" stroke-linecap="round"/>'
    '<path d="M20 22h4" stroke="#f9d65c" stroke-width="2.5" stroke-linecap="round"/></svg>'
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


@dataclass(slots=True)
class Conversation:
    """One visitor's turns, in their browser session.

    epoch: grows with every new conversation, so that an answer still on its way
        to the old one is neither shown nor remembered.
    """

    turns: list[Turn] = field(default_factory=list)
    epoch: int = 0


Shown = tuple[Any, Any, Any, Any]
"""Values of the conversation, the sources, the question box and the note below it."""


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


def make_respond(assistant: Assistant) -> Callable[[str, Conversation], Iterator[Shown]]:
    """The one event that answers; see `Shown` for what it yields."""

    def respond(question: str, conversation: Conversation) -> Iterator[Shown]:
        if not question.strip():
            yield gr.skip(), gr.skip(), gr.skip(), render.note_html(BLANK)
            return
        turns, epoch = conversation.turns, conversation.epoch
        pending = Turn(next_number(turns), question, render.notice_html(BUSY, "pending"))
        yield messages([*turns, pending]), gr.skip(), "", ""
        try:
            for step, turn in enumerate(replies(assistant, question, turns)):
                if step:
                    time.sleep(PAUSE_S)
                if conversation.epoch != epoch:
                    return
                shown = [*turns, turn]
                conversation.turns = shown[-TURNS_KEPT:]
                # Not the box again: the next question may be in it by now.
                yield messages(shown), gr.skip() if step else panel(shown), gr.skip(), gr.skip()
        except QuestionError as error:
            # Back into the box, so that it can be corrected instead of typed again.
            yield messages(turns), gr.skip(), question, render.note_html(str(error))

    return respond


def start_over(conversation: Conversation) -> Shown:
    """A new conversation."""
    conversation.epoch += 1
    conversation.turns = []
    return [], panel([]), "", ""


def build(assistant: Assistant) -> gr.Blocks:
    """The page. Events are private: programs have `rag`, and the page's own are no API."""
    page = gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True)
    with page:
        conversation = gr.State(Conversation())
        with gr.Row(elem_id="top"):
            gr.HTML(render.header_html(TITLE, SUBTITLE), elem_id="title")
            restart = gr.Button("新对话", elem_id="restart", size="sm", scale=0)
        with gr.Row(elem_id="desk"):
            with gr.Column(elem_id="talk"):
                talk = gr.Chatbot(
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
        outputs = [talk, beside, box, note]
        asked = box.submit(
            make_respond(assistant),
            [box, conversation],
            outputs,
            show_progress="hidden",
            trigger_mode="always_last",  # A question sent meanwhile waits; turns never interleave.
            concurrency_limit=AT_ONCE,
            api_visibility="private",
        )
        restart.click(
            start_over,
            [conversation],
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
        "head": f'<link rel="icon" href="data:image/svg+xml,{quote(ICON)}">',
        "footer_links": [],
        "run_history": False,
    }
