"""Managing the reports over HTTP: who may, what is refused, and what answers meanwhile."""

from __future__ import annotations

import hashlib
import html
import http.client
import io
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import docx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection
from starlette.testclient import TestClient

from app import __main__ as start
from app import access, guard, routes, serving
from app.access import Access, grant
from app.manage import Manager
from app.serving import Rebuild, Serving
from rag import Assistant, build_index
from rag.config import Secret
from rag.corpus import MAX_BYTES
from rag.errors import CorpusError, RagError

ROOT = Path(__file__).resolve().parent.parent
TEXT = "新县产改纪实\n\n新县2023年举办陶艺培训班77场，参加职工880人次。\n"
ASKED = "新县举办了多少场陶艺培训班？"
PASSWORD = "correct horse 电池"
LOCAL = "http://127.0.0.1"
POSTS = ("add", "describe", "remove", "put-back", "rebuild", "leave", "sign-in")


@pytest.fixture
def index(corpus_copy: Path, index_copy: Path) -> Path:
    """An index of a copy of the reports, both to be changed."""
    build_index(corpus_copy, index_copy)
    return index_copy


Make = Callable[..., TestClient]


@pytest.fixture
def make(index: Path) -> Make:
    """A client of the server's own routes and guard; `client.manager`, `client.serving`."""

    def make(password: str = "", base: str = LOCAL, peer: str = "127.0.0.1") -> TestClient:
        current = Serving(Assistant.load(str(index), check_corpus=False))
        manager = Manager(current, Access(Secret(password)), str(index), None)
        app = Starlette(
            routes=routes.routes(current) + manager.routes(),
            middleware=[Middleware(guard.Guard, admits=manager.admits)],
        )
        client = TestClient(app, base_url=base, client=(peer, 50000))
        client.headers["Origin"] = base
        client.manager, client.serving = manager, current  # type: ignore[attr-defined]
        return client

    return make


def sign_in(client: TestClient, password: str = PASSWORD) -> int:
    return int(client.post("/manage/sign-in", json={"password": password}).status_code)


def add(client: TestClient, name: str = "新县.txt", text: str = TEXT, **more: str) -> int:
    answer = client.post("/manage/add", params={"name": name, **more}, content=text.encode())
    return int(answer.status_code)


def wait(rebuild: Rebuild) -> None:
    end = time.monotonic() + 60
    while rebuild.progress.step:
        assert time.monotonic() < end
        time.sleep(0.02)


def corpus_of(client: TestClient) -> Path:
    return Path(client.manager.collection.folder)  # type: ignore[attr-defined]


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


# ---- who may -------------------------------------------------------------------------------


def everything(client: TestClient, **headers: str) -> set[int]:
    """The answers of every endpoint to a request that would do something."""
    name = corpus_of(client).joinpath("000-文水县.md").name
    facts = {"title": "劫持", "source": "", "region": "", "published": "", "seen": "", "name": name}
    bodies = {"add": TEXT.encode(), "put-back": b'{"token":""}', "rebuild": b"{}"}
    found = {client.get("/manage/status", headers=headers).status_code}
    for what in POSTS[:-1]:
        body = bodies.get(what, json.dumps(facts).encode())
        url = f"/manage/{what}" + ("?name=x.txt" if what == "add" else "")
        found.add(client.post(url, content=body, headers=headers).status_code)
    return found


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9999"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"host": "evil.example", "origin": "http://evil.example"},
        {"host": "evil.example", "sec-fetch-site": "same-origin"},
        {"x-forwarded-for": "10.0.0.7"},
        {"forwarded": "for=10.0.0.7"},
    ],
    ids=str,
)
def test_another_site_or_machine_does_not_manage_without_a_password(
    make: Make, headers: dict[str, str]
) -> None:
    client = make()
    before = snapshot(corpus_of(client))
    assert everything(client, **headers) == {403}
    assert client.get("/manage", headers=headers).status_code == 403
    assert snapshot(corpus_of(client)) == before
    assert not client.manager.rebuild.progress.step  # type: ignore[attr-defined]


def test_a_request_without_an_origin_changes_nothing(make: Make) -> None:
    client = make()
    del client.headers["Origin"]
    assert client.get("/manage").status_code == 200
    assert add(client) == 403


