"""The place in the vectors: it must help to find, and come out again exactly."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rag import build_index
from rag.index import open_index
from rag.manifest import read_pointer
from rag.placed import add_places, own_cosines, without_places
from rag.places import region_name
from rag.retrieval import Searcher


def unit_rows(seed: int, n: int) -> np.ndarray:
    rows = np.random.default_rng(seed).normal(size=(n, 16)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@given(st.integers(0, 2**32 - 1), st.integers(1, 9), st.booleans())
def test_the_text_alone_comes_back_from_what_is_stored(seed: int, n: int, nowhere: bool) -> None:
    texts, query = unit_rows(seed, n), unit_rows(seed + 1, 1)[0]
    places = np.zeros_like(texts) if nowhere else unit_rows(seed + 2, n)
    rows, norms = add_places(texts, places)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(without_places(rows, norms, places), texts, atol=1e-5)
    cosines = own_cosines(rows @ query, norms, places @ query)
    np.testing.assert_allclose(cosines, texts @ query, atol=1e-5)
    if nowhere:
        np.testing.assert_allclose(rows, texts, atol=1e-6)


def test_paragraphs_that_never_name_their_county_are_not_found_by_it(searcher: Searcher) -> None:
    """All passages of a county are nearer to its name than the median of the others is."""
    index = searcher.index
    for region in index.regions:
        name = region_name(region)
        query = index.encoder.encode_queries([name])[0]
        whole, _ = index.dense(query, None, len(index.passages))
        own = [s for s, p in zip(whole, index.passages, strict=True) if p.region == region]
        others = [s for s, p in zip(whole, index.passages, strict=True) if p.region != region]
        silent = [p for p in index.passages if p.region == region and name not in p.text]
        assert silent
        assert min(own) > float(np.median(others))


def test_a_report_moved_to_another_place_keeps_its_old_vectors(
    corpus_copy: Path, tmp_path: Path
) -> None:
    """Vectors are taken over from the old index only where text and place are the same."""
    grown, fresh = tmp_path / "grown", tmp_path / "fresh"
    build_index(corpus_copy, grown)
    report = sorted(corpus_copy.iterdir())[0]
    region = next(d.region for d in open_index(grown).documents.values() if d.region)
    text = report.read_text(encoding="utf-8")
    assert region in text
    for path in corpus_copy.iterdir():
        moved = path.read_text(encoding="utf-8").replace(region, "福建省/漳州市/东山县")
        path.write_text(moved, encoding="utf-8")
    build_index(corpus_copy, grown)
    build_index(corpus_copy, fresh)
    assert "福建省/漳州市/东山县" in open_index(grown).regions
    assert read_pointer(grown)[0].name == read_pointer(fresh)[0].name
