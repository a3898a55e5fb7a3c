"""The reader of reports: every test is named after the fault it forbids."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.corpus import MAX_BYTES, Corpus, corpus_digest, read_corpus, read_document
from rag.errors import CorpusError
from rag.repair import clean, paragraphs
from rag.types import Document

ROOT = Path(__file__).parent.parent
CORPUS = ROOT / "corpus"
ORIGINALS = ROOT.parent / "shared" / "corpus_source"
CHINESE = "文水县工会发挥自身优势,聚焦培养技能人才。五年来,累计开展技能培训600余场。"


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return read_corpus(CORPUS)


def by_id(corpus: Corpus) -> dict[str, Document]:
    return {document.doc_id: document for document in corpus.documents}


def bare(text: str) -> str:
    return "".join(text.split())


def sources() -> list[dict[str, Any]]:
    """The YAML blocks of SOURCES.md, one for each report."""
    text = (CORPUS / "SOURCES.md").read_text(encoding="utf-8")
    return [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", text, re.S)]


def repaired(text: str, markdown: bool = False) -> list[str]:
    return paragraphs(clean(text), markdown)[0].split("\n")


# --- the five reports -------------------------------------------------------------------


def test_all_five_reports_are_read_and_nothing_else(corpus: Corpus) -> None:
    assert [d.doc_id for d in corpus.documents] == [
        "000-文水县",
        "001-丰县",
        "002-阜宁县",
        "003-盐城市",
        "004-朝阳市",
    ]
    assert corpus.skipped == ()


def test_metadata_says_what_is_known_and_marks_what_is_inferred(corpus: Corpus) -> None:
    known = {d.doc_id[:3]: (d.region, d.published, d.published_inferred) for d in corpus.documents}
    assert known == {
        "000": ("山西省/吕梁市/文水县", "unknown", "2023"),
        "001": ("江苏省/徐州市/丰县", "unknown", "2021"),
        "002": ("江苏省/盐城市/阜宁县", "2023-02-02", ""),
        "003": ("江苏省/盐城市", "2022-11-29", ""),
        "004": ("辽宁省/朝阳市", "unknown", "2024"),
    }
    assert all(d.title and d.source for d in corpus.documents)


@pytest.mark.parametrize("source", sources(), ids=lambda s: s["file"][:3])
def test_a_slip_of_the_keyboard_does_not_change_a_report(
    corpus: Corpus, source: dict[str, Any]
) -> None:
    body = bare(by_id(corpus)[source["file"].removesuffix(".md")].text)
    assert len(body) == source["body_characters"]
    assert hashlib.sha256(body.encode()).hexdigest() == source["body_sha256"]


@pytest.mark.skipif(not ORIGINALS.is_dir(), reason="the files as received are not here")
@pytest.mark.parametrize("source", sources(), ids=lambda s: s["file"][:3])
def test_no_fact_of_the_original_is_lost_or_added(corpus: Corpus, source: dict[str, Any]) -> None:
    """Original less dropped lines + listed edits = document, character by character."""
    raw = (ORIGINALS / source["original"]).read_bytes()
    assert hashlib.sha256(raw).hexdigest() == source["original_sha256"]
    lines = raw.decode("utf-8").split("\n")
    for dropped in source["dropped"]:
        assert lines[dropped["line"] - 1].strip() == dropped["text"]
        lines[dropped["line"] - 1] = ""
    for edit in source["edits"]:
        if edit["kind"] == "moved line":  # to the end
            assert lines[edit["line"] - 1].strip() == edit["text"]
            lines[edit["line"] - 1] = ""
            lines.append(edit["text"])
        else:
            assert edit["kind"] == "line break inserted"
            assert lines[edit["line"] - 1].startswith(edit["after"])
    document = by_id(corpus)[source["file"].removesuffix(".md")]
    assert bare(document.text) == bare("".join(lines))


def test_only_site_navigation_and_repeated_titles_were_dropped() -> None:
    for source in sources():
        for line in source["dropped"]:
            assert line["why"] in {"navigation", "duplicate title"}
            assert not re.search(r"\d|。", line["text"]), "a figure or a sentence is content"


@pytest.mark.parametrize(
    ("doc_id", "sentence"),
    [
        ("001-丰县", "江苏君乐宝乳业有限公司(2019年8月定位徐州市产改试点企业)、徐州佳合"),
        ("001-丰县", "注重精神文明塑造。开展党史学习教育,实施红色文化浸润工程"),
        ("001-丰县", "改革工作纳入丰县“十四五”发展规划。8月18日"),
        ("001-丰县", "认为抓得实,成效大,并对下一步产改工作提出了具体要求。"),
        ("001-丰县", "不断创新活动载体,充分发挥党建指导员作用"),
        ("001-丰县", "更好服务产业工人需求。创新推进“职工之家”建设。"),
        ("003-盐城市", "\n寻找稻香,集思广益开发“创新田”\n发挥“开发园区+党建工建”"),
        ("003-盐城市", "发布时间:2022-11-29 08:32:58"),
        ("004-朝阳市", "\n编审:市总宣传教育和网络工作部"),
    ],
)
def test_sentences_broken_by_the_web_copy_are_whole(
    corpus: Corpus, doc_id: str, sentence: str
) -> None:
    assert sentence in by_id(corpus)[doc_id].text


def test_headings_and_captions_stay_lines_of_their_own(corpus: Corpus) -> None:
    lines = {line for document in corpus.documents for line in document.text.split("\n")}
    assert {
        "夯实政治根基",
        "培根铸魂培育产业工人",
        "丰富:共享聚心美生活",
        "以点带面,循序渐进增加“试验田”",
        "为产业工人开展安全生产专题宣讲暨劳动保护监督培训",
        "丰县举办第十三届职工技能大赛比武活动,近万名产业工人参加了41个工种的比赛",
        "记者 陶睿 李勇",
        "党工联动强基推动 赋能带动温暖行动",
    } <= lines


def test_every_paragraph_of_running_text_ends_where_a_sentence_ends(corpus: Corpus) -> None:
    for document in corpus.documents:
        for line in document.text.split("\n"):
            if len(line) > 60:
                assert re.search(r"[。”)]$", line), line[-30:]


def test_half_width_punctuation_is_kept_as_printed(corpus: Corpus) -> None:
    assert "参与产业工人3.2万人(次)。" in by_id(corpus)["000-文水县"].text


def test_labelled_evidence_lies_in_the_documents(corpus: Corpus) -> None:
    texts = {d.doc_id[:3]: fold(d.text) for d in corpus.documents}
    path = ROOT / "benchmarks" / "questions" / "dev.jsonl"
    questions = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert len(questions) > 50
    for question in questions:
        for evidence in question["evidence"]:
            assert any(fold(evidence) in texts[doc] for doc in question["doc"]), evidence


def fold(text: str) -> str:
    return bare(unicodedata.normalize("NFKC", text))


# --- line repair ------------------------------------------------------------------------

LONG = "2020年,全县上下认真贯彻落实省、市部署要求,强化组织领导,狠抓部署落实。对丰县的产改工作"


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        (LONG + "予\n\n以高度评价,认为抓得实。", [LONG + "予以高度评价,认为抓得实。"]),
        ("徐州市产改试点企\n\n业)、徐州佳合食品公司。", None),  # nothing marks 企 as unfinished
        ("(2019年8月定位试点企\n\n业)、徐州佳合。", ["(2019年8月定位试点企业)、徐州佳合。"]),
        ("注重塑造。开展党史\n\n学习教育,实施工程。", ["注重塑造。开展党史学习教育,实施工程。"]),
        ("组建专班。工作纳入丰县\n\n“十四五”规划。", ["组建专班。工作纳入丰县“十四五”规划。"]),
        ("开展技能培训,\n\n参与三万人", ["开展技能培训,参与三万人"]),
        ("出台《产业工人\n队伍改革方案》", ["出台《产业工人队伍改革方案》"]),
        ("举办“台交会\n”和展会。", ["举办“台交会”和展会。"]),
        ("他说:“好。\n”大家鼓掌。", ["他说:“好。”大家鼓掌。"]),
        ("参赛选手达\n，共三百名", ["参赛选手达，共三百名"]),
        ("We train workers.\nWe use the\nOpen AI tools.", None),
    ],
)
def test_a_word_broken_across_lines_is_joined(broken: str, whole: list[str] | None) -> None:
    assert repaired(broken) == (whole or [line for line in broken.split("\n") if line])


@pytest.mark.parametrize(
    "lines",
    [
        ["夯实政治根基", "近年来,县委高度重视产改工作,成立了领导小组。"],
        ["全县召开推进会。会议强调", "一、提高认识", "各单位要高度重视。"],
        ["全县召开推进会。会议强调", "• 提高认识,统一思想。", "• 加强领导,落实责任。"],
        ["全县召开推进会。会议强调", "记者 陶睿 李勇", "2022年11月29日"],
        ["成效显著。工会表示", "县总工会领导向环卫工人发放慰问品", "丰富:共享聚心美生活"],
        ["以实际行动庆祝。(丰县产改办供稿,曹明虎统筹)", "现场观摩集体协商会议会场。共三图。"],
        [
            "全县形势向好。下一步",
            "![图片](http://a/b.png)",
            "<!-- 页脚。 -->",
            "| 甲。 | 乙 |",
            "丙。",
        ],
        ["**（一）稳中求进。**", "加快发展高新技术产业。成效明显。"],
        ["问题得到解决。", "”八五”期间成绩很大。"],
        ["主要任务如下:", "开展技能培训,参与三万人。"],
        ["朱冬梅说:“帮助太大了!”", "盐城市坚持典型培树,上下联动。"],
    ],
)
def test_a_line_of_its_own_is_not_swallowed(lines: list[str]) -> None:
    assert repaired("\n\n".join(lines)) == lines
    assert repaired("\n".join(lines)) == lines


def test_a_caption_between_paragraphs_is_not_swallowed() -> None:
    lines = [LONG + "予以评价。", "县总工会领导向一线环卫工人发放慰问品", LONG + "予以肯定。"]
    assert repaired("\n\n\n".join(lines)) == lines


def test_an_indented_paragraph_is_not_joined_to_one_without_end_mark() -> None:
    lines = ["开展党史学习。成效明显", "下一步,全县将继续努力。"]
    assert repaired("\n".join("　　" + line for line in lines) + "\n末行。") == [*lines, "末行。"]


@pytest.mark.parametrize("width", [20, 34, 40, 60])
@pytest.mark.parametrize("unit", ["characters", "columns"])
def test_hard_wrapped_text_is_unwrapped(corpus: Corpus, width: int, unit: str) -> None:
    """Wrapped anew, the reports come back, but for a space that stood at a line's end."""
    for document in corpus.documents:
        lines = document.text.split("\n")
        wrapped = "\n\n".join("\n".join(wrap(line, width, unit)) for line in lines)
        assert [bare(line) for line in repaired(wrapped)] == [bare(line) for line in lines]


