"""Word files as reports: what a reader of the page sees, nothing else, and nothing hostile."""

from __future__ import annotations

import datetime
import hashlib
import io
import json
import os
import re
import struct
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from docx import Document as NewWord
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_BREAK
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from rag import Assistant, build_index, word
from rag.cli import main as rag
from rag.collection import REMOVED, Collection
from rag.corpus import MAX_BYTES, corpus_digest, read_corpus, read_document
from rag.errors import CollectionError, UnreadableError
from rag.intake import Facts
from rag.sentences import sentences
from rag.types import Document

CONTENT = "甲县2023年举办陶艺培训班77场，参加职工880人次。"
FACTS = Facts("甲县产改纪实", "甲县工会", "河南省/信阳市/甲县", "2023-05-06")
Word = Any  # python-docx's document; its constructor has the name of ours


def packed(document: Word) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def simple(*paragraphs: str) -> bytes:
    document = NewWord()
    for paragraph in paragraphs or (CONTENT,):
        document.add_paragraph(paragraph)
    return packed(document)


def xml(paragraph: str) -> Any:
    return parse_xml(f"<w:p {nsdecls('w', 'wp', 'a')}>{paragraph}</w:p>")


def with_xml(*paragraphs: str) -> bytes:
    """A Word file whose body is these paragraphs, given by their XML."""
    document = NewWord()
    for paragraph in paragraphs:
        document.element.body.insert(-1, xml(paragraph))
    return packed(document)


def repacked(raw: bytes, **parts: bytes | None) -> bytes:
    """The file with other parts: document=…, styles=…; None takes one out."""
    new = {f"word/{name}.xml": part for name, part in parts.items()}
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w", 8) as package:
        for info in old.infolist():
            part = new.get(info.filename, old.read(info))
            if part is not None:
                package.writestr(info.filename, part)
    return out.getvalue()


def part(raw: bytes, name: str = "word/document.xml") -> bytes:
    return zipfile.ZipFile(io.BytesIO(raw)).read(name)


def read(tmp_path: Path, raw: bytes, name: str = "报告.docx") -> Document:
    (tmp_path / name).write_bytes(raw)
    return read_document(tmp_path / name)


def lines(tmp_path: Path, raw: bytes) -> list[str]:
    return read(tmp_path, raw).text.split("\n")


def headings(document: Document) -> list[str]:
    return [document.text[span.start : span.end] for span in document.headings]


# ---- what is read ----------------------------------------------------------------------------


