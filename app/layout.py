"""The page: what stands where, which event does what, and how it looks."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import gradio as gr

from app import api, chat, reader, render
from app.serving import Current

TITLE = "产改报告问答"
SUBTITLE = "每句回答都注明报告原文出处"
EXAMPLES = (
    "文水县五年来举办了多少场培训？",
    "丰县改造提升工人文化宫投入了多少资金？",
    "朝阳市的产改实施方案提出了多少条措施？",
    "文水县和丰县的技能大赛各有多少个比赛项目（工种）？",
)
SCRIPTS = ("chat.js", "reader.js", "chart.js", "history.js")
STYLES = ("chat.css", "answer.css", "reader.css")

ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
    '<rect width="32" height="32" rx="7" fill="#1d4f7c"/>'
    '<path d="M8 10h16M8 16h16M8 22h7" stroke="#fff" stroke-width="2.5" stroke-linecap="round"/>'
    '<path d="M20 22h4" stroke="#f9d65c" stroke-width="2.5" stroke-linecap="round"/></svg>'
)

QUEUE_LIMIT = 32
AT_ONCE = 4
SESSIONS_KEPT = 500

_PRIVATE: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}


def build(current: Current, *, manage: bool = False) -> gr.Blocks:
    """The page. Its own events are private; programs have those of `api`.

    manage: whether it shows the way to the management of the reports.
    """
    page = gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True)
    with page:
        conversation = gr.State(chat.Conversation())
        restart = _head(manage)
        with gr.Row(elem_id="desk"):
            with gr.Column(elem_id="talk"):
                talk = _chatbot()
                gr.HTML(reader.scope_html(current().searcher.index.documents), elem_id="scope")
                box = _question_box()
                stop = gr.Button("停止", elem_id="stop", size="sm", scale=0)
                note = gr.HTML("", elem_id="note")
            with gr.Column(elem_id="sources"):
                beside = gr.HTML(chat.panel([]), elem_id="panel")
                gr.HTML(render.READER, elem_id="reader")
        # Written by the page's scripts, never seen: what is chosen, what is to be restored.
        scope = gr.Textbox(elem_id="filters", visible="hidden", label="检索范围")
        saved = gr.Textbox(elem_id="saved", visible="hidden", label="保存的对话")
        again = gr.Button("重新回答", elem_id="again", visible="hidden")
        restore = gr.Button("打开保存的对话", elem_id="restore", visible="hidden")
        outputs = [talk, beside, box, note]
        respond = chat.make_respond(current)
        # A question sent meanwhile waits; turns never interleave.
        one_by_one: dict[str, Any] = {"trigger_mode": "always_last", "concurrency_limit": AT_ONCE}
        box.submit(respond, [box, scope, conversation], outputs, **one_by_one, **_PRIVATE)
        again.click(
            chat.make_again(respond), [scope, conversation], outputs, **one_by_one, **_PRIVATE
        )
        stop.click(chat.stop, [conversation], outputs, **_PRIVATE)
        restart.click(chat.start_over, [conversation], outputs, **_PRIVATE)
        restore.click(chat.make_restore(current), [saved, conversation], outputs, **_PRIVATE)
        api.publish(current)
        page.queue(max_size=QUEUE_LIMIT, default_concurrency_limit=AT_ONCE)
    return page


def _head(manage: bool) -> gr.Button:
    with gr.Row(elem_id="top"):
        gr.HTML(render.header_html(TITLE, SUBTITLE), elem_id="title")
        gr.HTML(render.navigation_html(manage), elem_id="views")
        return gr.Button("新对话", elem_id="restart", size="sm", scale=0)


def _chatbot() -> gr.Chatbot:
    return gr.Chatbot(
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


def _question_box() -> gr.Textbox:
    return gr.Textbox(
        elem_id="question",
        label="您的问题",
        show_label=False,
        placeholder="输入问题，按回车发送",
        lines=1,
        max_lines=6,
        submit_btn="提问",
        autofocus=True,
    )


def look(*, manage: bool = False) -> dict[str, Any]:
    """Arguments of `launch` that make the page look and behave as it should."""
    here = Path(__file__).parent
    font = ["system-ui", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif"]
    styles = "\n".join(
        (here / name).read_text(encoding="utf-8") for name in STYLES + ("manage.css",) * manage
    )
    # Each script is a function of one object, through which they call each other.
    names = SCRIPTS + ("manage.js",) * manage
    scripts = "".join(f"({(here / name).read_text(encoding='utf-8')})(app);" for name in names)
    return {
        "theme": gr.themes.Base(font=font, font_mono=["ui-monospace", "monospace"]),
        "css": styles,
        "js": f"() => {{ const app = {{}}; {scripts} app.start(); }}",
        "head": f'<link rel="icon" href="data:image/svg+xml,{quote(ICON)}">',
        "footer_links": [],
        "run_history": False,
    }
