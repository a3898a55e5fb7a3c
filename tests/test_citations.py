"""Every citation of every answer is the document's own text; what is not proved is not said."""

# ruff: noqa: RUF001
from __future__ import annotations

import random
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag import Answer, Document
from rag.citations import MAX_CITATIONS, REFUSAL, find_quote, locate, prove
from rag.text import squeeze
from rag.types import Draft, DraftStatement, Evidence

TEXT = (
    "丰县产业工人队伍建设改革\n"
    "2021年，丰县没有举办培训300场。全县近90家企业投入资金三十亿元,参与职工3.2万人(次)。"
    "工会主席计俊介绍了情况。开展技能培训。开展技能培训。职工不参加无关会议。面积120㎡。"
)
OTHER = "文水县投入资金九十亿元。文水县举办培训800场。"


def report(doc_id: str, text: str) -> Document:
    return Document(
        doc_id, f"报告{doc_id}", text, "来源", "江苏省/徐州市/丰县", "2022", "", "0" * 64
    )


DOCUMENTS = {"a": report("a", TEXT), "b": report("b", OTHER)}


def cite(quote: str, doc_id: str = "a", shift: int = 0, within: str = "") -> Evidence:
    """Evidence with the true offsets of a quote (of its first place), moved by `shift`."""
    text = DOCUMENTS[doc_id].text if doc_id in DOCUMENTS else ""
    at = max(0, text.find(within or quote)) + max(0, within.find(quote)) + shift
    return Evidence(doc_id, at, at + len(quote), quote)


def answer(
    *statements: DraftStatement, missing: str = "", reason: str = "", lead: str = ""
) -> Answer:
    draft = Draft(tuple(statements), lead, reason, missing)
    return prove("问", "问", draft, (), DOCUMENTS)


def says(quote: str, *evidence: Evidence, text: str = "", focus: str = "") -> DraftStatement:
    return DraftStatement(text or quote, evidence or (cite(quote),), focus=focus)


def check(proved: Answer, documents: Mapping[str, Document] = DOCUMENTS) -> None:
    """What holds of every answer, whatever the draft was."""
    assert [c.number for c in proved.citations] == list(range(1, len(proved.citations) + 1))
    assert len(proved.citations) <= MAX_CITATIONS
    places = {(c.doc_id, c.start, c.end) for c in proved.citations}
    assert len(places) == len(proved.citations)
    for c in proved.citations:
        assert documents[c.doc_id].text[c.start : c.end] == c.quote
        assert c.quote.strip()
        assert c.focus in c.quote
        assert c.title == documents[c.doc_id].title
    used = {n for s in proved.statements for n in s.citations}
    assert used == {c.number for c in proved.citations}
    assert all(s.citations and s.kind != "unsupported" for s in proved.statements)
    assert (proved.state == "abstained") == (not proved.statements)
    assert proved.reason or proved.state != "abstained"
    for s in proved.statements:
        assert s.text + "".join(f"[{n}]" for n in s.citations) in proved.text


# --- quotes -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("全县近90家企业", "全县近90家企业"),
        ("全县近９０家　企业", "全县近90家企业"),
        ("投入资金三十亿元，参与职工", "投入资金三十亿元,参与职工"),
        ("3.2万人（次）", "3.2万人(次)"),
        ("改革\n\n2021年", "改革\n2021年"),
        ("改革2021年", "改革\n2021年"),
        ("工会\u200b主席计俊", "工会主席计俊"),
    ],
)
def test_quote_is_found_width_and_space_aside(quote: str, found: str) -> None:
    span = find_quote(TEXT, quote)
    assert span is not None
    assert TEXT[span[0] : span[1]] == found


@pytest.mark.parametrize(
    "quote",
    [
        "",
        " ",
        "\u200b",
        "九十亿元",
        "投入资金九十亿元",
        "全县近90家单位",
        "工会主席李明",
        "职工参加无关会议",
        "全县……企业",
        "开展技能培训",
        "开展技能培训。",
    ],
    ids=ascii,
)
def test_quote_that_is_not_there_or_twice_there_is_not_found(quote: str) -> None:
    assert find_quote(TEXT, quote) is None


def test_quote_that_cuts_a_character_in_two_is_not_found() -> None:
    """㎡ folds to m2; "120m" is no part of the text."""
    assert find_quote(TEXT, "面积120m2") is not None
    span = find_quote(TEXT, "面积120m")
    assert span is None or squeeze(TEXT[span[0] : span[1]]) == "面积120m"