def test_paragraphs_and_tables_do_not_change_places(tmp_path: Path) -> None:
    document = NewWord()
    document.add_paragraph("表前的一段。")
    table = document.add_table(2, 3)
    for number, text in enumerate(("县名", "培训", "人次", "甲县", "12", "34")):
        table.cell(number // 3, number % 3).text = text
    document.add_paragraph("表后的一段。")
    assert lines(tmp_path, packed(document)) == [
        "表前的一段。",
        "县名、培训、人次",
        "甲县、12、34",
        "表后的一段。",
    ]


def test_two_cells_do_not_prove_one_figure(tmp_path: Path) -> None:
    from rag.citations import supports

    document = NewWord()
    table = document.add_table(1, 3)
    for number, text in enumerate(("甲县培训", "12", "34人次")):
        table.cell(0, number).text = text
    (row,) = lines(tmp_path, packed(document))
    assert not supports(statement="甲县培训1234人次", evidence=row).supported
    assert supports(statement="甲县培训34人次", evidence=row).supported


def test_a_cell_of_several_paragraphs_stays_in_its_row_and_empty_cells_leave_no_mark(
    tmp_path: Path,
) -> None:
    document = NewWord()
    table = document.add_table(1, 4)
    table.cell(0, 0).text = "主要做法"
    table.cell(0, 2).text = "开展培训。\n组织竞赛。"
    inner = table.cell(0, 3).add_table(1, 2)
    inner.cell(0, 0).text, inner.cell(0, 1).text = "内一", "内二"
    assert lines(tmp_path, packed(document)) == ["主要做法、开展培训。 组织竞赛。 内一、内二"]


def test_a_frame_drawn_around_a_text_does_not_make_it_one_line(tmp_path: Path) -> None:
    document = NewWord()
    cell = document.add_table(1, 1).cell(0, 0)
    cell.text = "框里的第一段。"
    cell.add_paragraph("框里的第二段。")
    cell.add_table(1, 2).cell(0, 1).text = "表里。"
    assert lines(tmp_path, packed(document)) == ["框里的第一段。", "框里的第二段。", "表里。"]


def test_rows_are_not_joined_as_broken_lines(tmp_path: Path) -> None:
    document = NewWord()
    document.add_paragraph("去年开展了培训。成效")
    table = document.add_table(3, 2)
    for row in table.rows:
        row.cells[0].text, row.cells[1].text = "组织全县职工开展培训。今年", "甲乙丙丁，继续"
    document.add_paragraph("，这一段没有接着表。今年继续")
    found = lines(tmp_path, packed(document))
    assert len(found) == 5
    assert found[1:4] == ["组织全县职工开展培训。今年、甲乙丙丁，继续"] * 3


@pytest.mark.parametrize("name", ["Heading 1", "Heading 3", "Title", "标题 2", "标题1", "标题"])
def test_a_heading_is_not_taken_for_text(tmp_path: Path, name: str) -> None:
    document = NewWord()
    if name.startswith("标"):
        document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    document.add_paragraph("开头说明了情况。")
    document.add_paragraph("夯实 政治根基", style=name)
    document.add_paragraph(CONTENT)
    found = read(tmp_path, packed(document))
    assert headings(found) == ["夯实 政治根基"]
    assert found.text == f"开头说明了情况。\n夯实 政治根基\n{CONTENT}"


def test_a_style_made_from_a_heading_is_one_and_one_made_from_itself_does_not_hang(
    tmp_path: Path,
) -> None:
    document = NewWord()
    own = document.styles.add_style("一级标题", WD_STYLE_TYPE.PARAGRAPH)
    own.base_style = document.styles["Heading 2"]
    loop = document.styles.add_style("环", WD_STYLE_TYPE.PARAGRAPH)
    loop.base_style = loop
    document.add_paragraph("一、加强领导", style=own)
    document.add_paragraph("这一段没有标题。", style=loop)
    document.add_paragraph("副标题之类", style="Subtitle")
    assert headings(read(tmp_path, packed(document))) == ["一、加强领导"]


def test_a_whole_paragraph_set_as_a_heading_stays_text(tmp_path: Path) -> None:
    document = NewWord()
    document.add_paragraph("（一）加强领导。各级工会要高度重视，落实责任。", style="Heading 2")
    document.add_paragraph("字" * 61, style="Heading 2")
    assert headings(read(tmp_path, packed(document))) == []


def test_a_heading_set_in_two_lines_is_one(tmp_path: Path) -> None:
    document = NewWord()
    document.add_paragraph("关于推进甲县\n产改工作的报告", style="Title")
    document.add_paragraph(CONTENT)
    found = read(tmp_path, packed(document))
    assert headings(found) == [found.title] == ["关于推进甲县产改工作的报告"]


def test_a_soft_break_ends_a_line_but_not_a_broken_sentence(tmp_path: Path) -> None:
    document = NewWord()
    document.add_paragraph("第一行完了。\n第二行在此，\n还没有完。")
    run = document.add_paragraph("分页之前。").add_run()
    run.add_break(WD_BREAK.PAGE)
    run.add_text("分页之后\t有空格。")
    assert lines(tmp_path, packed(document)) == [
        "第一行完了。",
        "第二行在此，还没有完。",
        "分页之前。",
        "分页之后 有空格。",
    ]


def test_headers_footers_comments_and_properties_are_no_text(tmp_path: Path) -> None:
    document = NewWord()
    paragraph = document.add_paragraph(CONTENT)
    document.sections[0].header.paragraphs[0].text = "页眉"
    document.sections[0].footer.paragraphs[0].text = "第1页"
    document.add_comment(paragraph.runs, text="批注")
    document.core_properties.title = "Microsoft Word 模板"
    document.core_properties.created = datetime.datetime(1999, 1, 1)
    found = read(tmp_path, packed(document))
    assert found.text == CONTENT
    assert (found.title, found.published) == ("报告", "unknown")


TEXT = "<w:r><w:t>{}</w:t></w:r>"


@pytest.mark.parametrize(
    ("xml", "text"),
    [
        ('甲<w:del w:id="1" w:author="x"><w:r><w:delText>旧</w:delText></w:r></w:del>乙', "甲乙"),
        ('甲<w:ins w:id="1" w:author="x"><w:r><w:t>新</w:t></w:r></w:ins>乙', "甲新乙"),
        ('甲<w:moveFrom w:id="1" w:author="x"><w:r><w:t>移</w:t></w:r></w:moveFrom>乙', "甲乙"),
        ('甲<w:moveTo w:id="1" w:author="x"><w:r><w:t>移</w:t></w:r></w:moveTo>乙', "甲移乙"),
        ("甲<w:sdt><w:sdtContent><w:r><w:t>控件</w:t></w:r></w:sdtContent></w:sdt>乙", "甲控件乙"),
        ("甲<w:hyperlink><w:r><w:t>链接</w:t></w:r></w:hyperlink>乙", "甲链接乙"),
        ('甲<w:r><w:footnoteReference w:id="2"/></w:r>乙', "甲乙"),
        ("甲<w:r><w:rPr><w:vanish/></w:rPr><w:t>隐</w:t></w:r>乙", "甲乙"),
        ('甲<w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>显</w:t></w:r>乙', "甲显乙"),
        (
            '甲<w:r><w:rPr><w:rPrChange w:id="1" w:author="x"><w:rPr><w:vanish/></w:rPr>'
            "</w:rPrChange></w:rPr><w:t>显</w:t></w:r>乙",
            "甲显乙",
        ),
        ("甲<w:r><w:instrText>PAGE</w:instrText></w:r>乙", "甲乙"),
        ("甲<w:r><w:noBreakHyphen/><w:softHyphen/></w:r>乙", "甲-乙"),
        (
            "甲<w:r><w:ruby><w:rt><w:r><w:t>yi</w:t></w:r></w:rt>"
            "<w:rubyBase><w:r><w:t>益</w:t></w:r></w:rubyBase></w:ruby></w:r>乙",
            "甲益乙",
        ),
        ("甲<w:r><w:t>\n</w:t></w:r>乙", "甲 乙"),
        ('<w:pPr><w:tabs><w:tab w:val="left" w:pos="9"/></w:tabs></w:pPr>甲乙', "甲乙"),
    ],
)
def test_only_what_is_seen_on_the_page_is_read(tmp_path: Path, xml: str, text: str) -> None:
    xml = re.sub("[甲乙]+", lambda m: TEXT.format(m[0]), xml)
    raw = with_xml(xml)
    assert read(tmp_path, raw).text == word.body(raw) == text


def test_a_tracked_change_of_style_does_not_make_a_heading(tmp_path: Path) -> None:
    old = '<w:pPrChange w:id="1" w:author="x"><w:pPr><w:pStyle w:val="Heading1"/></w:pPr>'
    raw = with_xml(f"<w:pPr>{old}</w:pPrChange></w:pPr>" + TEXT.format("现在是正文"))
    assert headings(read(tmp_path, raw)) == []


def test_a_deleted_paragraph_mark_does_not_break_the_sentence(tmp_path: Path) -> None:
    mark = '<w:pPr><w:rPr><w:del w:id="1" w:author="x"/></w:rPr></w:pPr>'
    raw = with_xml(mark + TEXT.format("甲县"), TEXT.format("办了培训。"), TEXT.format("另一段。"))
    assert lines(tmp_path, raw) == ["甲县办了培训。", "另一段。"]


def test_a_text_box_is_read_once_and_after_its_paragraph(tmp_path: Path) -> None:
    compatibility = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    box = f"<w:txbxContent><w:p>{TEXT.format('框里的话。')}</w:p></w:txbxContent>"
    raw = with_xml(
        TEXT.format("前半段，")
        + f'<w:r><mc:AlternateContent xmlns:mc="{compatibility}"><mc:Choice Requires="wps">{box}'
        f"</mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:r>"
        + TEXT.format("后半段。"),
        TEXT.format("下一段。"),
    )
    assert lines(tmp_path, raw) == ["前半段，后半段。", "框里的话。", "下一段。"]


def test_a_table_of_contents_is_not_quoted_with_its_page_numbers(tmp_path: Path) -> None:
    document = NewWord()
    for name, text in (("TOC Heading", "目录"), ("toc 1", "一、培训\t3")):
        if name == "toc 1":
            document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        document.add_paragraph(text, style=name)
    document.add_paragraph(CONTENT)
    assert lines(tmp_path, packed(document)) == [CONTENT]


def test_the_strict_kind_of_word_file_is_read(tmp_path: Path) -> None:
    raw = simple()
    document = part(raw).replace(
        b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        b"http://purl.oclc.org/ooxml/wordprocessingml/main",
    )
    assert read(tmp_path, repacked(raw, document=document)).text == CONTENT


def test_a_file_without_styles_is_read(tmp_path: Path) -> None:
    assert read(tmp_path, repacked(simple(), styles=None)).text == CONTENT


# ---- title and facts -------------------------------------------------------------------------


def test_a_heading_below_running_text_is_not_the_title(tmp_path: Path) -> None:
    document = NewWord()
    document.add_paragraph("甲县产改纪实")
    document.add_paragraph(CONTENT)
    document.add_paragraph("一、加强领导", style="Heading 1")
    assert read(tmp_path, packed(document)).title == "甲县产改纪实"


def test_front_matter_typed_in_word_is_no_text(tmp_path: Path) -> None:
    head = ("---", "title: 甲县纪实", "source: 甲县工会", "region: 河南省/甲县")
    found = read(tmp_path, simple(*head, "published: 2023-05-06", "---", CONTENT))
    assert found.text == CONTENT
    assert (found.title, found.source) == ("甲县纪实", "甲县工会")
    assert (found.region, found.published) == ("河南省/甲县", "2023-05-06")
    document = NewWord()
    document.add_paragraph("---\ntitle: 软回车\n---")
    document.add_paragraph("一、加强领导", style="Heading 1")
    found = read(tmp_path, packed(document))
    assert (found.title, headings(found)) == ("软回车", ["一、加强领导"])
    with pytest.raises(Exception, match="YAML"):
        read(tmp_path, simple("---", "title: [", "---", CONTENT))


def test_facts_beside_a_file_count_more_and_do_not_touch_it(tmp_path: Path) -> None:
    raw = simple("---", "title: 旧题", "region: 旧省", "source: 旧社", "---", CONTENT)
    plain = read(tmp_path, raw)
    before = corpus_digest(tmp_path)
    side = tmp_path / "报告.docx.yaml"
    side.write_text("title: 新题\nregion: ''\n", encoding="utf-8")
    found = read_document(tmp_path / "报告.docx")
    assert (found.title, found.region, found.source) == ("新题", "", "旧社")
    assert found.text == plain.text
    assert found.sha256 != plain.sha256 == hashlib.sha256(raw).hexdigest()
    assert corpus_digest(tmp_path) == read_corpus(tmp_path).digest != before
    assert [d.doc_id for d in read_corpus(tmp_path).documents] == ["报告"]
    assert read_corpus(tmp_path).skipped == ()


@pytest.mark.parametrize(
    ("side", "words"),
    [
        (b"title: [", "YAML"),
        (b"- a", "名称: 值"),
        (b"just words", "名称: 值"),
        (b"title: {a: b}", "title"),
        (b"a" * 70_000, "64 KB"),
        (None, "不是普通文件"),
    ],
)
def test_bad_facts_beside_a_file_are_told(tmp_path: Path, side: bytes | None, words: str) -> None:
    path = tmp_path / "报告.docx.yaml"
    if side is None:  # a link that leads out of the folder
        (tmp_path.parent / "secret.yaml").write_text("title: 秘密")
        path.symlink_to(tmp_path.parent / "secret.yaml")
    else:
        path.write_bytes(side)
    (tmp_path / "a.txt").write_text(CONTENT)
    (tmp_path / "报告.docx").write_bytes(simple("别的。"))
    corpus = read_corpus(tmp_path)
    assert [d.doc_id for d in corpus.documents] == ["a"]
    assert words in corpus.skipped[0].reason
    assert corpus.digest == corpus_digest(tmp_path)


def test_words_note_of_an_open_file_is_not_listed(tmp_path: Path) -> None:
    (tmp_path / "~$报告.docx").write_bytes(b"\x05Wang")
    (tmp_path / "a.txt").write_text(CONTENT)
    assert read_corpus(tmp_path).skipped == ()


# ---- what is hostile or broken ---------------------------------------------------------------

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def typed(doctype: str, text: str) -> bytes:
    document = f"<?xml version='1.0'?>{doctype}<w:document {W}><w:body><w:p><w:r><w:t>{text}"
    return repacked(
        simple(), document=f"{document}</w:t></w:r></w:p></w:body></w:document>".encode()
    )


def with_password() -> bytes:
    raw = simple()
    at = raw.index(b"PK\x01\x02")
    while at >= 0:  # the flag of each entry in the directory
        flags = struct.unpack_from("<H", raw, at + 8)[0] | 1
        raw = raw[: at + 8] + struct.pack("<H", flags) + raw[at + 10 :]
        at = raw.find(b"PK\x01\x02", at + 4)
    return raw


def zipped(name: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr(name, b"<x/>")
    return out.getvalue()


LAUGHS = "<!DOCTYPE x [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(12)
)
BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "text.docx": (lambda: CONTENT.encode(), "不是 Word 文件.*另存"),
    "zip.docx": (lambda: zipped("a.txt"), "不是 Word 文件.*另存"),
    "cut.docx": (lambda: simple()[:-200], "损坏"),
    "old.docx": (lambda: OLE, r"旧版 Word.*另存为 \.docx"),
    "secret.docx": (lambda: OLE + "EncryptedPackage".encode("utf-16-le"), "有密码"),
    "locked.docx": (with_password, "有密码"),
    "old.doc": (lambda: OLE, r"暂不支持\.doc文件.*另存为 \.docx"),
    "scan.pdf": (lambda: b"%PDF", r"暂不支持\.pdf文件.*另存为 \.docx.*扫描件"),
    "macro.docm": (simple, r"暂不支持\.docm文件.*另存为 \.docx"),
    "laughs.docx": (lambda: typed(LAUGHS + "]>", "&m;"), "DOCTYPE"),
    "entity.docx": (
        lambda: typed("<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/hostname'>]>", "&e;"),
        "DOCTYPE",
    ),
    "external.docx": (
        lambda: typed("<!DOCTYPE x SYSTEM 'http://127.0.0.1:9/x.dtd'>", ""),
        "DOCTYP",
    ),
    "crooked.docx": (lambda: repacked(simple(), document=b"<w:document"), "损坏"),
    "gone.docx": (lambda: repacked(simple(), document=None), "不是 Word 文件"),
    "sheet.docx": (lambda: repacked(simple(), document=b"<workbook/>"), "不是 Word 文件"),
    "blank.docx": (lambda: simple(" "), "没有正文"),
    "empty.docx": (lambda: b"", "文件为空"),
    "large.docx": (lambda: b"PK" + bytes(MAX_BYTES), "20 MB"),
}


