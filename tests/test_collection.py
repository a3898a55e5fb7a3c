"""The folder of reports as a person keeps it: nothing lost, nothing outside, no text touched."""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rag.collection import REMOVED, Collection
from rag.corpus import MAX_BYTES, corpus_digest, read_corpus, read_document
from rag.errors import CollectionError, CorpusError, NameTakenError
from rag.front_matter import restate
from rag.intake import Facts, numbered, region_path, safe_name, usable

TEXT = "甲县2023年举办陶艺培训班77场，参加职工880人次。\n\n乙镇建成职工之家12个。\n"
FACTS = Facts("甲县产改纪实", "甲县工会", "河南省/信阳市/甲县", "2023-05-06")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "first.md").write_text(
        "---\ntitle: 第一份\nregion: 甲省\nnote: 留着\n---\n第一份报告的正文。"
    )
    return folder


@pytest.fixture
def collection(folder: Path) -> Collection:
    return Collection(folder)


def names(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


# ---- names ---------------------------------------------------------------------------------


@given(st.text(max_size=300))
@example("../../etc/passwd")
@example("..\\..\\boot.ini")
@example("/absolute/路径/报告.md")
@example(".hidden.md")
@example("...")
@example("README.md")
@example("con.txt")
@example("NUL")
@example("~$报告.docx")
@example("字" * 300 + ".md")
@example("a\x00b\n\u202ec.md")
@example("a.md ")
@example("\ud800.md")
@example("x" * 176 + " .md")
def test_no_text_makes_a_name_that_is_unsafe(name: str) -> None:
    safe = safe_name(name)
    assert safe
    assert safe == Path(safe).name
    assert not set(safe) & set('/\\<>:"|?*\0\n\r\t\u202e\u200b')
    assert not safe.startswith((".", " ", "~$"))
    assert not safe.endswith((".", " "))
    assert len(safe.encode()) <= 180
    assert Path(safe).stem.lower() not in {"readme", "sources", "con", "nul", ".", ".."}
    assert safe_name(safe) == safe


@given(name=st.text(max_size=80))
@example(name="~$")  # as Word names its note of an open file: taken in, and never seen again
@example(name="README")
def test_no_name_leads_out_of_the_folder(
    name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("corpus")
    entry = Collection(folder).add(f"{name}.txt", TEXT.encode())
    (only,) = names(folder)
    assert only == entry.name
    assert "/" not in only
    assert [d.doc_id for d in read_corpus(folder).documents] == [entry.doc_id]


@pytest.mark.parametrize(
    "name", ["../secret.md", "/etc/passwd", "first", "", ".removed/x", "./first.md", "FIRST.MD"]
)
def test_a_name_that_is_not_listed_names_nothing(
    folder: Path, collection: Collection, name: str
) -> None:
    (folder.parent / "secret.md").write_text(TEXT)
    before = names(folder.parent)
    for act in (collection.remove, collection.put_back, lambda n: collection.describe(n, FACTS)):
        with pytest.raises(CollectionError, match=r"没有|不在"):
            act(name)
    assert names(folder.parent) == before


def test_a_link_is_not_followed(folder: Path, collection: Collection) -> None:
    outside = folder.parent / "secret.md"
    outside.write_text(TEXT)
    (folder / "out.md").symlink_to(outside)
    (folder / "in.md").symlink_to(folder / "first.md")
    assert [e.name for e in collection.entries()] == ["first.md", "in.md"]
    for act in (collection.remove, lambda n: collection.describe(n, FACTS)):
        with pytest.raises(CollectionError, match="没有叫"):
            act("out.md")
        with pytest.raises(CollectionError, match="链接"):
            act("in.md")
    assert outside.read_text() == TEXT


# ---- adding --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "raw", "words"),
    [
        ("a.doc", b"PK", "暂不支持.doc文件.*另存为 .docx"),
        ("a", TEXT.encode(), "没有扩展名"),
        ("a.txt", b"", "文件为空"),
        ("a.txt", b"\0\1\2", "不是文本"),
        ("a.md", b"---\ntitle: [\n---\nx", "YAML"),
        ("a.md", b"---\ntitle: x\n---\n", "没有正文"),
        ("a.txt", random.Random(1).randbytes(3000).replace(b"\0", b"x"), "无法识别|不是文本"),
    ],
)
def test_what_is_no_report_does_not_come_in(
    folder: Path, collection: Collection, name: str, raw: bytes, words: str
) -> None:
    with pytest.raises(CollectionError, match=words) as caught:
        collection.add(name, raw)
    assert f"“{name}”" in str(caught.value)
    assert names(folder) == {"first.md"}
    assert list(folder.iterdir()) == [folder / "first.md"]


def test_a_file_that_is_too_large_does_not_come_in(folder: Path, collection: Collection) -> None:
    with pytest.raises(CollectionError, match="最多 20 MB"):
        collection.add("a.txt", b"a" * (MAX_BYTES + 1))
    assert names(folder) == {"first.md"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_the_same_report_does_not_come_in_twice(collection: Collection, encoding: str) -> None:
    collection.add("一.txt", TEXT.encode())
    again = f"---\ntitle: 别的题目\n---\n{TEXT}\n".replace("\n", "\r\n").encode(encoding)
    with pytest.raises(CollectionError, match=r"内容与已有的“一\.txt”相同"):
        collection.add("二.md", again)


@pytest.mark.parametrize("name", ["first.md", "FIRST.txt", "first.TXT"])
def test_a_report_of_the_same_name_is_not_overwritten(
    folder: Path, collection: Collection, name: str
) -> None:
    before = (folder / "first.md").read_bytes()
    with pytest.raises(NameTakenError, match=r"同名而内容不同的“first\.md”"):
        collection.add(name, TEXT.encode())
    assert names(folder) == {"first.md"}
    entry = collection.add(name, TEXT.encode(), "number")
    assert entry.doc_id.lower() == "first-2"
    assert (folder / "first.md").read_bytes() == before


def test_a_replaced_report_is_not_lost_and_what_was_said_of_it_stays(
    folder: Path, collection: Collection
) -> None:
    old = (folder / "first.md").read_bytes()
    entry = collection.add("first.txt", TEXT.encode(), "replace")
    assert (entry.name, entry.facts.title, entry.facts.region) == ("first.txt", "第一份", "甲省")
    (removed,) = collection.removed()
    assert removed.name == "first.md"
    assert (folder / REMOVED / removed.token / "first.md").read_bytes() == old
    assert {d.doc_id for d in read_corpus(folder).documents} == {"first"}


def test_a_replacement_that_fails_leaves_the_old_report(
    folder: Path, collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, real = (folder / "first.md").read_bytes(), Path.touch

    def full(path: Path, *args: object, **more: object) -> None:
        if path.name == "first.txt":
            raise OSError(28, "No space left on device")
        real(path, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, "touch", full)
    with pytest.raises(CollectionError, match="No space left"):
        collection.add("first.txt", TEXT.encode(), "replace")
    assert (folder / "first.md").read_bytes() == old
    assert collection.removed() == []


def test_a_folder_that_cannot_be_written_is_told(
    collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.mkdtemp", refused)
    with pytest.raises(CollectionError, match=r"Permission denied.*检查权限"):
        collection.add("a.txt", TEXT.encode())


def test_what_is_coming_in_is_not_read_as_a_report(
    folder: Path, collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    real = Path.replace

    def looking(path: Path, target: Path) -> Path:
        seen.extend(d.doc_id for d in read_corpus(folder).documents)
        return real(path, target)

    monkeypatch.setattr(Path, "replace", looking)
    collection.add("neu.txt", TEXT.encode())
    assert seen == ["first"]
    assert corpus_digest(folder) == read_corpus(folder).digest


def test_what_a_killed_program_left_is_swept_and_what_another_writes_is_not(folder: Path) -> None:
    for name, age in ((".incoming-old", 7200), (".incoming-new", 10)):
        (folder / name).mkdir()
        (folder / name / "x.md").write_text(TEXT)
        os.utime(folder / name, (time.time() - age, time.time() - age))
    Collection(folder)
    assert names(folder) == {"first.md", ".incoming-new/x.md"}


# ---- describing ----------------------------------------------------------------------------

BODIES = [TEXT, "没有分段的一行。", f"\n\n{TEXT}", "---\n不是元数据的一行。\n---\n正文。\n"]
HEADS = ["", "---\nnote: 留着\ntitle: '旧: 题'\n---\n", "\n---\n---\n", "---\r\n# 注\r\n...\r\n"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "gb18030"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("body", BODIES)
def test_a_description_does_not_touch_the_text(
    tmp_path: Path, encoding: str, newline: str, head: str, body: str
) -> None:
    raw = f"{head}{body}".replace("\r\n", "\n").replace("\n", newline)
    bom = {"utf-8-sig": b"\xef\xbb\xbf", "utf-16": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}
    plain = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le"}.get(encoding, encoding)
    tail = body.replace("\n", newline).encode(plain)
    before = bom.get(encoding, b"") + raw.encode(plain)
    collection = Collection(tmp_path)
    entry = collection.add("一.txt", before)
    text = read_document(tmp_path / "一.txt").text
    changed = collection.describe("一.txt", FACTS, entry.sha256)
    assert changed.facts == FACTS
    after = (tmp_path / "一.txt").read_bytes()
    assert after.startswith(bom.get(encoding, b"---"))
    assert after.endswith(tail)
    head_lines = after[: -len(tail)].decode(plain if "16" in plain else encoding, "replace")
    assert "\r\n" not in raw or head_lines.count("\n") == head_lines.count("\r\n")
    assert read_document(tmp_path / "一.txt").text == text
    cleared = collection.describe("一.txt", Facts())
    assert (cleared.facts.source, cleared.facts.region, cleared.facts.published) == ("", "", "")
    assert read_document(tmp_path / "一.txt").text == text


def test_what_else_a_file_says_of_itself_is_kept(folder: Path, collection: Collection) -> None:
    collection.describe("first.md", FACTS)
    raw = (folder / "first.md").read_text()
    assert "note: 留着" in raw
    assert raw.endswith("---\n第一份报告的正文。")
    assert "published: 2023-05-06\n" in raw


def test_a_file_is_left_alone_where_its_text_would_change(
    folder: Path, collection: Collection
) -> None:
    """The reader does not see the zero-width space; whoever rewrites must not miss that."""
    path = folder / "odd.txt"
    path.write_text("-\u200b--\ntitle: 旧题\n---\n正文在此。")
    before = path.read_bytes()
    with pytest.raises(CollectionError, match="改不了"):
        collection.describe("odd.txt", FACTS)
    assert path.read_bytes() == before


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_title_breaks_a_file(title: str, source: str) -> None:
    facts = usable(Facts(title=title, source=source))
    raw = restate(TEXT.encode(), {"title": facts.title, "source": facts.source})
    assert raw.endswith(TEXT.encode())
    again = restate(raw, {"title": "", "source": ""})
    assert again.strip() == TEXT.encode().strip()


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (Facts(published="去年"), "看不懂发布日期“去年”"),
        (Facts(published="2023-02-30"), "看不懂发布日期"),
        (Facts(title="长" * 201), "标题有 201 个字"),
    ],
)
def test_a_fact_that_cannot_be_used_is_told(
    folder: Path, collection: Collection, facts: Facts, words: str
) -> None:
    before = (folder / "first.md").read_bytes()
    with pytest.raises(CollectionError, match=words):
        collection.describe("first.md", facts)
    assert (folder / "first.md").read_bytes() == before


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("江苏省/盐城市/阜宁县", "江苏省/盐城市/阜宁县"),
        ("江苏省盐城市阜宁县", "江苏省/盐城市/阜宁县"),
        (" 江苏省 盐城市\uff0f阜宁县 ", "江苏省/盐城市/阜宁县"),
        ("江苏省>盐城市", "江苏省/盐城市"),
        ("内蒙古自治区通辽市科尔沁左翼后旗", "内蒙古自治区/通辽市/科尔沁左翼后旗"),
        ("延边朝鲜族自治州延吉市", "延边朝鲜族自治州/延吉市"),
        ("江苏省苏州市", "江苏省/苏州市"),
        ("山东省枣庄市市中区", "山东省/枣庄市/市中区"),
        ("荆州市沙市区", "荆州市沙市区"),
        ("全国", "全国"),
        ("", ""),
    ],
)
def test_a_region_is_understood_as_people_write_it(text: str, path: str) -> None:
    assert region_path(text) == path


def test_a_change_made_on_an_old_view_does_not_undo_anothers(
    folder: Path, collection: Collection
) -> None:
    (seen,) = collection.entries()
    collection.describe("first.md", FACTS, seen.sha256)
    with pytest.raises(CollectionError, match="刚被别人改过"):
        collection.describe("first.md", Facts(title="旧的"), seen.sha256)
    assert collection.entries()[0].facts == FACTS


def test_what_cannot_be_read_is_not_described_but_can_be_removed(
    folder: Path, collection: Collection
) -> None:
    (folder / "broken.md").write_bytes(b"---\ntitle: [\n---\nx")
    (folder / "a.pdf").write_bytes(b"%PDF")
    reasons = {e.name: e.reason for e in collection.entries()}
    assert "YAML" in reasons["broken.md"]
    assert "暂不支持.pdf" in reasons["a.pdf"]
    with pytest.raises(CollectionError, match="读不出来"):
        collection.describe("broken.md", FACTS)
    collection.remove("broken.md")
    assert names(folder) >= {"a.pdf", "first.md"}


# ---- the list ------------------------------------------------------------------------------


def test_the_list_does_not_say_other_than_what_is_indexed(folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "x.txt").write_text(TEXT)
    (folder / "first.txt").write_text("同名的另一份。")
    (folder / "empty.txt").write_text("")
    (folder / "SOURCES.md").write_text("不是报告。")
    (folder / ".hidden.md").write_text("不是报告。")
    entries = Collection(folder).entries()
    corpus = read_corpus(folder)
    assert {e.doc_id: e.sha256 for e in entries if not e.reason} == {
        d.doc_id: d.sha256 for d in corpus.documents
    }
    assert {(e.name, e.reason) for e in entries if e.reason} == {
        (s.name, s.reason) for s in corpus.skipped
    }


def test_an_edit_from_elsewhere_is_not_missed(folder: Path, collection: Collection) -> None:
    (before,) = collection.entries()
    (folder / "first.md").write_text(
        "---\ntitle: 第二份\nregion: 甲省\nnote: 留着\n---\n另外的正文在此。"
    )
    (after,) = collection.entries()
    assert after.facts.title == "第二份"
    assert after.digest != before.digest
    (folder / "first.md").unlink()
    assert collection.entries() == []


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="找不到报告文件夹"):
        Collection(tmp_path / "none")


# ---- removing and putting back -------------------------------------------------------------


def test_a_removed_report_is_neither_lost_nor_read(folder: Path, collection: Collection) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "二.txt").write_text(TEXT)
    raw = (folder / "sub" / "二.txt").read_bytes()
    removed = collection.remove("sub/二.txt")
    assert [d.doc_id for d in read_corpus(folder).documents] == ["first"]
    assert [e.name for e in collection.entries()] == ["first.md"]
    assert collection.put_back(removed.token).name == "sub/二.txt"
    assert (folder / "sub" / "二.txt").read_bytes() == raw
    assert collection.removed() == []


