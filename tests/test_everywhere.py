"""A question asked of every place: 哪几个地方…"""

from __future__ import annotations

from pathlib import Path

import pytest

from rag import Assistant, build_index
from rag.everywhere import everywhere
from rag.retrieval import Searcher
from rag.text import squeeze

ALL = {"文水县", "丰县", "盐城市", "阜宁县", "朝阳市"}
# Words of which a plain search of the reports says in which they stand.
TERMS = ("师带徒", "春风行动", "幸福企业", "职工宿舍", "中级法院")


@pytest.fixture(scope="module")
def assistant(searcher: Searcher) -> Assistant:
    return Assistant(searcher)


@pytest.mark.parametrize("term", TERMS)
def test_places_named_are_those_whose_report_has_the_word(assistant: Assistant, term: str) -> None:
    telling = {
        region.split("/")[-1]
        for document in assistant.searcher.index.documents.values()
        if term in squeeze(document.text)
        for region in [document.region]
    }
    assert telling, f"{term} stands in no report: the test proves nothing"
    answer = assistant.ask(f"哪几个地方讲了{term}？")
    assert {one.label for one in answer.statements} == telling
    silent = answer.text.partition("未见报道：")[2]
    assert {name for name in ALL if name in silent} == ALL - telling


def test_each_place_has_one_row_with_its_own_citation(assistant: Assistant) -> None:
    answer = assistant.ask("哪些地方建了职工创新工作室？")
    labels = [one.label for one in answer.statements]
    assert len(labels) == len(set(labels)) >= 2
    documents = assistant.searcher.index.documents
    for one in answer.statements:
        for n in one.citations:
            cited = answer.citations[n - 1]
            assert documents[cited.doc_id].region.endswith(one.label)


@pytest.mark.parametrize(
    "question",
    [
        "马文刚走访了哪些地方？",  # places are the answer, not asked one by one
        "我在整理各地工会的做法，文水县发了什么文件？",  # one is named
        "各地都在搞产改，文水县发了什么文件？",
        "丰县有哪些县级试点企业？",
        "各级工会怎么帮扶困难职工？",
    ],
)
def test_question_of_one_place_is_not_asked_of_all(searcher: Searcher, question: str) -> None:
    assert everywhere(searcher.analyse(question), searcher.index.regions) == []


def test_what_is_asked_of_each_place_is_without_the_words_that_ask(searcher: Searcher) -> None:
    parts = everywhere(searcher.analyse("请问哪几个县讲到了师带徒？"), searcher.index.regions)
    assert {name for name, _ in parts} == ALL
    for name, part in parts:
        assert "师带徒" in part.content
        assert "讲" not in part.content
        assert "哪" not in part.text
        (place,) = part.places
        assert place.regions[0].endswith(name)


def test_matter_of_no_report_is_refused_not_pinned_on_the_likeliest(assistant: Assistant) -> None:
    answer = assistant.ask("哪些地方修了地铁？")
    assert answer.state == "abstained"
    assert answer.reason


def test_collection_of_one_place_answers_as_usual(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "one.md").write_text(
        "---\nregion: 江苏省/徐州市/丰县\n---\n丰县举办技能大赛，设四十一个工种。", encoding="utf-8"
    )
    build_index(corpus, tmp_path / "index")
    answer = Assistant.load(str(tmp_path / "index")).ask("哪些地方办了技能大赛？")
    assert answer.state == "answered"
    assert "未见报道" not in answer.text


def test_of_many_places_only_as_many_rows_as_fit_and_no_endless_list_of_silent_ones(
    tmp_path: Path,
) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    names = ["丰县", "沛县", "睢宁县", "邳州市", "新沂市", "铜山区", "贾汪区", "泉山区"]
    for i, name in enumerate(names):
        text = f"{name}举办职工技能大赛。" if i < 7 else f"{name}发放救助金。"
        (corpus / f"{i}.md").write_text(
            f"---\nregion: 江苏省/徐州市/{name}\n---\n{text}", encoding="utf-8"
        )
    build_index(corpus, tmp_path / "index")
    answer = Assistant.load(str(tmp_path / "index")).ask("哪些地方办了职工技能大赛？")
    assert len(answer.citations) == 6
    assert len(answer.text) <= 400
    assert "未见报道" not in answer.text
