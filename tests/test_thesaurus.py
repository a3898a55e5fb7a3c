"""Other wording for the same thing."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.retrieval import Searcher
from rag.text import simplify
from rag.thesaurus import SAME, TOLD, Entry, Thesaurus, bundled, parse

BUS = Entry("公交", ("公共汽车", "班车"), ("挤车", "上下班路上"))
WORDS = st.text(alphabet="公交车班上下挤路", min_size=2, max_size=4)


@pytest.fixture(scope="module")
def lines() -> list[str]:
    path = resources.files("rag").joinpath("data/thesaurus.tsv")
    return path.read_text(encoding="utf-8").splitlines()


def test_a_circumlocution_finds_the_word_and_for_less_its_synonyms() -> None:
    (found,) = Thesaurus([BUS]).find("天天挤车")
    assert (found.start, found.end) == (2, 4)
    assert found.words == {"公交": TOLD, "公共汽车": TOLD * SAME, "班车": TOLD * SAME}


def test_the_words_of_reports_find_each_other_and_for_less_other_wording() -> None:
    (found,) = Thesaurus([BUS]).find("班车")
    assert found.words["公交"] == SAME
    assert found.words["公共汽车"] == SAME * SAME
    assert found.words["挤车"] == SAME * TOLD


def test_two_circumlocutions_of_one_thing_do_not_mean_each_other() -> None:
    (found,) = Thesaurus([BUS]).find("挤车")
    assert "上下班路上" not in found.words


def test_of_two_lines_the_better_worth_counts_in_any_order() -> None:
    loose = Entry("班车", (), ("公交",))
    for entries in ([BUS, loose], [loose, BUS]):
        (found,) = Thesaurus(entries).find("公交")
        assert found.words["班车"] == SAME


def test_wording_inside_other_wording_is_found_too() -> None:
    both = [BUS, Entry("通勤", (), ("上下班",))]
    assert [(w.start, w.end) for w in Thesaurus(both).find("上下班路上")] == [(0, 3), (0, 5)]


@given(st.lists(st.builds(Entry, WORDS, st.tuples(WORDS), st.tuples(WORDS))), st.text(max_size=9))
def test_what_is_found_stands_in_the_text_and_never_means_itself(
    entries: list[Entry], noise: str
) -> None:
    text = noise + "".join(entry.told[0] for entry in entries)
    for found in Thesaurus(entries).find(text):
        assert 0 <= found.start < found.end <= len(text)
        assert text[found.start : found.end] not in found.words
        assert all(0 < worth <= SAME for worth in found.words.values())


@pytest.mark.parametrize("line", ["公交", "公交\t班车", "\t班车\t挤车", "公交\t班车\t挤车\t多"])
def test_line_of_another_form_is_told_by_its_number(line: str) -> None:
    with pytest.raises(ValueError, match="line 2"):
        list(parse(["师带徒\t\t老师傅教", line]))


def test_every_line_that_ships_is_in_order_and_says_something(lines: list[str]) -> None:
    entries = list(parse(lines))
    words = [entry.word for entry in entries]
    assert words == sorted(set(words))
    for entry in entries:
        others = (*entry.synonyms, *entry.told)
        assert others
        assert len({entry.word, *others}) == 1 + len(others), entry
        for word in (entry.word, *others):
            assert re.fullmatch(r"[\w·+%/.-]{2,10}", word), entry
            assert simplify(word) == word, entry


def test_bundled_thesaurus_is_found_in_a_question() -> None:
    assert any("公交" in found.words for found in bundled().find("上下班挤车"))


def test_sentence_that_only_a_circumlocution_joins_is_matched(searcher: Searcher) -> None:
    late = searcher.index.late
    asked = late.question("挤车")
    assert asked.instead
    texts = [late.word_ids(text) for text in ("开通公交专线", "举办技能大赛")]
    bus, contest = late.scores(asked, texts)
    assert bus >= TOLD - 1e-6
    assert contest < bus - 0.2


def test_term_of_several_words_counts_only_where_all_of_them_stand(searcher: Searcher) -> None:
    late = searcher.index.late
    several = next(
        one
        for found in ("孩子没人带", "打官司", "老师傅教", "学手艺")
        for several in late.question(found).instead.values()
        for one in several
        if len(one.ids) > 1
    )
    asked = late.question("锅炉")
    asked = replace(asked, instead={several.ids[0]: [replace(several, columns=(0,), worth=1.0)]})
    whole = late.matches(asked, [list(several.ids)])[0, 0]
    part = late.matches(asked, [list(several.ids[:1])])[0, 0]
    assert whole == pytest.approx(1.0)
    assert part < 1.0


def test_wording_repeated_to_the_limit_of_a_question_is_looked_up_once(searcher: Searcher) -> None:
    late = searcher.index.late
    once, often = late.question("老师傅教新人"), late.question("老师傅教新人" * 300)
    assert once.instead
    for word, found in once.instead.items():
        assert set(found) <= set(often.instead[word])
    assert all(len(found) == len(set(found)) for found in often.instead.values())
