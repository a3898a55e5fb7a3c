"""rag index | search | ask | chat | mcp | eval.

Results go to standard output, messages to standard error. Exit status: 0 done,
1 the question was refused (`rag ask`), 2 an error, told in one sentence.
"""

from __future__ import annotations

import argparse
import dataclasses
import io
import json
import os
import sys
from collections.abc import Sequence
from typing import Any

from rag.config import Settings, load_settings
from rag.errors import RagError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status is returned."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that cannot show a character gets its code, not a traceback.
            stream.reconfigure(errors="backslashreplace")
    try:
        settings = load_settings()
        options = _parser(settings).parse_args(arguments)
        return int(options.run(options))
    except RagError as error:
        print(f"错误：{error}", file=sys.stderr)  # noqa: T201
        return 2
    except KeyboardInterrupt:
        print("已中止。", file=sys.stderr)  # noqa: T201
        return 130
    except BrokenPipeError:
        # The reader (head, less) has gone; a second complaint at exit is avoided.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _parser(settings: Settings) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="rag", description="产改报告检索与问答：每句回答都有原文出处。"
    )
    commands = parser.add_subparsers(required=True, metavar="命令")

    def command(name: str, run: Any, text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(run=run)
        sub.add_argument("--index", default=settings.index, help="索引文件夹（默认 %(default)s）")
        sub.add_argument(
            "--encoder", default=settings.encoder, help="向量模型名称或文件夹（默认自带模型）"
        )
        return sub

    index = command("index", _index, "读取报告，建立或更新索引")
    index.add_argument("--corpus", default=settings.corpus, help="报告文件夹（默认 %(default)s）")
    index.add_argument("--if-needed", action="store_true", help="索引完好且与报告一致时不重建")
    search = command("search", _search, "查找与问题相关的段落")
    search.add_argument("question", metavar="问题")
    search.add_argument("-k", type=int, default=5, help="段落数（默认 %(default)s）")
    for parser_with_filters in (search, command("ask", _ask, "回答问题，给出原文引文")):
        _add_filters(parser_with_filters)
    ask = commands.choices["ask"]
    ask.add_argument("question", metavar="问题")
    for sub in (search, ask):
        sub.add_argument("--json", action="store_true", help="输出 JSON")
    chat = command("chat", _chat, "打开网页问答")
    chat.add_argument("--host", default=settings.host, help="监听地址（默认 %(default)s）")
    chat.add_argument("--port", type=int, help=f"端口；不写则从 {settings.port} 起找一个空闲的")
    chat.add_argument("--no-browser", action="store_true", help="不自动打开浏览器")
    chat.add_argument("--log-questions", action="store_true", help="运行记录里写入问题原文")
    chat.add_argument("--manage", action="store_true", help="允许在网页上增删报告（仅限本机）")
    command("mcp", _mcp, "供其他程序按 MCP 协议调用（标准输入输出，不监听端口）")
    evaluation = command("eval", _eval, "用标注问题评测检索与回答")
    evaluation.add_argument("file", metavar="文件")
    evaluation.add_argument("--errors", action="store_true", help="逐条列出答错的问题及原因")
    evaluation.add_argument("--json", action="store_true", help="输出 JSON")
    return parser


def _add_filters(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--region", default="", help="只查某地，如 江苏省/盐城市")
    parser.add_argument("--doc-id", default="", help="只查某一份报告")
    parser.add_argument(
        "--from",
        dest="published_from",
        default="",
        help="发布日期不早于，如 2022、2022-11 或 2022-11-01",
    )
    parser.add_argument("--to", dest="published_to", default="", help="发布日期不晚于")


def _filters(options: argparse.Namespace) -> Any:
    from rag.retrieval import Filters

    return Filters(options.region, options.doc_id, options.published_from, options.published_to)


def _write(text: str) -> None:
    print(text)  # noqa: T201


def _note(text: str) -> None:
    print(text, file=sys.stderr)  # noqa: T201


def _dump(value: Any) -> None:
    # Where a stream cannot hold every character, JSON's own escapes keep the output JSON.
    unicode = (sys.stdout.encoding or "").lower().startswith("utf")
    _write(json.dumps(value, ensure_ascii=not unicode, indent=1))


def _index(options: argparse.Namespace) -> int:
    from rag.build import build_index, is_current

    if options.if_needed and is_current(options.corpus, options.index, options.encoder):
        _note(f"索引 {options.index} 已是最新。")
        return 0
    manifest = build_index(options.corpus, options.index, options.encoder)
    for name, reason in manifest.skipped:
        _note(f"跳过 {name}：{reason}")
    _write(
        f"已建立索引 {options.index}：{manifest.documents} 份报告，{manifest.passages} 个段落，"
        f"{manifest.sentences} 句（版本 {manifest.generation}）"
    )
    return 0


def _search(options: argparse.Namespace) -> int:
    from rag.index import open_index
    from rag.retrieval import Searcher

    searcher = Searcher(open_index(options.index, options.encoder))
    hits = searcher.search(options.question, options.k, _filters(options))
    if options.json:
        _dump([dataclasses.asdict(hit) for hit in hits])
        return 0
    for hit in hits:
        p = hit.passage
        date = p.published if p.published != "unknown" else "日期不详"
        _write(
            f"{hit.rank}. {p.title}（{p.region}，{date}）{p.heading}  [{p.doc_id} {p.start}–{p.end}]"
        )
        _write("   " + p.text.replace("\n", "\n   ") + "\n")
    if not hits:
        _note("没有符合条件的段落。")
    return 0


def _ask(options: argparse.Namespace) -> int:
    from rag.assistant import Assistant

    assistant = Assistant.load(options.index, options.encoder)
    answer = assistant.ask(options.question, filters=_filters(options))
    if options.json:
        _dump(dataclasses.asdict(answer))
    else:
        _write(answer.text)
        if answer.note:
            _note(answer.note)
        for c in answer.citations:
            _write(f"[{c.number}] {c.title}（{c.region}，{c.doc_id} 第 {c.start}–{c.end} 字）")
    return 1 if answer.state == "abstained" else 0


def _chat(options: argparse.Namespace) -> int:
    # The chat lives above this package; it is started, not imported.
    command = [sys.executable, "-m", "app", "--index", options.index]
    command += ["--host", options.host]
    command += ["--port", str(options.port)] if options.port else []
    command += ["--no-browser"] * options.no_browser
    command += ["--log-questions"] * options.log_questions
    command += ["--manage"] * options.manage
    if options.encoder:
        os.environ["RAG_ENCODER"] = options.encoder
    os.execv(sys.executable, command)  # noqa: S606


def _mcp(options: argparse.Namespace) -> int:
    try:
        from rag.mcp_server import serve
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("mcp", "mcp_types"):
            raise
        raise RagError(
            f"rag mcp 需要软件包 mcp，请在项目文件夹运行：{sys.executable} -m pip install "
            '--constraint constraints.txt --editable ".[mcp]"'
        ) from error
    from rag.assistant import Assistant

    serve(Assistant.load(options.index, options.encoder))
    return 0


def _eval(options: argparse.Namespace) -> int:
    from rag.assistant import Assistant
    from rag.evaluate import evaluate, format_report, read_labels

    labels = read_labels(options.file)
    report = evaluate(Assistant.load(options.index, options.encoder), labels)
    if options.json:
        _dump(report)
    else:
        _write(format_report(report, errors=options.errors))
    return 0


if __name__ == "__main__":
    sys.exit(main())