def test_a_hostile_word_file_does_not_cost_the_others(tmp_path: Path) -> None:
    for name, (make, _) in BAD.items():
        folder = tmp_path / Path(name).suffix[1:]
        folder.mkdir(exist_ok=True)
        (folder / name).write_bytes(make())
    (tmp_path / "good.docx").write_bytes(simple())
    corpus = read_corpus(tmp_path)
    assert [d.doc_id for d in corpus.documents] == ["good"]
    reasons = {Path(s.name).name: s.reason for s in corpus.skipped}
    assert set(reasons) == set(BAD)
    for name, reason in reasons.items():
        assert re.search(BAD[name][1], reason), (name, reason)


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    start = f"<w:document {W}><w:body>".encode()
    bomb = repacked(simple(), document=start + b"<w:p/>" * 40_000_000)
    assert len(bomb) < MAX_BYTES
    began = time.monotonic()
    with pytest.raises(Exception, match="解开后超过 32 MB"):
        read(tmp_path, bomb)
    assert time.monotonic() - began < 60
    with pytest.raises(Exception, match="解开后超过 32 MB"):
        read(tmp_path, repacked(simple(), styles=b"<a>" + b" " * (word.MAX_XML + 1)))


def test_pictures_and_macros_are_not_unpacked(tmp_path: Path) -> None:
    out = io.BytesIO(simple())
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr("word/media/image1.png", bytes(400_000_000))
        package.writestr("word/vbaProject.bin", OLE)
    began = time.monotonic()
    assert read(tmp_path, out.getvalue()).text == CONTENT
    assert time.monotonic() - began < 1