@settings(deadline=None, max_examples=150)
@given(seed=st.integers(0, 10**9))
def test_found_quote_says_what_was_asked_for(documents: Mapping[str, Document], seed: int) -> None:
    pick = random.Random(seed)
    text = pick.choice(sorted(documents.items()))[1].text
    start = pick.randrange(len(text) - 60)
    quote = text[start : start + pick.randrange(8, 60)]
    span = find_quote(text, quote)
    if span is None:
        return  # twice there, or cut out of a number
    assert squeeze(text[span[0] : span[1]]) == squeeze(quote)
    strip = quote.strip()
    assert text[span[0] : span[1]] == strip


# --- evidence -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "evidence",
    [
        Evidence("a", 0, 5, ""),
        Evidence("a", 0, 5, "     "),
        Evidence("a", 0, 0, ""),
        Evidence("forged", 0, 4, "丰县产业"),
        Evidence("", 0, 4, "丰县产业"),
        Evidence("a/../a", 0, 4, "丰县产业"),
        cite("文水县投入资金九十亿元", "b", 0) and Evidence("a", 0, 11, "文水县投入资金九十亿元"),
        cite("九十亿元"),
        Evidence("a", -5, -1, TEXT[-5:-1] + "错"),
    ],
    ids=range(9),
)
def test_forged_evidence_proves_nothing(evidence: Evidence) -> None:
    assert locate(evidence, DOCUMENTS) is None
    assert answer(DraftStatement(evidence.quote or "丰县", (evidence,))).state == "abstained"


@pytest.mark.parametrize("shift", [-7, -1, 1, 3, 5000])
def test_wrong_offsets_are_put_right_from_the_quote(shift: int) -> None:
    true = cite("全县近90家企业")
    assert locate(cite("全县近90家企业", shift=shift), DOCUMENTS) == true
    assert locate(Evidence("a", 10**9, -3, "全县近９０家企业"), DOCUMENTS) == true


def test_quote_that_stands_twice_needs_true_offsets() -> None:
    first = cite("开展技能培训。")
    second = Evidence("a", first.start + 7, first.end + 7, first.quote)
    assert locate(first, DOCUMENTS) == first
    assert locate(second, DOCUMENTS) == second
    assert locate(Evidence("a", 0, 7, first.quote), DOCUMENTS) is None


# --- statements ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "statement", "evidence"),
    [
        ("number cut", "丰县没有举办培训30", cite("丰县没有举办培训30")),
        ("number cut", "00场", cite("00场", within="300场")),
        ("negation cut off", "举办培训300场", cite("举办培训300场")),
        ("negation cut off", "参加无关会议", cite("参加无关会议")),
        ("bound cut off", "90家企业投入资金三十亿元", cite("90家企业投入资金三十亿元")),
        ("figure cut", "十亿元,参与职工", cite("十亿元,参与职工")),
        ("another figure", "投入资金九十亿元", cite("投入资金三十亿元")),
        ("another document", "文水县投入资金九十亿元", cite("投入资金三十亿元")),
        ("another person", "工会主席李明介绍了情况", cite("工会主席计俊介绍了情况")),
        ("不 dropped", "职工参加无关会议。", cite("职工不参加无关会议。")),
        ("no evidence", "丰县产业工人", ()),
    ],
)
def test_statement_the_document_does_not_make_is_dropped(
    fault: str, statement: str, evidence: Evidence | tuple[()]
) -> None:
    proved = answer(DraftStatement(statement, (evidence,) if evidence else ()))
    check(proved)
    assert proved.state == "abstained", fault
    assert proved.citations == ()
    assert REFUSAL in proved.text


def test_statement_is_not_glued_together_from_two_quotes() -> None:
    proved = answer(
        DraftStatement("丰县举办培训800场", (cite("2021年，丰县"), cite("举办培训800场", "b")))
    )
    check(proved)
    assert proved.state == "abstained"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("2021年，丰县", "举办培训300场"),  # leaves out 没有
        ("工会主席计俊", "开展技能培训。"),
    ],
)
def test_two_pieces_of_one_report_are_not_run_together(first: str, second: str) -> None:
    proved = answer(DraftStatement(first + second, (cite(first), cite(second))))
    check(proved)
    assert proved.state == "abstained"


def test_honest_draft_is_answered_in_its_order() -> None:
    proved = answer(
        says("工会主席计俊介绍了情况。", focus="计俊"),
        says("2021年，丰县没有举办培训300场。"),
        lead="一共两条。",
    )
    check(proved)
    assert proved.state == "answered"
    assert (
        proved.text == "一共两条。\n工会主席计俊介绍了情况。[1]\n2021年，丰县没有举办培训300场。[2]"
    )
    assert proved.citations[0].focus == "计俊"
    assert [s.kind for s in proved.statements] == ["verbatim", "verbatim"]


