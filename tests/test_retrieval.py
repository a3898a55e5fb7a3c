"""Search: what it finds, what it leaves out, and that nothing accidental changes it."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from langchain_tests.integration_tests import RetrieversIntegrationTests
from opencc import OpenCC

from rag import Retriever, build_index
from rag.errors import QuestionError
from rag.retrieval import Searcher
from rag.text import normalise_question, squeeze
from rag.types import Hit

QUESTION = "文水县五年办了多少场培训？"


def found(evidence: list[str], hits: Sequence[Hit]) -> bool:
    return all(any(squeeze(e) in squeeze(h.passage.text) for h in hits) for e in evidence)


def keys(hits: Sequence[Hit]) -> list[tuple[str, int]]:
    return [(h.passage.doc_id, h.passage.start) for h in hits]


# --- what it finds ------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "floor"), [("", 0.95), ("paraphrase", 0.85)])
def test_evidence_recall_at_5_has_not_fallen(
    retriever: Retriever, dev: list[dict[str, Any]], kind: str, floor: float
) -> None:
    rows = [r for r in dev if r["evidence"] and (not kind or r["type"] == kind)]
    missed = [
        r["question"]
        for r in rows
        if not found(r["evidence"], retriever.search(r["question"], k=5))
    ]
    assert 1 - len(missed) / len(rows) >= floor, missed


def test_hits_are_ranked_from_one_best_first(
    retriever: Retriever, searcher: Searcher, dev: list[dict[str, Any]]
) -> None:
    for row in dev[::3]:
        hits = retriever.search(row["question"], k=20)
        assert [h.rank for h in hits] == list(range(1, len(hits) + 1))
        assert len(set(keys(hits))) == len(hits)
        assert np.isfinite([h.score for h in hits]).all()
        if not searcher.analyse(row["question"]).compares:
            assert len(hits) == 20
            scores = [(-h.score, h.passage.doc_id, h.passage.start) for h in hits]
            assert scores == sorted(scores)


def test_fewer_hits_are_the_first_of_more(retriever: Retriever, dev: list[dict[str, Any]]) -> None:
    for row in dev[::8]:
        more = retriever.search(row["question"], k=30)
        for k in (1, 5, 12):
            assert retriever.search(row["question"], k=k) == more[:k]


def test_all_named_places_are_among_the_first_hits(retriever: Retriever) -> None:
    hits = retriever.search("文水县和丰县哪个举办的培训更多？", k=4)
    assert {h.passage.region.split("/")[-1] for h in hits[:2]} == {"文水县", "丰县"}


def test_k_beyond_the_collection_gives_it_whole(retriever: Retriever, searcher: Searcher) -> None:
    hits = retriever.search(QUESTION, k=100_000)
    assert sorted(keys(hits)) == sorted((p.doc_id, p.start) for p in searcher.index.passages)


def test_k_beyond_the_candidates_is_no_error(corpus_copy: Path, tmp_path: Path) -> None:
    """More passages than are looked at closely: two copies of every report and a long one."""
    for path in list(corpus_copy.glob("0*.md")):
        for number in range(4):
            shutil.copy(path, corpus_copy / f"{path.stem}-{number}.md")
    build_index(corpus_copy, tmp_path / "index")
    big = Retriever.load(str(tmp_path / "index"))
    assert len(big.searcher.index.passages) > 300
    hits = big.search(QUESTION, k=1000)
    assert len(set(keys(hits))) == len(hits) > 100
    assert hits[0].passage.text == big.search(QUESTION, k=1)[0].passage.text
    # Five copies of one passage differ by name only; ties go by it.
    first = keys(hits)[:5]
    assert first == sorted(first)
    only = big.search(QUESTION, k=1000, doc_id="001-丰县")
    assert len(only) == sum(p.doc_id == "001-丰县" for p in big.searcher.index.passages)


# --- options that make no sense -----------------------------------------------------------


@pytest.mark.parametrize("k", [0, -1, -100])
def test_k_below_one_is_an_error(retriever: Retriever, k: int) -> None:
    with pytest.raises(QuestionError, match="k"):
        retriever.search(QUESTION, k=k)
    with pytest.raises(ValueError, match="k"):
        retriever.invoke(QUESTION, k=k)


@pytest.mark.parametrize("k", [2.5, "5", float("nan"), True, [3]])
def test_k_that_is_no_whole_number_is_an_error(retriever: Retriever, k: Any) -> None:
    with pytest.raises(QuestionError, match="k"):
        retriever.search(QUESTION, k=k)


@pytest.mark.parametrize("blank", ["", " \n", "？", "\u200b"])
def test_blank_question_is_an_error(retriever: Retriever, blank: str) -> None:
    with pytest.raises(QuestionError):
        retriever.search(blank)
    with pytest.raises(ValueError, match="空"):
        retriever.invoke(blank)


@pytest.mark.parametrize(
    "region", ["火星", "盐城市", "江苏省/盐城", "江苏省/盐城市区", "江苏", " "]
)
def test_unknown_region_is_an_error_that_lists_the_known(retriever: Retriever, region: str) -> None:
    with pytest.raises(QuestionError, match="江苏省/徐州市/丰县"):
        retriever.search(QUESTION, region=region)


def test_unknown_report_is_an_error(retriever: Retriever) -> None:
    with pytest.raises(QuestionError, match="9-无"):
        retriever.search(QUESTION, doc_id="9-无")


@pytest.mark.parametrize(
    "date",
    [
        "去年",
        "2022年",
        "2022-13",
        "2022-02-30",
        "2022-1-5",
        "2022/01/05",
        "20220105",
        "22",
        "0000",
        "２０２２",
        "2022\n",
        20220105,
        "-1",
        "abc",
        " ",
    ],
)
def test_date_that_is_none_is_an_error_not_an_empty_or_full_result(
    retriever: Retriever, date: Any
) -> None:
    with pytest.raises(QuestionError):
        retriever.search(QUESTION, published_from=date)
    with pytest.raises(QuestionError):
        retriever.search(QUESTION, published_to=date)


@pytest.mark.parametrize(
    ("first", "last"), [("2023", "2020"), ("2022-12", "2022-11-30"), ("2022-01-02", "2022-01-01")]
)
def test_range_that_ends_before_it_begins_is_an_error(
    retriever: Retriever, first: str, last: str
) -> None:
    with pytest.raises(QuestionError, match=f"{first}.*{last}"):
        retriever.search(QUESTION, published_from=first, published_to=last)


def test_misspelt_option_is_not_silently_dropped(searcher: Searcher) -> None:
    with pytest.raises((TypeError, ValueError)):
        Retriever(searcher, regoin="江苏省")
    with pytest.raises(TypeError):
        Retriever(searcher).invoke(QUESTION, regoin="江苏省")


# --- filters ------------------------------------------------------------------------------

DATED = {
    "a": ("江苏省/盐城市", "2022-11-29", ""),
    "b": ("江苏省/盐城市区", "2022", ""),
    "c": ("江苏省/盐城市/阜宁县", "2021-06", ""),
    "d": ("江苏省", "unknown", "2020"),
    "e": ("", "unknown", ""),
    "f": ("江苏省/盐城市", "2023-01-01", ""),
}


@pytest.fixture(scope="module")
def dated(tmp_path_factory: pytest.TempPathFactory) -> Retriever:
    """Six reports of known places and dates."""
    root = tmp_path_factory.mktemp("dated")
    (root / "corpus").mkdir()
    for name, (region, published, inferred) in DATED.items():
        head = f"region: {region}\npublished: '{published}'\npublished_inferred: '{inferred}'\n"
        (root / "corpus" / f"{name}.md").write_text(
            f"---\ntitle: 报告{name}\n{head}---\n\n{name}地总工会举办职工技能培训班，参加职工踊跃。\n",
            encoding="utf-8",
        )
    build_index(root / "corpus", root / "index")
    return Retriever.load(str(root / "index"))


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        ("", "abcdef"),
        ("江苏省", "abcdf"),
        ("江苏省/", "abcdf"),
        ("江苏省/盐城市", "acf"),
        ("江苏省/盐城市/", "acf"),
        ("江苏省/盐城市区", "b"),
        ("江苏省/盐城市/阜宁县", "c"),
    ],
)
def test_region_is_a_path_not_the_beginning_of_a_word(
    dated: Retriever, region: str, expected: str
) -> None:
    hits = dated.search("技能培训", k=50, region=region)
    assert sorted({h.passage.doc_id for h in hits}) == list(expected)


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("", "", "abcdef"),
        ("2022", "", "abf"),
        ("2022", "2022", "ab"),
        ("", "2022", "abcd"),
        ("2022-11-29", "2022-11-29", "ab"),
        ("2022-11-30", "", "bf"),
        ("", "2022-11-28", "bcd"),
        ("2022-12", "2022-12", "b"),
        ("2021-06-15", "2021-06-20", "c"),
        ("2021-07", "2021-12-31", ""),
        ("2020", "2020", "d"),
        ("2020-05-01", "2020-05-31", "d"),
        ("2023-01-01", "", "f"),
        ("2023-01-02", "", ""),
        ("1999", "2001", ""),
        ("2022-12", "2022", "b"),
    ],
)
def test_dates_include_both_ends_and_what_is_known_only_to_the_year(
    dated: Retriever, first: str, last: str, expected: str
) -> None:
    hits = dated.search("技能培训", k=50, published_from=first, published_to=last)
    assert sorted({h.passage.doc_id for h in hits}) == list(expected)


def test_filters_work_together(dated: Retriever) -> None:
    hits = dated.search(
        "培训", k=9, region="江苏省/盐城市", published_from="2022", published_to="2022"
    )
    assert {h.passage.doc_id for h in hits} == {"a"}
    assert dated.search("培训", doc_id="a", published_from="2023") == []


def test_filter_of_the_retriever_holds_until_a_call_overrides_it(dated: Retriever) -> None:
    fixed = Retriever(dated.searcher, k=2, region="江苏省/盐城市")
    assert len(fixed.search("培训")) == 2
    assert {h.passage.doc_id for h in fixed.search("培训", k=9)} == {"a", "c", "f"}
    assert {h.passage.doc_id for h in fixed.search("培训", k=9, region="")} == set(DATED)
    assert {d.metadata["doc_id"] for d in fixed.invoke("培训", k=9, doc_id="a")} == {"a"}


def test_filtered_hits_of_every_report_are_its_own(
    retriever: Retriever, searcher: Searcher
) -> None:
    for doc_id, document in searcher.index.documents.items():
        hits = retriever.search(QUESTION, k=500, doc_id=doc_id)
        assert len(hits) == sum(p.doc_id == doc_id for p in searcher.index.passages)
        assert {h.passage.doc_id for h in hits} == {doc_id}
        inside = retriever.search(QUESTION, k=500, region=document.region)
        assert set(keys(hits)) <= set(keys(inside))


# --- nothing accidental changes the result ------------------------------------------------


def test_invisible_characters_and_widths_change_nothing(
    retriever: Retriever, dev: list[dict[str, Any]]
) -> None:
    wide = {ord("!") + i: 0xFF01 + i for i in range(94)}
    for row in dev[::4]:
        plain = retriever.search(row["question"])
        assert retriever.search("\u200b".join(row["question"])) == plain
        assert retriever.search("\ufeff" + row["question"].translate(wide) + "\u3000") == plain


def test_traditional_characters_change_nothing(
    retriever: Retriever, dev: list[dict[str, Any]]
) -> None:
    """Where the conversion is unambiguous; a few characters have two traditional forms."""
    traditional = OpenCC("s2t")
    same = 0
    for row in dev:
        typed = traditional.convert(row["question"])
        if normalise_question(typed) == normalise_question(row["question"]):
            same += 1
    assert same >= 0.95 * len(dev)
    for row in dev[::6]:
        hits = retriever.search(traditional.convert(row["question"]))
        assert keys(hits) == keys(retriever.search(row["question"]))


def test_results_do_not_depend_on_hash_order(
    hash_seed_runs: list[dict[str, Any]], retriever: Retriever, dev: list[dict[str, Any]]
) -> None:
    assert len({repr(run["hits"]) for run in hash_seed_runs}) == 1
    assert len({repr(run["answers"]) for run in hash_seed_runs}) == 1
    here = [
        [
            [h.passage.doc_id, h.passage.start, h.score]
            for h in retriever.search(r["question"], k=10)
        ]
        for r in dev[::6]
    ]
    assert hash_seed_runs[0]["hits"] == here


def test_order_of_the_files_does_not_matter(
    built: Path, reports: Path, tmp_path: Path, retriever: Retriever
) -> None:
    """Written in the opposite order, so that the folder lists them otherwise."""
    (tmp_path / "corpus").mkdir()
    for path in sorted(reports.iterdir(), reverse=True):
        shutil.copy(path, tmp_path / "corpus" / path.name)
    build_index(tmp_path / "corpus", tmp_path / "index")
    assert Retriever.load(str(tmp_path / "index")).search(QUESTION) == retriever.search(QUESTION)


def test_eight_threads_find_what_one_finds(built: Path, dev: list[dict[str, Any]]) -> None:
    fresh = Retriever.load(str(built))  # nothing remembered yet
    questions = [row["question"] for row in dev[::2]]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(fresh.search, questions * 2))
    alone = [fresh.search(q) for q in questions]
    assert together == alone * 2


# --- the LangChain retriever --------------------------------------------------------------


def test_invoke_gives_documents_with_the_promised_metadata(retriever: Retriever) -> None:
    hits = retriever.search(QUESTION)
    documents = retriever.invoke(QUESTION)
    assert len(documents) == len(hits) == 5
    promised = {"doc_id", "title", "source", "region", "published", "start", "end", "score", "rank"}
    for hit, document in zip(hits, documents, strict=True):
        assert document.page_content == hit.passage.text
        assert promised <= set(document.metadata)
        for name in promised - {"score", "rank"}:
            assert document.metadata[name] == getattr(hit.passage, name)
        assert (document.metadata["score"], document.metadata["rank"]) == (hit.score, hit.rank)
        assert type(document.metadata["score"]) is float


def test_batch_gives_what_invoke_gives(retriever: Retriever) -> None:
    questions = [QUESTION, "丰县投入多少钱改造文化宫"]
    assert retriever.batch(questions) == [retriever.invoke(q) for q in questions]


@pytest.mark.filterwarnings("ignore::pytest.PytestWarning")
@pytest.mark.asyncio
class TestLangChainConformance(RetrieversIntegrationTests):
    """The suite that LangChain asks of a retriever."""

    @pytest.fixture(autouse=True)
    def _opened(self, searcher: Searcher) -> None:
        self._searcher = searcher

    @property
    def retriever_constructor(self) -> type[Retriever]:
        return Retriever

    @property
    def retriever_constructor_params(self) -> dict[str, Any]:
        return {"searcher": self._searcher}

    @property
    def retriever_query_example(self) -> str:
        return QUESTION