def wrap(line: str, width: int, unit: str) -> list[str]:
    rows, room = [""], float(width)
    for char in line:
        size = 0.5 if unit == "columns" and unicodedata.east_asian_width(char) not in "WF" else 1
        if size > room and not (unit == "columns" and char in "，。、；：！？”》）,"):
            rows.append("")
            room = width
        rows[-1] += char
        room -= size
    return rows


def test_wrapped_paragraphs_marked_by_indents_only_stay_apart(corpus: Corpus) -> None:
    document = by_id(corpus)["004-朝阳市"]
    lines = document.text.split("\n")
    wrapped = "\n".join("\n".join(wrap("　　" + line, 40, "characters")) for line in lines)
    assert [bare(line) for line in repaired(wrapped)] == [bare(line) for line in lines]


def test_wrapped_english_keeps_its_spaces() -> None:
    text = "The county trains\nits workers well,\nand has done so\nfor five years."
    assert repaired(text) == ["The county trains its workers well, and has done so for five years."]


def test_a_list_of_equally_long_lines_is_not_taken_for_wrapped_text() -> None:
    lines = [f"第{n}项工作是组织全县产业工人开展技能培训和劳动竞赛。" for n in "一二三四五六"]
    assert repaired("\n".join(lines)) == lines
    titles = [f"某县{n}镇召开产业工人队伍建设改革工作推进会议" for n in "甲乙丙丁戊己"]
    assert repaired("\n".join(titles)) == titles