def test_elements_far_inside_each_other_do_not_overflow(tmp_path: Path) -> None:
    deep = 50_000
    inside = b"<w:tbl><w:tr><w:tc><w:tc>" * deep + b"<w:p><w:r><w:t>x</w:t></w:r></w:p>"
    document = f"<w:document {W}><w:body>".encode() + inside
    document += b"</w:tc></w:tc></w:tr></w:tbl>" * deep + b"</w:body></w:document>"
    assert "x" in read(tmp_path, repacked(simple(), document=document)).text


@pytest.mark.parametrize(
    "inner", ["<w:tc><w:p/></w:tc>", "<w:tr/>", "<w:t>x</w:t>", "<w:p><w:p/></w:p>"]
)
def test_elements_out_of_place_do_not_crash(inner: str) -> None:
    document = f"<w:document {W}><w:body>{inner}</w:body></w:document>"
    assert word.body(repacked(simple(), document=document.encode())).strip() == ""


GOOD = simple(CONTENT, "第二段。")


@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), max_size=8))
@settings(max_examples=300, deadline=None)
def test_damage_is_told_and_never_a_traceback(changes: list[tuple[int, int]]) -> None:
    raw = bytearray(GOOD)
    for at, byte in changes:
        raw[at] = byte
    try:
        word.body(bytes(raw))
    except UnreadableError as error:
        assert str(error)  # noqa: PT017


