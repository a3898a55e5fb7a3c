"""Start the web chat: `python -m app` or `rag chat`."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import socket
import sys
import threading
import webbrowser
from collections.abc import Sequence
from contextlib import closing

from app import log
from app.access import grant
from app.manage import Manager
from app.serving import Serving
from rag.config import Settings, load_settings
from rag.errors import RagError

PORTS_TRIED = 20

# Set before gradio and the encoder are imported, which read them then. Someone who wants an
# encoder fetched from a hub can still say HF_HUB_OFFLINE=0.
QUIET_AND_OFFLINE = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run until interrupted; 2 and one sentence on stderr when it cannot start."""
    try:
        settings = load_settings()
        options = _options(argv, settings)
        for name, value in QUIET_AND_OFFLINE.items():
            os.environ.setdefault(name, value)
        rights = grant(options.manage, options.host, settings.manage_password)
        port = _port(options.host, options.port, settings.port)
        log.set_up(with_questions=options.log_questions)
        from rag import Assistant  # Late: --help and a busy port need no model.

        # Who may rebuild on the page need not be turned away because of a changed report.
        assistant = Assistant.load(options.index, settings.encoder, check_corpus=rights is None)
        serving = Serving(assistant)
        manager = Manager(serving, rights, options.index, settings.encoder) if rights else None
        _serve(serving, manager, options.host, port, browser=options.browser)
    except RagError as error:
        return _failed(str(error))
    except KeyboardInterrupt:
        return 0
    except Exception:
        logging.getLogger(__name__).exception("the web chat could not start")
        return _failed("网页问答没能启动，原因见上面的记录。")
    return 0


def _failed(sentence: str) -> int:
    sys.stderr.write(f"{sentence}\n")
    return 2


def _options(argv: Sequence[str] | None, settings: Settings) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m app", description="产改报告问答的网页")
    parser.add_argument("--host", default=settings.host, help="监听的地址（%(default)s）")
    parser.add_argument("--port", type=int, help=f"端口；不写则从 {settings.port} 起找一个空闲的")
    parser.add_argument("--index", default=settings.index, help="索引文件夹（%(default)s）")
    parser.add_argument(
        "--no-browser", dest="browser", action="store_false", help="不自动打开浏览器"
    )
    parser.add_argument(
        "--log-questions", action="store_true", help="把问题的文字也写进日志（默认不写）"
    )
    parser.add_argument(
        "--manage",
        action="store_true",
        help="允许在网页上增删报告：只限本机，或设 RAG_MANAGE_PASSWORD 后凭密码",
    )
    return parser.parse_args(argv)


def _port(host: str, asked: int | None, first: int) -> int:
    """The port asked for, or the first free one; RagError when there is none."""
    if asked is not None and not 0 < asked < 65536:
        raise RagError(f"端口 {asked} 不是 1–65535 之间的整数。")
    last = asked or min(first + PORTS_TRIED - 1, 65535)
    for port in range(asked or first, last + 1):
        try:
            family, kind, proto, _, address = socket.getaddrinfo(
                host, port, type=socket.SOCK_STREAM
            )[0]
            with closing(socket.socket(family, kind, proto)) as probe:
                if os.name == "posix":  # As the server does: a port just left is free.
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
            return port
        except (socket.gaierror, UnicodeError) as error:
            raise RagError(f"找不到地址“{host}”，请检查 --host。") from error
        except PermissionError as error:
            raise RagError(f"没有权限使用端口 {port}，请换一个 1024 以上的端口。") from error
        except OSError:
            continue
    tried = f"端口 {asked} 已被占用" if asked else f"端口 {first}–{last} 都用不了"
    raise RagError(f"{tried}（地址 {host}），请用 --port 换一个。")


def _serve(
    serving: Serving, manager: Manager | None, host: str, port: int, *, browser: bool
) -> None:
    """Serve the page until Ctrl+C or SIGTERM."""
    # Gradio asks its own server whether it is up: not through a proxy of the environment.
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = ",".join(
        filter(None, [os.environ.get("NO_PROXY"), "127.0.0.1", "localhost", host])
    )
    from starlette.middleware import Middleware

    from app import guard, layout
    from app.routes import routes

    page = layout.build(serving, manage=manager is not None)
    guarded = Middleware(guard.Guard, admits=manager.admits) if manager else Middleware(guard.Guard)
    page.launch(
        server_name=host,
        server_port=port,
        prevent_thread_lock=True,
        quiet=True,
        inbrowser=False,
        share=False,
        ssr_mode=False,
        show_error=False,
        enable_monitoring=False,
        mcp_server=False,
        pwa=False,
        strict_cors=True,
        allowed_paths=[],
        max_file_size=1,
        state_session_capacity=layout.SESSIONS_KEPT,
        app_kwargs={
            "routes": routes(serving) + (manager.routes() if manager else []),
            "middleware": [guarded],
            "docs_url": None,
            "redoc_url": None,
        },
        **layout.look(manage=manager is not None),
    )
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    url = str(page.local_url).rstrip("/")
    sys.stdout.write(f"{layout.TITLE}已启动：{url}（按 Ctrl+C 结束）\n")
    sys.stdout.flush()
    if browser and _person_is_there():
        webbrowser.open(url)
    try:
        stop.wait()
    except KeyboardInterrupt:
        pass
    finally:
        page.close(verbose=False)


def _person_is_there() -> bool:
    """A terminal, and a display of this machine: not a test, a service or a remote shell."""
    if not sys.stdout.isatty() or os.environ.get("SSH_CONNECTION"):
        return False
    if sys.platform in ("darwin", "win32"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))


if __name__ == "__main__":
    sys.exit(main())