def test_putting_back_does_not_overwrite_or_double(folder: Path, collection: Collection) -> None:
    collection.add("二.txt", TEXT.encode())
    removed = collection.remove("二.txt")
    other = collection.add("二.md", "别的内容。".encode())
    with pytest.raises(NameTakenError, match="已有同名"):
        collection.put_back(removed.token)
    collection.remove(other.name)
    collection.add("三.txt", TEXT.encode())
    with pytest.raises(CollectionError, match=r"内容与“三\.txt”相同"):
        collection.put_back(removed.token)
    assert len(collection.removed()) == 2


@pytest.mark.parametrize("token", ["", "..", "../corpus", "20230101-000000-deadbeef"])
def test_a_forged_token_puts_nothing_back(folder: Path, collection: Collection, token: str) -> None:
    (folder / REMOVED / "notes").mkdir(parents=True)
    (folder / REMOVED / "notes" / "x.md").write_text(TEXT)
    outside = folder.parent / "outside"
    outside.mkdir()
    (outside / "geheim.md").write_text(TEXT)
    (folder / REMOVED / "20230101-000000-deadbeef").symlink_to(outside)
    assert collection.removed() == []
    with pytest.raises(CollectionError, match="已经不在"):
        collection.put_back(token)


def test_a_description_does_not_change_who_may_read_the_file(
    folder: Path, collection: Collection
) -> None:
    (folder / "first.md").chmod(0o640)
    collection.describe("first.md", FACTS)
    assert (folder / "first.md").stat().st_mode & 0o777 == 0o640


def test_numbers_do_not_repeat() -> None:
    assert numbered("报告.md", {"报告", "报告-2"}) == "报告-3.md"