# ---- the same file, the same text ------------------------------------------------------------

SENTENCE = st.text(
    st.sampled_from("产业工人队伍建设改革培训竞赛技能甲乙12,%“”《》（）abc 　\u200b#-*|>_·"),
    max_size=40,
).map(lambda s: s + "。")


@given(st.lists(st.lists(SENTENCE, min_size=1, max_size=3).map("".join), min_size=1, max_size=8))
@example(["# 不是标题。", "**不是粗体**。", "| 不 | 是 | 表。"])
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_sentence_is_lost_changed_or_moved(tmp_path: Path, paragraphs: list[str]) -> None:
    raw = simple(*paragraphs)
    found = read(tmp_path, raw)
    assert found == read(tmp_path, raw)
    at = 0
    for paragraph in paragraphs:
        clean = paragraph.replace("\u200b", "")
        for start, end in sentences(clean):
            at = found.text.index(clean[start:end], at) + end - start
    said = "".join("".join(paragraphs).replace("\u200b", "").split())
    assert "".join(found.text.split()) == said


def test_the_same_text_in_word_is_the_same_text(tmp_path: Path) -> None:
    """Headings, line repair and normalisation do not differ between the formats."""
    text = "甲县产改纪实\n\n去年办了培训，\n\n成效明显。\n\n２① e\u0301\u200b。\n"
    (tmp_path / "b.txt").write_text(text, encoding="utf-8")
    found = read(tmp_path, simple(*text.split("\n\n")))
    assert found.text == read_document(tmp_path / "b.txt").text