# --- normalisation ----------------------------------------------------------------------


def test_invisible_characters_are_all_removed() -> None:
    for code in range(sys.maxunicode + 1):
        char = chr(code)
        if unicodedata.category(char) == "Cf":
            assert clean(char) == "", hex(code)


def test_text_is_not_folded_to_another_width() -> None:
    assert clean("２０２０年（①）ﬁ") == "２０２０年（①）ﬁ"


@given(st.text())
@settings(max_examples=200, deadline=None)
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(st.text(alphabet="产改工人。，,“”《》()abc12 .\n\t　#-•", max_size=200), st.booleans())
@settings(max_examples=500, deadline=None)
def test_repair_loses_adds_and_reorders_nothing(text: str, markdown: bool) -> None:
    joined, headings = paragraphs(clean(text), markdown)
    before, after = bare(text), bare(joined)
    if markdown:
        before, after = before.replace("#", ""), after.replace("#", "")
    assert after == before
    assert all(line == line.strip() != "" for line in joined.split("\n") if joined)
    for span in headings:
        assert joined[span.start - 1 : span.start] in {"", "\n"}
        assert "\n" not in joined[span.start : span.end]


# --- files ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw",
    [
        CHINESE.encode(),
        b"\xef\xbb\xbf" + CHINESE.encode(),
        CHINESE.encode("utf-16"),
        b"\xfe\xff" + CHINESE.encode("utf-16-be"),
        CHINESE.encode("gb18030"),
        CHINESE.replace("。", "。\r\n").encode("gbk"),
    ],
    ids=["utf-8", "utf-8-bom", "utf-16-le", "utf-16-be", "gb18030", "gbk-crlf"],
)
def test_no_encoding_in_use_turns_to_mojibake(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "报告.txt"
    path.write_bytes(raw)
    document = read_document(path)
    assert bare(document.text) == CHINESE
    assert document.sha256 == hashlib.sha256(raw).hexdigest()
    assert document.doc_id == "报告"


BAD = {
    "empty.txt": (b"", "文件为空"),
    "blank.md": (b" \n\t\n", "文件为空"),
    "only_invisible.txt": ("\u200b\ufeff".encode(), "没有正文"),
    "only_front_matter.md": (b"---\ntitle: x\n---\n", "没有正文"),
    "binary.txt": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "二进制"),
    "control.txt": (b"abc\x01\x02\x03\x04\x05\x06def", "二进制"),
    "damaged.txt": (CHINESE.encode()[:60] + b"\xff" + CHINESE.encode()[60:], "编码"),
    "cut.txt": (CHINESE.encode()[:-1], "编码"),
    "big5.txt": ("產業工人隊伍建設改革,開展勞動競賽,維護職工權益。".encode("big5"), "编码"),
    "latin.txt": ("déjà vu".encode("latin-1"), "编码"),
    "odd_utf16.txt": (b"\xff\xfea", "编码"),
    "broken_yaml.md": ("---\ntitle: [\n---\n正文。".encode(), "YAML"),
    "no_such_day.md": ("---\npublished: 2023-13-45\n---\n正文。".encode(), "YAML"),
    "list.md": ("---\n- a\n---\n正文。".encode(), "名称: 值"),
    "wrong_type.md": ("---\ntitle: {a: b}\n---\n正文。".encode(), "title"),
    "deep.md": (b"---\ntitle: " + b"[" * 5000 + b"\n---\nx", "YAML"),
    "report.pdf": (b"%PDF-1.7", ".pdf"),
    "large.txt": (b"a" * (MAX_BYTES + 1), "20 MB"),
}


