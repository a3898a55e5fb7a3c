"""Places named in questions, and the reports they mean."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.places import Places, place_names, short_name

REGIONS = [
    "山西省/吕梁市/文水县",
    "江苏省/徐州市/丰县",
    "江苏省/盐城市/阜宁县",
    "江苏省/盐城市",
    "辽宁省/朝阳市",
]
PLACES = Places(REGIONS)


@pytest.mark.parametrize(
    ("text", "name", "regions", "relation"),
    [
        ("文水县办了多少场", "文水县", ("山西省/吕梁市/文水县",), "is"),
        ("文水办了多少场", "文水", ("山西省/吕梁市/文水县",), "is"),
        ("盐城办了多少场", "盐城", ("江苏省/盐城市",), "is"),
        ("朝阳市办了多少场", "朝阳市", ("辽宁省/朝阳市",), "is"),
        ("大丰区办了多少场", "大丰区", ("江苏省/盐城市",), "around"),
        ("徐州办了多少场", "徐州", ("江苏省/徐州市/丰县",), "inside"),
        ("昆明市办了多少场", "昆明市", (), ""),
    ],
)
def test_place_means_its_own_reports_first(
    text: str, name: str, regions: tuple[str, ...], relation: str
) -> None:
    [place] = PLACES.find(text)
    assert (place.name, place.regions, place.relation) == (name, regions, relation)


def test_province_means_all_reports_inside_it() -> None:
    [place] = PLACES.find("江苏省有哪些做法")
    assert set(place.regions) == {r for r in REGIONS if r.startswith("江苏省")}


def test_district_of_the_same_name_is_another_place() -> None:
    assert [p.regions for p in PLACES.find("北京市朝阳区的做法")] != [("辽宁省/朝阳市",)]
    assert "朝阳市" not in [p.name for p in PLACES.find("朝阳区的做法")]


@pytest.mark.parametrize("text", ["江苏省丰县的做法", "江苏省徐州市丰县的做法", "徐州丰县"])
def test_place_that_only_says_where_another_lies_is_left_out(text: str) -> None:
    assert [p.name for p in PLACES.find(text)] == ["丰县"]


@pytest.mark.parametrize(
    "text", ["盐城和阜宁的做法", "盐城与阜宁", "盐城、阜宁两地", "阜宁跟盐城比"]
)
def test_city_beside_its_county_is_not_left_out_of_a_comparison(text: str) -> None:
    assert {p.name for p in PLACES.find(text)} == {"盐城", "阜宁"}
    assert [p.name for p in PLACES.find("盐城市阜宁县的做法")] == ["阜宁县"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("让哪些单位共建平台", []),
        ("文水大丰收的情况", ["文水"]),
        ("振兴县域经济", []),
        ("面临县里的困难", []),
        ("朝阳市建平县和建平的做法", ["建平县", "建平"]),
        ("大丰收到多少", ["大丰"]),
        ("盐城乡镇的做法", ["盐城"]),
    ],
)
def test_name_that_lies_across_two_ordinary_words_is_no_place(text: str, names: list[str]) -> None:
    assert [p.name for p in PLACES.find(text)] == names


def test_places_come_in_the_order_they_are_named() -> None:
    assert [p.name for p in PLACES.find("阜宁县、文水县和丰县")] == ["阜宁县", "文水县", "丰县"]


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("文水县", "文水"),
        ("丰县", "丰县"),
        ("盐城市", "盐城"),
        ("北京", "北京"),
        ("市", "市"),
        ("", ""),
    ],
)
def test_short_name_is_never_one_character(name: str, short: str) -> None:
    assert short_name(name) == short


def test_collection_without_regions_still_knows_places() -> None:
    [place] = Places([""]).find("文水县")
    assert place.regions == ()
    assert place.relation == ""


@settings(deadline=None, max_examples=200)
@given(
    st.lists(
        st.sampled_from([*"省市县区文水丰阜宁盐城朝阳江苏大的和", "北京", "阜宁县"]), max_size=12
    )
)
def test_offsets_of_places_point_at_their_names(parts: list[str]) -> None:
    text = "".join(parts)
    found = PLACES.find(text)
    for place in found:
        assert text[place.start : place.end] == place.name
        assert len(place.name) > 1
        assert set(place.regions) <= set(REGIONS)
        assert bool(place.regions) == bool(place.relation)
    assert [p.start for p in found] == sorted({p.start for p in found})
    assert len(set(place_names(text))) == len(place_names(text))