def test_an_index_of_word_files_is_the_same_every_time(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "甲.docx").write_bytes(simple("甲县产改纪实", CONTENT))
    builds = []
    for name in ("one", "two"):
        build_index(folder, tmp_path / name)
        files = sorted(p for p in (tmp_path / name).rglob("*") if p.is_file())
        builds.append({p.name: p.read_bytes() for p in files if p.suffix not in {".json", ".lock"}})
    assert builds[0] == builds[1]
    assert len(builds[0]) > 1


# ---- managing --------------------------------------------------------------------------------


@pytest.fixture
def collection(tmp_path: Path) -> Collection:
    folder = tmp_path / "corpus"
    folder.mkdir()
    return Collection(folder)


def names(collection: Collection) -> set[str]:
    visible = (p for p in collection.folder.iterdir() if not p.name.startswith("."))
    return {p.name for p in visible}


def test_describing_a_word_file_does_not_touch_it(collection: Collection) -> None:
    raw = simple("---", "region: 旧省", "---", CONTENT)
    entry = collection.add("甲.DOCX", raw)
    assert (entry.name, entry.facts.region) == ("甲.docx", "旧省")
    described = collection.describe("甲.docx", FACTS, entry.sha256)
    assert described.facts == FACTS
    assert described.sha256 != entry.sha256
    assert described.digest == entry.digest
    assert (collection.folder / "甲.docx").read_bytes() == raw
    assert names(collection) == {"甲.docx", "甲.docx.yaml"}
    assert [e.name for e in collection.entries()] == ["甲.docx"]
    assert Collection(collection.folder).entries()[0].facts == FACTS
    with pytest.raises(CollectionError, match="刚被别人改过"):
        collection.describe("甲.docx", Facts(), entry.sha256)
    cleared = collection.describe("甲.docx", Facts(title="题"))
    assert cleared.facts == Facts(title="题")  # what the file says itself does not come back


