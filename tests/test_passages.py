"""Sentences and passages: every test is named after the fault it forbids."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rag.corpus import read_corpus
from rag.passages import PassageSettings, sentences, split
from rag.types import Document, Passage, Span

ROOT = Path(__file__).parent.parent
DOCUMENTS = read_corpus(ROOT / "corpus").documents
PASSAGES = [passage for document in DOCUMENTS for passage in split(document)]
TEXTS = st.text(
    alphabet='产改工人一万。！；;，,、…“”‘’《》()（）"12.3:%abZ \n　–é\u0301', max_size=300
) | st.text(max_size=100)


def make(text: str, *headings: str, title: str = "题") -> Document:
    spans = tuple(Span(text.index(h), text.index(h) + len(h)) for h in headings)
    return Document("d", title, text, "源", "省/市", "2023", "", "0" * 64, spans)


def parts(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


def fold(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


# --- sentences --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "pieces",
    [
        ["发放慰问金150余万元;", "发放帮扶金38.55万元；", "共7.92万元。"],
        ["真的吗？！", "当然。", "好!"],
        ["他说：“帮助太大了!”", "朱冬梅是一名倍捻工。"],
        ["“今年是五周年。产改进入新阶段。”", "提及产改,王玉新坦言要精耕细作。"],
        ["喊出“加油！”的口号。", "大家鼓掌。"],
        ["喊出“加油！”后离开。"],
        ["学习《谁是最可爱的人？》一文。", "讨论热烈。"],
        ["出台《关于开展竞赛;提高素质的意见》。", "效果好。"],
        ["共评选(详见附件。名单另发)35人。", "推荐32人。"],
        ["打造温馨家园……", "盐城市坚持探索。"],
        ["提供技术、资金……等支持。"],
        ["这…我不知道。"],
        ["发布时间:2023-02-02 09:47:51"],
        ["增长3.8万人,占1.2%。", "见8.8节。"],
        ["网址 http://a.cn/x?a=1&amp;b=2 可查。"],
        ["We train. ", "They win."],
        ["版本3.5 是新的。"],
        ["未闭合的“引号。", "下一句。"],
        ["多余的”引号。", "下一句。"],
        ['他说"很好。真的"才走。', "散会。"],
        ["“一。’”", "二。"],
    ],
)
def test_a_sentence_ends_where_a_reader_ends_it(pieces: list[str]) -> None:
    assert parts("".join(pieces)) == [piece.strip() for piece in pieces]


def test_a_line_end_ends_a_sentence_even_without_a_mark() -> None:
    assert parts("夯实政治根基\n 近年来,县委重视。\n\n记者 陶睿") == [
        "夯实政治根基",
        "近年来,县委重视。",
        "记者 陶睿",
    ]


def test_a_long_quotation_is_not_one_sentence() -> None:
    text = "“" + "全县职工技能大赛取得圆满成功。" * 10 + "”"
    assert len(parts(text)) == 10
    assert parts(text)[-1].endswith("。”")


def test_no_short_quotation_of_the_reports_is_torn() -> None:
    for document in DOCUMENTS:
        ends = [end for _, end in sentences(document.text)]
        for pair in re.finditer(r"《[^《》\n]{1,120}》|“[^“”\n]{1,100}”", document.text):
            assert not any(pair.start() < end < pair.end() for end in ends), pair[0]


@given(TEXTS)
@example("")
@example("“。" * 50)
@settings(max_examples=400, deadline=None)
def test_sentences_cover_everything_once_and_in_order(text: str) -> None:
    position = 0
    for start, end in sentences(text):
        assert position <= start < end
        assert text[position:start].strip() == ""
        assert text[start:end] == text[start:end].strip()
        assert "\n" not in text[start:end]
        position = end
    assert text[position:].strip() == ""


# --- passages of the reports ------------------------------------------------------------


def test_every_labelled_fact_lies_in_one_passage() -> None:
    texts = [(passage.doc_id[:3], fold(passage.text)) for passage in PASSAGES]
    path = ROOT / "benchmarks" / "questions" / "dev.jsonl"
    for line in path.read_text("utf-8").splitlines():
        question = json.loads(line)
        for evidence in question["evidence"]:
            assert any(doc in question["doc"] and fold(evidence) in text for doc, text in texts), (
                evidence
            )


def test_byline_and_date_of_a_report_are_found_together() -> None:
    assert any("记者 陶睿 李勇" in p.text and "2022-11-29 08:32:58" in p.text for p in PASSAGES)


def test_passages_of_the_reports_have_the_promised_size() -> None:
    sizes = [len(passage.text) for passage in PASSAGES]
    assert max(sizes) <= 350
    assert sum(size < 100 for size in sizes) <= 1
    assert 150 <= sum(sizes) / len(sizes) <= 300


def test_no_sentence_of_the_reports_is_torn() -> None:
    for document in DOCUMENTS:
        spans = [(s.start, s.end) for p in split(document) for s in p.sentences]
        assert spans == sentences(document.text)


def test_passages_of_the_reports_know_their_section() -> None:
    def heading(doc: str, words: str) -> str:
        return next(p.heading for p in PASSAGES if p.doc_id.startswith(doc) and words in p.text)

    assert heading("000", "74名劳动模范") == "先进示范引领 唱响劳动光荣主旋律"
    assert heading("001", "春风行动") == "丰富:共享聚心美生活"
    assert heading("003", "汤云庆") == "以点带面,循序渐进增加“试验田”"
    assert heading("004", "238家单位参保") == "四是做好维权帮扶,维护职工权益"
    assert heading("002", "277名") == "", "a lone line above the whole report is its subtitle"
    assert heading("001", "沛县总工会到丰县考察") == "", "captions are no headings"


def test_metadata_goes_with_the_passage_and_not_into_its_text() -> None:
    (passage,) = split(make("一段正文。"))
    assert (passage.text, passage.title, passage.region) == ("一段正文。", "题", "省/市")
    assert passage.doc_id == "d"


# --- passages of any text ---------------------------------------------------------------


def check(document: Document, limits: PassageSettings) -> list[Passage]:
    """The invariants of split()."""
    passages = split(document, limits)
    text, position = document.text, 0
    for passage in passages:
        assert text[passage.start : passage.end] == passage.text
        assert 0 < len(passage.text) <= limits.max_chars
        assert passage.text == passage.text.strip()
        assert text[position : passage.start].strip() == ""
        position = passage.end
        inside = passage.start
        for span in passage.sentences:
            assert inside <= span.start < span.end <= passage.end
            assert text[inside : span.start].strip() == ""
            inside = span.end
        assert inside == passage.end
    assert text[position:].strip() == ""
    return passages


@given(TEXTS, st.integers(1, 60), st.integers(0, 80))
@settings(max_examples=400, deadline=None)
def test_no_character_is_lost_doubled_or_over_the_limit(text: str, low: int, more: int) -> None:
    check(make(text), PassageSettings(low, low + more))


@given(
    st.lists(st.sampled_from(["总则", "第一段说明。", "标题,长一些的", "甲" * 70 + "。"])),
    st.data(),
)
@settings(max_examples=200, deadline=None)
def test_marked_headings_break_no_promise(lines: list[str], data: st.DataObject) -> None:
    text = "\n".join(lines)
    starts = [m.start() for m in re.finditer(r"^.", text, re.M)]
    chosen = data.draw(st.lists(st.sampled_from(starts), unique=True) if starts else st.just([]))
    spans = tuple(Span(s, (text + "\n").index("\n", s)) for s in sorted(chosen))
    document = Document("d", "题", text, "", "", "", "", "", spans)
    check(document, PassageSettings(20, 60))


def test_short_neighbours_merge_only_under_the_same_heading() -> None:
    text = "总则\n甲方说明。\n乙方说明。\n附则\n丙方说明。\n丁方说明。"
    passages = check(make(text), PassageSettings())
    assert [(p.heading, p.text) for p in passages] == [
        ("总则", "总则\n甲方说明。\n乙方说明。"),
        ("附则", "附则\n丙方说明。\n丁方说明。"),
    ]


def test_a_long_paragraph_is_cut_into_even_pieces_at_full_stops() -> None:
    text = "全县开展职工技能培训六百余场;参与工人三万人。" * 40
    passages = check(make(text), PassageSettings())
    sizes = [len(p.text) for p in passages]
    assert len(sizes) == 3
    assert max(sizes) - min(sizes) <= 48
    assert all(p.text.endswith("。") for p in passages)


def test_a_sentence_without_end_is_cut_at_commas_and_not_inside_quotations() -> None:
    text = ("推进“培训、练兵、比武”活动和《关于竞赛,提高的意见》落实," * 20)[:-1]
    passages = check(make(text), PassageSettings())
    assert len(passages) == 2
    for passage in passages:
        assert passage.text.count("《") == passage.text.count("》")
        assert passage.text.count("“") == passage.text.count("”")
    assert passages[0].text.endswith(",")


def test_a_number_is_not_torn_where_nothing_else_can_be_cut() -> None:
    text = "工人1234567.89万元" * 60
    for passage in check(make(text), PassageSettings()):
        assert re.fullmatch(r"人?万?元?(工?人?1234567\.89万元)*工?人?(1234567\.89)?", passage.text)


def test_a_title_longer_than_any_passage_is_still_cut() -> None:
    check(make("《" + "长" * 900 + "》"), PassageSettings())
    check(make("1" * 900), PassageSettings())
    check(make("e\u0301" * 400), PassageSettings())


def test_an_introduction_stays_with_what_it_introduces() -> None:
    text = "甲" * 150 + "。\n主要任务如下:\n" + "乙" * 150 + "。"
    passages = check(make(text), PassageSettings())
    assert [p.text[:4] for p in passages] == ["甲甲甲甲", "主要任务"]


def test_a_run_in_heading_goes_with_the_later_pieces_of_its_paragraph() -> None:
    text = "强化政府公共服务。" + "加快推进经济适用房建设和公交通路优化。" * 30
    first, *rest = check(make(text), PassageSettings())
    assert first.heading == ""
    assert rest
    assert {p.heading for p in rest} == {"强化政府公共服务"}


@pytest.mark.parametrize(
    "line",
    ["记者 陶睿 李勇", "发布时间:2023-02-02 09:47:51", "——工作纪实", "• 提高认识", "责任如下:"],
)
def test_bylines_dates_and_items_are_no_headings(line: str) -> None:
    text = f"甲方说明。\n{line}\n乙方说明。\n总则\n丙方说明。"
    assert {p.heading for p in split(make(text))} == {"", "总则"}


def test_a_heading_marked_in_the_file_counts_whatever_its_form() -> None:
    text = "甲方说明。\n怎么办？\n乙方说明。"
    assert [p.heading for p in split(make(text, "怎么办？"))] == ["", "怎么办？"]


def test_the_title_is_not_a_section() -> None:
    text = "某县工作\n甲方说明。\n总则\n乙方说明。"
    assert [p.heading for p in split(make(text, title="某县工作"))] == ["", "总则"]


def test_nothing_makes_no_passage() -> None:
    assert split(make("")) == []
    assert split(make(" \n\n　")) == []
    assert sentences("") == []


@pytest.mark.parametrize("limits", [(0, 10), (11, 10), (-1, -1)])
def test_impossible_sizes_are_refused(limits: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="min_chars"):
        PassageSettings(*limits)