def test_a_colleague_does_not_manage_without_a_password(make: Make) -> None:
    client = make(peer="10.0.0.7")
    before = snapshot(corpus_of(client))
    assert everything(client) == {403}
    assert snapshot(corpus_of(client)) == before


def test_nobody_manages_before_the_password_is_given(make: Make) -> None:
    client = make(PASSWORD, base="http://10.0.0.5:7860", peer="10.0.0.7")
    before = snapshot(corpus_of(client))
    assert everything(client) == {401}
    assert snapshot(corpus_of(client)) == before
    page = client.get("/manage").text
    assert 'type="password"' in page
    assert "文水" not in page
    assert sign_in(client, "wrong") == 403
    assert everything(client, cookie="manage=forged") == {401}
    assert sign_in(client) == 204
    cookie = client.cookies.jar._cookies["10.0.0.5"]["/"]["manage"]  # type: ignore[attr-defined]
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite") == "strict"
    assert "文水" in client.get("/manage").text
    # Signed in or not, another site's page manages nothing.
    assert everything(client, origin="http://evil.example") == {403}
    assert add(client) == 200
    assert client.post("/manage/leave").status_code == 204
    client.cookies.set("manage", cookie.value)
    assert everything(client) == {401}


def test_a_password_is_asked_for_at_the_computer_itself_too(make: Make) -> None:
    client = make(PASSWORD)
    assert everything(client) == {401}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b'{"password": ["x"]}', b"[" * 90_000])
def test_a_crooked_sign_in_is_refused(make: Make, body: bytes) -> None:
    assert make(PASSWORD).post("/manage/sign-in", content=body).status_code in (400, 403)


def connection(host: str = "10.0.0.7", token: str = "") -> HTTPConnection:
    headers = [(b"host", b"h"), (b"origin", b"http://h"), (b"cookie", f"manage={token}".encode())]
    return HTTPConnection(
        {"type": "http", "method": "POST", "headers": headers, "client": (host, 1)}
    )


def test_guessing_is_slowed_down_and_the_right_password_does_not_help_meanwhile() -> None:
    now = [0.0]
    judge = Access(Secret(PASSWORD), clock=lambda: now[0])
    for _ in range(access.FREE_TRIES):
        with pytest.raises(RagError, match="密码不对"):
            judge.sign_in("wrong", connection())
    with pytest.raises(RagError, match="错得太多"):
        judge.sign_in(PASSWORD, connection())
    judge.sign_in(PASSWORD, connection("10.0.0.8"))
    guesses = 0
    while now[0] < 3600:
        now[0] += 0.5
        try:
            judge.sign_in("wrong", connection())
        except RagError as error:
            guesses += "密码不对" in str(error)
    assert guesses <= 25
    now[0] += access.LONGEST_WAIT_S + 1
    judge.sign_in(PASSWORD, connection())


def test_neighbours_of_one_network_share_their_tries() -> None:
    judge = Access(Secret(PASSWORD), clock=lambda: 0.0)
    for n in range(access.FREE_TRIES):
        with pytest.raises(RagError, match="密码不对"):
            judge.sign_in("wrong", connection(f"2001:db8::{n}"))
    with pytest.raises(RagError, match="错得太多"):
        judge.sign_in(PASSWORD, connection("2001:db8::ffff"))


def test_a_session_ends_by_itself_and_sessions_do_not_fill_the_memory() -> None:
    now = [0.0]
    judge = Access(Secret(PASSWORD), clock=lambda: now[0])
    token = judge.sign_in(PASSWORD, connection())
    assert judge.judge(connection(token=token)) == "yes"
    now[0] += access.SESSION_S + 1
    assert judge.judge(connection(token=token)) == "sign in"
    for _ in range(1100):
        judge.sign_in(PASSWORD, connection())
    assert len(judge._sessions) <= 1000