def test_one_bad_file_does_not_cost_the_others(tmp_path: Path) -> None:
    for name, (raw, _) in BAD.items():
        (tmp_path / name).write_bytes(raw)
    (tmp_path / "good.txt").write_text(CHINESE, encoding="utf-8")
    corpus = read_corpus(tmp_path)
    assert [d.doc_id for d in corpus.documents] == ["good"]
    assert {s.name for s in corpus.skipped} == set(BAD)
    for skipped in corpus.skipped:
        assert BAD[skipped.name][1] in skipped.reason


def test_a_bad_file_read_alone_names_itself_and_the_reason(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_bytes(b"")
    with pytest.raises(CorpusError, match=r"x\.txt.*为空"):
        read_document(tmp_path / "x.txt")
    with pytest.raises(CorpusError, match=r"y\.txt"):
        read_document(tmp_path / "y.txt")


def test_nothing_to_read_is_one_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"找不到.*nowhere"):
        read_corpus(tmp_path / "nowhere")
    with pytest.raises(CorpusError, match="没有可读的报告"):
        read_corpus(tmp_path)
    (tmp_path / "a.txt").touch()
    with pytest.raises(CorpusError, match=r"a\.txt：文件为空"):
        read_corpus(tmp_path)


def test_hidden_files_notes_and_links_to_the_outside_are_not_indexed(tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("秘密。", encoding="utf-8")
    folder = tmp_path / "corpus"
    (folder / ".git").mkdir(parents=True)
    for name in (".hidden.txt", ".git/a.txt", "README.md", "SOURCES.md", "a.txt"):
        (folder / name).write_text("正文。", encoding="utf-8")
    (folder / "link.txt").symlink_to(outside)
    (folder / "up").symlink_to(tmp_path)
    corpus = read_corpus(folder)
    assert [d.doc_id for d in corpus.documents] == ["a"]
    assert corpus.skipped == ()


def test_a_link_to_itself_or_to_nothing_is_skipped(tmp_path: Path) -> None:
    (tmp_path / "loop.txt").symlink_to("loop.txt")
    (tmp_path / "void.txt").symlink_to("gone.txt")
    (tmp_path / "a.txt").write_text("正文。", encoding="utf-8")
    assert [s.name for s in read_corpus(tmp_path).skipped] == ["loop.txt", "void.txt"]


def test_a_pipe_does_not_hang_the_reader(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "a.txt").write_text("正文。", encoding="utf-8")
    assert [s.name for s in read_corpus(tmp_path).skipped] == ["pipe.txt"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("正文。", encoding="utf-8")
    (tmp_path / "b.txt").write_text("正文。", encoding="utf-8")
    (tmp_path / "b.txt").chmod(0)
    assert "无法打开" in read_corpus(tmp_path).skipped[0].reason


def test_two_files_of_one_name_are_not_mixed_up(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("甲。", encoding="utf-8")
    (tmp_path / "a.txt").write_text("乙。", encoding="utf-8")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.txt").write_text("丙。", encoding="utf-8")
    corpus = read_corpus(tmp_path)
    assert {d.doc_id: d.text for d in corpus.documents} == {"a": "甲。", "sub/a": "丙。"}
    assert "a.md" in corpus.skipped[0].reason


def test_a_file_name_that_is_no_text_does_not_stop_the_reader(tmp_path: Path) -> None:
    try:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.txt")).write_text("正文。", "utf-8")
    except OSError:
        pytest.skip("this file system takes only UTF-8 names")
    corpus = read_corpus(tmp_path)
    assert corpus.documents[0].doc_id.encode("utf-8")


def test_the_digest_needs_no_reading(tmp_path: Path) -> None:
    for name, (raw, _) in BAD.items():
        (tmp_path / name).write_bytes(raw)
    for name in ("good.txt", "good.md", "b/good.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(CHINESE, encoding="utf-8")
    assert corpus_digest(tmp_path) == read_corpus(tmp_path).digest
    for folder in (tmp_path / "nowhere", tmp_path / ("a" * 5000), tmp_path / "good.txt", "a\0b"):
        for read in (corpus_digest, read_corpus):
            with pytest.raises(CorpusError, match="找不到"):
                read(folder)


def test_the_digest_changes_with_content_metadata_and_names(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    digests = set()
    for text in ("甲。", "乙。", "---\ntitle: 题\n---\n乙。"):
        path.write_text(text, encoding="utf-8")
        digests.add(read_corpus(tmp_path).digest)
    path.rename(tmp_path / "b.txt")
    digests.add(read_corpus(tmp_path).digest)
    (tmp_path / "b.txt").rename(tmp_path / "b.md")  # read otherwise: headings
    digests.add(read_corpus(tmp_path).digest)
    assert len(digests) == 5
    assert read_corpus(tmp_path).digest in digests


# --- metadata ---------------------------------------------------------------------------


def document(tmp_path: Path, text: str, name: str = "名.md") -> Document:
    (tmp_path / name).write_text(text, encoding="utf-8")
    return read_document(tmp_path / name)


@pytest.mark.parametrize(
    ("value", "published"),
    [
        ("2023-02-02", "2023-02-02"),
        ("2023-02-02 09:47:51", "2023-02-02"),
        ("2023", "2023"),
        ("2023-02", "2023-02"),
        ("2023年2月2日", "2023-02-02"),
        ("2023年", "2023"),
        ("2023/2/2", "2023-02-02"),
        ("unknown", "unknown"),
        ("", "unknown"),
        ("去年", "unknown"),
        ("'2023-02-31'", "unknown"),
    ],
)
def test_no_date_is_misread(tmp_path: Path, value: str, published: str) -> None:
    assert document(tmp_path, f"---\npublished: {value}\n---\n正文。").published == published


def test_a_report_without_front_matter_gets_what_its_text_says(tmp_path: Path) -> None:
    read = document(tmp_path, "某县产改工作\n\n发布时间:2023-02-02 09:47:51\n\n正文。", "a.txt")
    assert (read.title, read.published) == ("某县产改工作", "2023-02-02")
    assert (read.source, read.region) == ("未注明来源", "")
    assert document(tmp_path, "正文" * 50 + "。", "某报告.txt").title == "某报告"


def test_metadata_of_odd_types_is_coerced(tmp_path: Path) -> None:
    read = document(
        tmp_path, "---\ntitle: 2023\nregion: [江苏省, 盐城市]\npublished_inferred: 2021\n---\n文。"
    )
    assert (read.title, read.region, read.published_inferred) == ("2023", "江苏省/盐城市", "2021")
    assert (
        document(tmp_path, "---\nregion: / 江苏省 / 盐城市/\n---\n文。").region == "江苏省/盐城市"
    )


def test_two_ruled_lines_are_not_taken_for_front_matter(tmp_path: Path) -> None:
    assert document(tmp_path, "---\n第一段。\n---\n第二段。").text == "---\n第一段。\n---\n第二段。"


def test_markdown_headings_lose_their_marks_but_stay_known(tmp_path: Path) -> None:
    read = document(tmp_path, "# 怎么办？\n\n正文一。\n\n## 第二节 ##\n正文二。\n#不是标题\n")
    assert read.text == "怎么办？\n正文一。\n第二节\n正文二。\n#不是标题"
    assert [read.text[h.start : h.end] for h in read.headings] == ["怎么办？", "第二节"]
    assert read.title == "怎么办？"
    assert document(tmp_path, "**要点**：开展**培训**。2*3**2").text == "要点：开展培训。2*3**2"