def test_dropped_statement_makes_the_answer_partial_and_leaves_no_gap() -> None:
    proved = answer(
        says("投入资金九十亿元", cite("投入资金三十亿元")),
        says("工会主席计俊介绍了情况。"),
        says("丰县", Evidence("forged", 0, 2, "丰县")),
        says("2021年，丰县没有举办培训300场。"),
    )
    check(proved)
    assert proved.state == "partial"
    assert [c.number for c in proved.citations] == [1, 2]


def test_reader_is_told_why_an_answer_is_partial() -> None:
    proved = answer(
        says("工会主席计俊介绍了情况。"), says("投入资金九十亿元", cite("投入资金三十亿元"))
    )
    assert proved.state == "partial"
    assert proved.reason


def test_missing_part_is_told() -> None:
    proved = answer(says("工会主席计俊介绍了情况。"), missing="阜宁县")
    check(proved)
    assert proved.state == "partial"
    assert proved.reason == "阜宁县"
    assert "阜宁县" in proved.text


def test_empty_draft_abstains_with_its_reason() -> None:
    proved = answer(reason="资料中没有火星的报道")
    check(proved)
    assert proved.state == "abstained"
    assert proved.reason == "资料中没有火星的报道"
    assert proved.reason in proved.text
    assert answer().reason


def test_same_place_cited_twice_has_one_number() -> None:
    same = cite("工会主席计俊介绍了情况。")
    proved = answer(
        says("工会主席计俊介绍了情况。", same, same, cite("工会主席计俊介绍了情况。", shift=4)),
        says("工会主席计俊介绍了情况"),
        says("2021年，丰县没有举办培训300场。"),
    )
    check(proved)
    assert proved.statements[0].citations == (1,)
    assert proved.statements[-1].citations == (len(proved.citations),)


def test_no_more_than_six_citations_are_shown() -> None:
    quotes = [s + "。" for s in TEXT.split("\n")[1].split("。") if s and "开展" not in s]
    quotes += [s + "。" for s in OTHER.split("。") if s]
    drafted = [says(q, cite(q, "a" if q in TEXT else "b")) for q in quotes]
    proved = answer(*drafted)
    check(proved)
    assert len(quotes) > MAX_CITATIONS == len(proved.citations)
    assert proved.state == "partial"


def test_unproved_evidence_of_a_proved_statement_is_not_cited() -> None:
    good = cite("工会主席计俊介绍了情况。")
    proved = answer(says(good.quote, Evidence("forged", 0, 1, "x"), good, cite("九十亿元")))
    check(proved)
    assert [c.quote for c in proved.citations] == [good.quote]


def test_focus_that_is_not_in_the_quote_is_not_shown() -> None:
    assert answer(says("工会主席计俊介绍了情况。", focus="李明")).citations[0].focus == ""


@pytest.mark.parametrize("mark", ["[3]", "[1][2]", "【4】", "［5］"])
def test_citation_marks_a_writer_typed_are_not_passed_on(mark: str) -> None:
    """Only the marks made here may stand in an answer: others point to nothing."""
    proved = answer(says("工会主席计俊介绍了情况。", text=f"工会主席计俊介绍了情况{mark}。"))
    assert mark not in proved.text


EVIDENCE = st.builds(
    lambda doc, start, size, shift, true: Evidence(
        doc,
        start + shift,
        start + shift + size,
        (DOCUMENTS[doc].text if true and doc in DOCUMENTS else TEXT)[start : start + size],
    ),
    st.sampled_from(["a", "b", "c"]),
    st.integers(-3, len(TEXT)),
    st.integers(-2, 40),
    st.sampled_from([0, 0, 0, 1, -2]),
    st.booleans(),
)
STATEMENT = st.builds(
    lambda evidence, own, text, focus: DraftStatement(
        evidence[0].quote if own and evidence else text, tuple(evidence), focus=focus
    ),
    st.lists(EVIDENCE, max_size=4),
    st.booleans(),
    st.sampled_from(["丰县", "", "投入资金三十亿元", TEXT[:60]]),
    st.sampled_from(["", "计俊", "300场"]),
)


@settings(deadline=None, max_examples=300)
@given(st.lists(STATEMENT, max_size=9), st.booleans())
def test_no_draft_whatever_gets_past_the_proof(drafted: list[DraftStatement], gap: bool) -> None:
    check(answer(*drafted, missing="某地" if gap else ""))