@pytest.mark.parametrize(
    ("asked", "host", "password", "given"),
    [
        (False, "127.0.0.1", "", "nothing"),
        (False, "0.0.0.0", "", "nothing"),
        (True, "127.0.0.1", "", "local"),
        (True, "localhost", "", "local"),
        (True, "::1", "", "local"),
        (True, "0.0.0.0", "", "error"),
        (True, "::", "", "error"),
        (True, "192.168.1.5", "", "error"),
        (True, "server", "", "error"),
        (False, "0.0.0.0", PASSWORD, "password"),
        (True, "127.0.0.1", PASSWORD, "password"),
    ],
)
def test_rights_are_not_given_unasked(asked: bool, host: str, password: str, given: str) -> None:
    if given == "error":
        with pytest.raises(RagError, match="RAG_MANAGE_PASSWORD"):
            grant(asked, host, Secret(password))
        return
    found = grant(asked, host, Secret(password))
    assert (found is None) == (given == "nothing")
    assert found is None or found.has_password == (given == "password")


def test_the_start_says_what_to_do_where_everybody_could_manage(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RAG_MANAGE_PASSWORD", raising=False)
    assert start.main(["--manage", "--host", "0.0.0.0"]) == 2
    error = capsys.readouterr().err
    assert "RAG_MANAGE_PASSWORD" in error
    assert error.count("\n") == 1
    monkeypatch.setenv("RAG_MANAGE_PASSWORD", "short")
    assert start.main([]) == 2
    error = capsys.readouterr().err
    assert "太短" in error
    assert "short" not in error


def test_a_changed_report_does_not_keep_those_out_who_can_rebuild(
    index: Path,
    corpus_copy: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    served: list[Manager | None] = []
    monkeypatch.setattr(start, "_serve", lambda _, manager, *__, **___: served.append(manager))
    (corpus_copy / "neu.txt").write_text(TEXT)
    assert start.main(["--index", str(index), "--no-browser"]) == 2
    assert "索引过期" in capsys.readouterr().err
    assert start.main(["--index", str(index), "--no-browser", "--manage"]) == 0
    (manager,) = served
    assert manager is not None
    assert manager.collection.folder == corpus_copy.resolve()


@pytest.fixture(scope="module")
def plain_server(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The web chat as it is started by default."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "app", "--index", str(built), "--port", str(port)]
    environment = {k: v for k, v in os.environ.items() if k != "RAG_MANAGE_PASSWORD"}
    log = tmp_path_factory.mktemp("log") / "log"
    with log.open("w") as out:
        server = subprocess.Popen(
            [*command, "--no-browser"], cwd=ROOT, stdout=out, stderr=out, env=environment
        )
    try:
        end = time.monotonic() + 90
        while "已启动" not in log.read_text():
            assert time.monotonic() < end, log.read_text()
            assert server.poll() is None, log.read_text()
            time.sleep(0.2)
        yield port
    finally:
        server.kill()
        server.wait()


def test_by_default_there_is_nothing_to_manage_with(plain_server: int) -> None:
    def ask(method: str, path: str, body: bytes = b"{}") -> tuple[int, str]:
        with closing(http.client.HTTPConnection("127.0.0.1", plain_server, timeout=20)) as raw:
            raw.request(method, path, body, {"Origin": f"http://127.0.0.1:{plain_server}"})
            answer = raw.getresponse()
            return answer.status, answer.read().decode("utf-8", "replace")

    assert ask("GET", "/health")[0] == 200
    for path in ("/manage", "/manage/", "/manage/status"):
        assert ask("GET", path)[0] == 404
    for what in POSTS:
        assert ask("POST", f"/manage/{what}?name=x.txt", TEXT.encode())[0] == 404
    assert ask("POST", "/manage/add?name=x.txt", b"x" * 2_000_000)[0] == 413
    status, page = ask("GET", "/")
    assert status == 200
    for words in ("show-manage", "manage/add", "管理报告"):
        assert words not in page


# ---- what comes in -------------------------------------------------------------------------


def test_only_an_upload_that_may_be_made_is_larger_than_a_question(make: Make) -> None:
    big = "大".encode() * 600_000
    client = make(PASSWORD)
    assert client.post("/manage/add?name=x.txt", content=big).status_code == 413
    sign_in(client)
    assert client.post("/manage/add?name=x.txt", content=big).status_code == 200
    assert client.post("/manage/describe", content=big).status_code == 413
    assert client.post("/export", content=big).status_code == 413
    huge = b"x" * (MAX_BYTES + 1)
    assert client.post("/manage/add?name=y.txt", content=huge).status_code == 413
    foreign = client.post(
        "/manage/add?name=y.txt", content=big, headers={"Origin": "http://evil.example"}
    )
    assert foreign.status_code == 413


def test_half_a_file_does_not_come_in() -> None:
    """The sender goes away in the middle of an upload."""
    import asyncio

    reached: list[object] = []

    async def app(*_: object) -> None:
        reached.append(_)

    messages = iter(
        [
            {"type": "http.request", "body": b"half", "more_body": True},
            {"type": "http.disconnect"},
        ]
    )

    async def receive() -> dict[str, object]:
        return next(messages)

    async def send(_: object) -> None:
        raise AssertionError("nobody is there to be answered")

    scope = {"type": "http", "method": "POST", "path": "/manage/add", "headers": []}
    asyncio.run(guard.Guard(app, admits=lambda _: True)(scope, receive, send))  # type: ignore[arg-type]
    assert reached == []


def test_a_crooked_request_does_not_end_in_an_error(make: Make) -> None:
    client = make()
    before = snapshot(corpus_of(client))
    for what in ("describe", "remove", "put-back"):
        for body in (b"", b"{", b"[]", b"7", b"{}", b"[" * 90_000, b'{"name": 1}'):
            assert client.post(f"/manage/{what}", content=body).status_code in (400, 422)
    assert client.post("/manage/add", content=TEXT.encode()).status_code == 400
    assert add(client, taken="always") == 400
    assert client.get("/manage/add").status_code == 405
    assert snapshot(corpus_of(client)) == before


def test_a_refused_file_is_told_with_its_reason(make: Make) -> None:
    client = make()
    for name, text, status, words in (
        ("a.doc", "x", 422, "另存为 .docx"),
        ("a.txt", "", 422, "文件为空"),
        ("000-文水县.txt", "别的内容。", 409, "同名而内容不同"),
    ):
        answer = client.post("/manage/add", params={"name": name}, content=text.encode())
        assert answer.status_code == status
        assert words in answer.text
    first = (corpus_of(client) / "000-文水县.md").read_bytes()
    answer = client.post("/manage/add", params={"name": "x.md"}, content=first)
    assert "内容与已有的“000-文水县.md”相同" in answer.text


def test_a_word_file_is_managed_like_the_others(make: Make) -> None:
    client = make()
    document = docx.Document()
    for line in TEXT.split("\n\n"):
        document.add_paragraph(line.strip())
    out = io.BytesIO()
    document.save(out)
    raw = out.getvalue()
    page = html.unescape(client.get("/manage").text)
    assert page.count(".txt,.md,.docx") == 2  # what can be dropped, what can be picked
    answer = client.post("/manage/add", params={"name": "新县.docx"}, content=raw)
    assert (answer.status_code, answer.json()) == (200, {"name": "新县.docx"})
    again = client.post("/manage/add", params={"name": "又.txt"}, content=TEXT.encode())
    assert (again.status_code, "与已有的“新县.docx”相同" in again.text) == (422, True)
    client.post("/manage/rebuild")
    wait(client.manager.rebuild)  # type: ignore[attr-defined]
    assert client.serving().ask(ASKED).citations[0].doc_id == "新县"  # type: ignore[attr-defined]
    assert "还没有重建" not in client.get("/manage").text
    facts = {"title": "新县", "source": "新县工会", "region": "河南省新县", "published": "2023"}
    seen = hashlib.sha256(raw).hexdigest()
    answer = client.post("/manage/describe", json={"name": "新县.docx", "seen": seen, **facts})
    assert answer.status_code == 200
    assert (corpus_of(client) / "新县.docx").read_bytes() == raw
    page = client.get("/manage").text
    assert "修改1份" in page
    assert "新县工会" in page
    assert "yaml" not in page
    client.post("/manage/rebuild")
    wait(client.manager.rebuild)  # type: ignore[attr-defined]
    assert client.serving().document("新县").source == "新县工会"  # type: ignore[attr-defined]
    assert client.post("/manage/remove", json={"name": "新县.docx"}).status_code == 200
    (removed,) = client.manager.collection.removed()  # type: ignore[attr-defined]
    assert client.post("/manage/put-back", json={"token": removed.token}).status_code == 200
    assert "还没有重建" not in client.get("/manage").text


def test_hostile_names_and_facts_stay_text(make: Make) -> None:
    client = make()
    evil = "<img src=x onerror=alert(1)>\"'&${x}"
    assert add(client, f"{evil}.txt", f"{evil}\n\n{TEXT}") == 200
    (corpus_of(client) / f"{evil.replace('/', '')}.pdf").write_bytes(b"x")
    name = next(e.name for e in client.manager.collection.entries() if e.name.endswith("txt"))  # type: ignore[attr-defined]
    facts = {"title": evil, "source": evil, "region": evil, "published": "", "seen": ""}
    assert client.post("/manage/describe", json={"name": name, **facts}).status_code == 200
    removed = client.post("/manage/remove", json={"name": f"{evil}.pdf"})
    assert removed.status_code == 200
    page = client.get("/manage").text
    assert "<img" not in page
    assert "onerror=alert" not in page.replace("onerror&#61;alert", "")
    assert client.get("/manage").headers["cache-control"] == "no-store"


# ---- the rebuild ---------------------------------------------------------------------------


def test_a_new_report_is_answered_from_after_the_rebuild_and_not_before(make: Make) -> None:
    client = make()
    old = client.serving()  # type: ignore[attr-defined]
    assert add(client) == 200
    facts = {"title": "新县纪实", "source": "", "region": "河南省新县", "published": "2023"}
    answer = client.post("/manage/describe", json={"name": "新县.txt", "seen": "", **facts})
    assert answer.status_code == 200
    assert "新增1份" in client.get("/manage/status").text
    assert client.serving().ask(ASKED).state == "abstained"  # type: ignore[attr-defined]
    assert client.post("/manage/rebuild").status_code == 202
    wait(client.manager.rebuild)  # type: ignore[attr-defined]
    status = client.get("/manage/status").text
    assert "重建完成：6份报告" in status
    assert "还没有重建" not in status
    answered = client.serving().ask(ASKED)  # type: ignore[attr-defined]
    assert "77场" in answered.text
    assert answered.citations[0].doc_id == "新县"
    # All that is shown follows; whoever holds the old assistant finishes with it.
    assert "新县纪实" in client.get("/reports").text
    assert "河南省" in client.get("/scope").text
    assert client.get("/health").json()["documents"] == 6
    assert client.get("/report", params={"id": "新县"}).status_code == 200
    assert "新县" not in old.searcher.index.documents
    assert old.ask(ASKED).state == "abstained"
    assert client.post("/manage/remove", json={"name": "新县.txt"}).status_code == 200
    assert "移除1份" in client.get("/manage/status").text
    client.post("/manage/rebuild")
    wait(client.manager.rebuild)  # type: ignore[attr-defined]
    assert client.serving().ask(ASKED).state == "abstained"  # type: ignore[attr-defined]
    assert client.get("/report", params={"id": "新县"}).status_code == 404


def test_a_question_under_way_does_not_change_its_reports(make: Make) -> None:
    """The events take the assistant once; a swap in mid-answer must not mix two collections."""
    from app import chat

    client = make()
    conversation = chat.Conversation()
    steps = chat.make_respond(client.serving)("文水县办了多少场培训？", "", conversation)  # type: ignore[attr-defined]
    next(steps)
    next(steps)

    class Broken:
        def __getattr__(self, name: str) -> object:
            raise AssertionError(f"the new assistant was asked for {name}")

    client.serving.swap(Broken())  # type: ignore[attr-defined]
    list(steps)
    assert "600余场" in conversation.turns[-1].reply


def test_a_rebuild_that_fails_leaves_the_old_index_answering(make: Make) -> None:
    client = make()
    for report in corpus_of(client).glob("0*.md"):
        assert client.post("/manage/remove", json={"name": report.name}).status_code == 200
    assert client.post("/manage/rebuild").status_code == 202
    wait(client.manager.rebuild)  # type: ignore[attr-defined]
    status = client.get("/manage/status").text
    assert "重建没有成功" in status
    assert "没有可读的报告" in status
    assert "600余场" in client.serving().ask("文水县五年办了多少场培训？").text  # type: ignore[attr-defined]
    assert "移除的报告（5份）" in client.get("/manage").text


def test_a_surprise_in_the_rebuild_is_not_shown_in_its_words(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    import rag

    def broken(*_: object) -> None:
        raise ZeroDivisionError("内部细节")

    monkeypatch.setattr(rag, "build_index", broken)
    client = make()
    before = client.serving()  # type: ignore[attr-defined]
    client.post("/manage/rebuild")
    wait(client.manager.rebuild)  # type: ignore[attr-defined]
    status = client.get("/manage/status").text
    assert serving.UNEXPECTED in status
    assert "内部细节" not in status
    assert client.serving() is before  # type: ignore[attr-defined]


def test_what_could_not_be_read_is_told_by_file(make: Make) -> None:
    client = make()
    (corpus_of(client) / "扫描件.pdf").write_bytes(b"%PDF")
    (corpus_of(client) / "坏.md").write_bytes(b"---\ntitle: [\n---\nx")
    page = client.get("/manage").text
    assert "YAML" in page
    client.post("/manage/rebuild")
    wait(client.manager.rebuild)  # type: ignore[attr-defined]
    status = client.get("/manage/status").text
    assert "2个文件没有收进索引" in status
    for words in ("扫描件", "暂不支持", "坏", "YAML"):
        assert words in status


def test_two_rebuilds_do_not_run_at_once_and_the_bar_is_not_made_up(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = make()
    go_on, reached = threading.Event(), threading.Event()
    real = Rebuild._embedded

    def held(self: Rebuild, done: int, total: int) -> None:
        real(self, done, total)
        reached.set()
        assert go_on.wait(60)

    monkeypatch.setattr(Rebuild, "_embedded", held)
    text = "".join(f"新县第{n}个车间在{n}月办了{n}场培训。\n" for n in range(300))
    assert add(client, "长.txt", text) == 200
    assert client.post("/manage/rebuild").status_code == 202
    assert reached.wait(60)
    again = client.post("/manage/rebuild")
    assert (again.status_code, again.text) == (409, "已经在重建了，请等它完成。")
    status = client.get("/manage/status").text
    progress = client.manager.rebuild.progress  # type: ignore[attr-defined]
    assert 0 < progress.done < progress.total
    assert f'max="{progress.total}" value="{progress.done}"' in status
    assert f"（{100 * progress.done // progress.total}%）" in status
    # Meanwhile the old index answers, and files can come in.
    assert "600余场" in client.serving().ask("文水县五年办了多少场培训？").text  # type: ignore[attr-defined]
    assert client.get("/health").json()["documents"] == 5
    assert add(client, "晚到.txt", "晚到的一份报告。") == 200
    go_on.set()
    wait(client.manager.rebuild)  # type: ignore[attr-defined]
    assert client.get("/health").json()["documents"] == 6
    status = client.get("/manage/status").text
    assert "重建完成" in status
    assert "新增1份" in status


def test_a_link_into_the_old_text_of_a_report_marks_nothing(make: Make) -> None:
    from app.sources import report_url

    client = make()
    document = client.serving().document("000-文水县")  # type: ignore[attr-defined]
    url = "/" + report_url(document.doc_id, 1, [], document.text) + "&mark=1.6.35.0.0"
    assert "<mark" in client.get(url).text
    path = corpus_of(client) / "000-文水县.md"
    path.write_text("全新的内容，" + path.read_text().split("---\n", 2)[2])
    client.post("/manage/rebuild")
    wait(client.manager.rebuild)  # type: ignore[attr-defined]
    answer = client.get(url)
    assert answer.status_code == 409
    assert "报告已更新" in answer.text


def test_a_missing_folder_of_reports_is_told_at_the_start(index: Path, corpus_copy: Path) -> None:
    shutil.rmtree(corpus_copy)
    current = Serving(Assistant.load(str(index)))
    with pytest.raises(CorpusError, match=r"corpus”.*搬了家.*rag index"):
        Manager(current, Access(Secret("")), str(index), None)