def test_facts_go_to_the_trash_and_back_with_their_file(collection: Collection) -> None:
    collection.add("甲.docx", simple())
    collection.describe("甲.docx", FACTS)
    removed = collection.remove("甲.docx")
    assert names(collection) == set()
    assert removed.name == "甲.docx"
    kept = {p.name for p in (collection.folder / REMOVED / removed.token).iterdir()}
    assert kept == {"甲.docx", "甲.docx.yaml"}
    assert collection.put_back(removed.token).facts == FACTS
    assert names(collection) == {"甲.docx", "甲.docx.yaml"}
    assert collection.removed() == []


@pytest.mark.parametrize("act", ["remove", "put_back"])
def test_a_move_that_fails_does_not_part_a_file_from_its_facts(
    collection: Collection, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    collection.add("甲.docx", simple())
    collection.describe("甲.docx", FACTS)
    token = collection.remove("甲.docx").token if act == "put_back" else ""
    real = Path.replace

    def refused(path: Path, target: Path) -> Path:
        if path.suffix == ".docx":
            raise PermissionError(13, "Permission denied")
        return real(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", refused)
        with pytest.raises(CollectionError, match="Permission denied"):
            collection.put_back(token) if token else collection.remove("甲.docx")
    if token:
        collection.put_back(token)
    assert [e.facts for e in collection.entries()] == [FACTS]


def test_the_facts_of_a_file_that_has_gone_are_not_given_to_another(
    collection: Collection,
) -> None:
    collection.add("甲.docx", simple())
    collection.describe("甲.docx", FACTS)
    (collection.folder / "甲.docx").unlink()
    assert collection.entries() == []
    entry = collection.add("甲.docx", simple("别的报告。"))
    assert (entry.facts.source, entry.facts.region) == ("", "")
    (left,) = (collection.folder / REMOVED).rglob("*.yaml")
    assert "甲县工会" in left.read_text()


@pytest.mark.parametrize(("old", "new"), [("docx", "docx"), ("docx", "txt"), ("txt", "docx")])
def test_what_was_said_of_a_replaced_file_stays(collection: Collection, old: str, new: str) -> None:
    contents = {"docx": simple, "txt": lambda text: text.encode()}
    collection.add(f"甲.{old}", contents[old]("旧的内容。"))
    collection.describe(f"甲.{old}", FACTS)
    entry = collection.add(f"甲.{new}", contents[new](CONTENT), "replace")
    assert entry.facts == FACTS
    assert read_corpus(collection.folder).documents[0].text == CONTENT
    (removed,) = collection.removed()
    assert removed.name == f"甲.{old}"


def test_the_same_report_does_not_come_in_twice_in_another_format(collection: Collection) -> None:
    collection.add("一.txt", f"甲县纪实\n\n{CONTENT}\n".encode())
    with pytest.raises(CollectionError, match=r"内容与已有的“一\.txt”相同"):
        collection.add("二.docx", simple("甲县纪实", CONTENT))
    collection.remove("一.txt")
    collection.add("二.docx", simple("甲县纪实", CONTENT))
    with pytest.raises(CollectionError, match=r"内容与已有的“二\.docx”相同"):
        collection.add("三.docx", simple("甲县纪实", f"{CONTENT}\u200b"))


def test_an_edit_of_the_facts_from_elsewhere_is_not_missed(collection: Collection) -> None:
    collection.add("甲.docx", simple())
    collection.describe("甲.docx", FACTS)
    side = collection.folder / "甲.docx.yaml"
    side.write_text("title: 换了题目，长一些\n", encoding="utf-8")
    assert collection.entries()[0].facts.title == "换了题目，长一些"
    side.unlink()
    assert collection.entries()[0].facts.source == ""


def test_facts_are_not_taken_in_as_a_report(collection: Collection) -> None:
    with pytest.raises(CollectionError, match=r"暂不支持\.yaml"):
        collection.add("甲.docx.yaml", b"title: x")


# ---- from the file to the answer -------------------------------------------------------------


def test_an_answer_from_a_word_file_quotes_it(
    tmp_path: Path, corpus_copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = NewWord()
    document.add_paragraph("新县产改纪实", style="Title")
    document.add_paragraph("一、办好培训", style="Heading 1")
    document.add_paragraph("新县2023年举办陶艺培训班77场，参加职工880人次。")
    (corpus_copy / "新县.docx").write_bytes(packed(document))
    (corpus_copy / "新县.docx.yaml").write_text("region: 河南省/信阳市/新县\n", encoding="utf-8")
    index = str(tmp_path / "index")
    assert rag(["index", "--corpus", str(corpus_copy), "--index", index]) == 0
    capsys.readouterr()
    assert rag(["ask", "新县举办了多少场陶艺培训班？", "--index", index, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["state"] == "answered"
    assert "77场" in answer["text"]
    (citation,) = answer["citations"]
    assert (citation["title"], citation["region"]) == ("新县产改纪实", "河南省/信阳市/新县")
    assert "77场" in citation["quote"]
    text = Assistant.load(index).document("新县").text
    assert text == read_document(corpus_copy / "新县.docx").text
    assert text[citation["start"] : citation["end"]] == citation["quote"]
    os.utime(corpus_copy / "新县.docx")  # another time is no other content
    assert corpus_digest(corpus_copy) == read_corpus(corpus_copy).digest
