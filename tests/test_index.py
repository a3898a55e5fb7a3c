"""The index on disk: the same bytes every time, published at once or not at all, never trusted."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rag import Retriever, build_index
from rag.build import is_current
from rag.corpus import read_corpus
from rag.encoder import load_encoder
from rag.errors import (
    CorpusError,
    EncoderError,
    IndexDamagedError,
    IndexMismatchError,
    IndexMissingError,
    IndexStaleError,
    IndexStoreError,
    IndexWriteError,
)
from rag.index import open_index, stored_vectors
from rag.manifest import FORMAT_VERSION, generation_name, read_manifest, read_pointer
from rag.retrieval import Searcher

FILES = [
    "bm25/data.csc.index.npy",
    "bm25/indices.csc.index.npy",
    "bm25/indptr.csc.index.npy",
    "bm25/params.index.json",
    "bm25/vocab.index.json",
    "documents.jsonl",
    "norms.npy",
    "passages.faiss",
    "passages.jsonl",
    "places.npy",
    "sentences.faiss",
    "sentences.npy",
    "word_ends.npy",
    "words.npy",
]
NEW_REPORT = (
    "东海县产业工人队伍建设改革情况\n\n"
    "2023年，东海县总工会开办水晶雕刻技能培训班12期，培训水晶工匠480名。\n\n"
    "县总工会还为水晶企业职工开设了法律援助窗口，全年接待职工来访96人次。\n"
)


def generation(index: Path) -> Path:
    """Folder of the generation that is current."""
    return read_pointer(index)[0]


def reseal(index: Path, **changes: Any) -> None:
    """Give the current generation another manifest, consistent in itself: what another
    version of the program or another encoder would have written."""
    folder = generation(index)
    fields = json.loads((folder / "manifest.json").read_text(encoding="utf-8")) | changes
    del fields["generation"]
    name = generation_name(fields)
    text = json.dumps({**fields, "generation": name}, ensure_ascii=False)
    (folder / "manifest.json").write_text(text, encoding="utf-8")
    folder.rename(folder.with_name(name))
    pointer = json.loads((index / "CURRENT").read_text(encoding="utf-8"))
    pointer["generation"] = name
    (index / "CURRENT").write_text(json.dumps(pointer, ensure_ascii=False), encoding="utf-8")


def flip_byte(path: Path, at: int = -1) -> None:
    """Change one bit of one byte of a file; by default in its middle."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2 if at < 0 else at] ^= 1
    path.write_bytes(bytes(data))


def contents(index: Path) -> dict[str, str]:
    """Digest of every file of an index folder."""
    return {
        p.relative_to(index).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(index.rglob("*"))
        if p.is_file()
    }


def current_contents(index: Path) -> dict[str, str]:
    return contents(generation(index))


def litter(index: Path) -> list[str]:
    """Whatever lies in an index folder besides what may lie there."""
    expected = {"CURRENT", ".lock", "generations", "README.md"}
    stray = [p.name for p in index.iterdir() if p.name not in expected]
    return stray + [p.name for p in (index / "generations").iterdir() if not p.name.isalnum()]


def small_corpus(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "东海县.txt").write_text(NEW_REPORT, encoding="utf-8")
    return folder


# --- the same reports give the same bytes -------------------------------------------------


def test_two_builds_differ_in_no_byte(built: Path, reports: Path, tmp_path: Path) -> None:
    build_index(reports, tmp_path / "again")
    assert contents(tmp_path / "again") == contents(built)


def test_index_does_not_depend_on_where_the_project_lies(reports: Path, tmp_path: Path) -> None:
    for place in ("a", "b/c"):
        shutil.copytree(reports, tmp_path / place / "corpus")
        build_index(tmp_path / place / "corpus", tmp_path / place / "index")
    assert contents(tmp_path / "a" / "index") == contents(tmp_path / "b/c" / "index")


def test_index_does_not_depend_on_hash_order(
    hash_seed_runs: list[dict[str, Any]], built: Path
) -> None:
    for run in hash_seed_runs:
        assert run["files"] == contents(built)


def test_index_does_not_depend_on_the_way_it_came_about(
    built: Path, reports: Path, corpus_copy: Path, index_copy: Path
) -> None:
    (corpus_copy / "东海县.txt").write_text(NEW_REPORT, encoding="utf-8")
    build_index(corpus_copy, index_copy)
    assert current_contents(index_copy) != current_contents(built)
    (corpus_copy / "东海县.txt").unlink()
    build_index(corpus_copy, index_copy)
    assert current_contents(index_copy) == current_contents(built)


def test_rebuild_embeds_only_what_is_new(corpus_copy: Path, index_copy: Path) -> None:
    def embedded() -> int:
        calls: list[tuple[int, int]] = []
        build_index(corpus_copy, index_copy, progress=lambda done, of: calls.append((done, of)))
        assert [done for done, _ in calls] == sorted(done for done, _ in calls)
        return calls[-1][1] if calls else 0

    assert embedded() == 0
    (corpus_copy / "东海县.txt").write_text(NEW_REPORT, encoding="utf-8")
    sentences = 4  # title and three sentences, and at most as many passages
    assert 0 < embedded() <= 2 * sentences
    (corpus_copy / "东海县.txt").write_text(NEW_REPORT.replace("480", "490"), encoding="utf-8")
    assert 0 < embedded() <= sentences
    assert embedded() == 0


def test_what_is_written_is_counted_to_the_end(reports: Path, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    manifest = build_index(
        reports, tmp_path / "index", written=lambda done, of: seen.append((done, of))
    )
    assert seen[0] == (0, 2 * manifest.passages)
    assert seen[-1] == (2 * manifest.passages, 2 * manifest.passages)
    assert seen == sorted(seen)


def test_rebuild_trusts_no_vector_of_another_encoder(reports: Path, index_copy: Path) -> None:
    reseal(index_copy, encoder_fingerprint="0" * 64)
    calls: list[int] = []
    manifest = build_index(reports, index_copy, progress=lambda done, of: calls.append(of))
    assert calls[-1] > manifest.passages


def test_rebuild_takes_no_vector_from_a_damaged_index(
    built: Path, reports: Path, index_copy: Path
) -> None:
    flip_byte(generation(index_copy) / "passages.faiss")
    build_index(reports, index_copy)
    assert current_contents(index_copy) == current_contents(built)
    assert not litter(index_copy)


def test_manifest_counts_what_is_there(built: Path) -> None:
    index = open_index(built)
    manifest = index.manifest
    assert manifest.documents == len(index.documents) == 5
    assert manifest.passages == len(index.passages)
    assert manifest.sentences == sum(len(p.sentences) for p in index.passages)
    assert sorted(manifest.files) == FILES
    for passage in index.passages:
        document = index.documents[passage.doc_id]
        assert document.text[passage.start : passage.end] == passage.text
    whole, parts, _ = stored_vectors(index)
    for rows in (whole, parts):
        np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


def test_documents_come_back_from_disk_as_they_were_read(built: Path, reports: Path) -> None:
    read = {d.doc_id: d for d in read_corpus(reports).documents}
    assert open_index(built).documents == read


def test_no_file_of_the_index_is_a_pickle(built: Path) -> None:
    for path in generation(built).rglob("*"):
        if path.suffix == ".npy":
            np.load(path, allow_pickle=False)
        elif path.suffix in (".json", ".jsonl"):
            for line in path.read_text(encoding="utf-8").splitlines():
                assert line.isprintable()
        elif path.is_file():
            assert path.suffix == ".faiss"
            assert not path.read_bytes().startswith(b"\x80")


def test_faiss_order_is_the_order_of_brute_force(searcher: Searcher) -> None:
    index = searcher.index
    whole, parts, _ = stored_vectors(index)
    owner = [i for i, p in enumerate(index.passages) for _ in p.sentences]
    for question in ("文水县五年办了多少场培训", "快递小哥入会", "给工人发的补贴"):
        query = index.encoder.encode_queries([question])[0]
        found, best = index.dense(query, None, len(index.passages) + len(owner))
        np.testing.assert_allclose(found, whole @ query, atol=1e-5)
        assert np.argmax(found) == np.argmax(whole @ query)
        cosines = parts @ query
        expected = [
            max(cosines[row] for row, of in enumerate(owner) if of == i)
            for i in range(len(index.passages))
        ]
        np.testing.assert_allclose(best, expected, atol=1e-5)


def test_faiss_looks_only_at_what_is_allowed(searcher: Searcher) -> None:
    index = searcher.index
    query = index.encoder.encode_queries(["职工培训"])[0]
    allowed = np.array([1, 7, 8, 40], dtype=np.int64)
    whole, best = index.dense(query, allowed, 3)
    assert set(np.flatnonzero(whole > -1)) < set(allowed.tolist())
    assert (whole > -1).sum() == 3
    assert set(np.flatnonzero(best > -1)) <= set(allowed.tolist())


def test_stored_sentence_vectors_are_those_of_the_sentences(searcher: Searcher) -> None:
    index = searcher.index
    passage = index.passages[10]
    starts = [(passage.doc_id, s.start) for s in passage.sentences]
    texts = [
        passage.text[s.start - passage.start : s.end - passage.start] for s in passage.sentences
    ]
    expected = index.encoder.encode_documents(texts)
    np.testing.assert_allclose(index.sentence_vectors(starts), expected, atol=1e-6)


def test_what_is_remembered_of_a_question_is_of_that_question(searcher: Searcher) -> None:
    index = searcher.index
    every = np.arange(len(index.passages))
    for content in ("文水 技能 培训", "丰县 技能 大赛", "文水 技能 培训"):
        expected = index.encoder.encode_queries([content])[0]
        np.testing.assert_array_equal(index.query(content), expected)
        scores = index.late.scores(index.late.question(content), index.words)
        np.testing.assert_allclose(index.sampled(content), scores, atol=1e-6)
        np.testing.assert_array_equal(index.late_scores(content, every), index.sampled(content))
        some = np.array([3, 8, 40])
        np.testing.assert_allclose(index.late_scores(content, some), scores[some], atol=1e-6)


# --- published at once or not at all ------------------------------------------------------


def test_open_reader_outlives_the_index_it_opened(corpus_copy: Path, index_copy: Path) -> None:
    reader = Retriever.load(index_copy)
    before = reader.search("文水县五年办了多少场培训？")
    for round_ in range(3):
        name = f"东海县{round_}.txt"
        (corpus_copy / name).write_text(NEW_REPORT + f"第{round_}次修改。\n", encoding="utf-8")
        build_index(corpus_copy, index_copy)
        assert reader.search("文水县五年办了多少场培训？") == before
    assert Retriever.load(index_copy).search("水晶雕刻培训了多少人", k=1)[0].passage.doc_id != (
        before[0].passage.doc_id
    )
    shutil.rmtree(index_copy)
    assert reader.search("文水县五年办了多少场培训？") == before


def test_generation_a_reader_may_be_opening_is_kept(corpus_copy: Path, index_copy: Path) -> None:
    extra = corpus_copy / "东海县.txt"
    for text in (NEW_REPORT, None, NEW_REPORT + "又及。\n", NEW_REPORT + "再及。\n"):
        last = generation(index_copy).name
        if text is None:
            extra.unlink()
        else:
            extra.write_text(text, encoding="utf-8")
        build_index(corpus_copy, index_copy)
        kept = {p.name for p in (index_copy / "generations").iterdir()}
        assert kept == {last, generation(index_copy).name}


_CRASH = """
import os, sys
from rag import build_index
build_index(sys.argv[1], sys.argv[2], progress=lambda done, of: os._exit(0))
"""


def test_litter_of_a_killed_build_is_swept_and_displaces_no_generation(
    run_python: Callable[..., str], corpus_copy: Path, index_copy: Path
) -> None:
    first = generation(index_copy).name
    (corpus_copy / "东海县.txt").write_text(NEW_REPORT, encoding="utf-8")
    run_python(_CRASH, corpus_copy, index_copy)
    assert generation(index_copy).name == first
    assert litter(index_copy)
    build_index(corpus_copy, index_copy)
    assert not litter(index_copy)
    assert (index_copy / "generations" / first).is_dir()


def test_disk_full_leaves_the_old_index_serving(
    run_python: Callable[..., str],
    built: Path,
    reports: Path,
    corpus_copy: Path,
    index_copy: Path,
    tmp_path: Path,
) -> None:
    (corpus_copy / "东海县.txt").write_text(NEW_REPORT, encoding="utf-8")
    sizes = sorted({0, 30, 100, *(p.stat().st_size - 1 for p in generation(built).rglob("*"))})
    sizes = [size for size in sizes if size < 240_000][::3]
    code = """
import json, resource, signal, sys
from rag import build_index
from rag.errors import RagError
corpus, index, warm, sizes = sys.argv[1], sys.argv[2], sys.argv[3], json.loads(sys.argv[4])
build_index(corpus, warm)  # everything is imported before writing is limited
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
said, most = {}, resource.getrlimit(resource.RLIMIT_FSIZE)[1]
for size in sizes:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, most))
    try:
        said[size] = build_index(corpus, index).generation
    except BaseException as error:
        said[size] = type(error).__name__
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
print(json.dumps(said))
"""
    out = run_python(code, corpus_copy, index_copy, tmp_path / "warm", json.dumps(sizes))
    said = json.loads(out.splitlines()[-1])
    assert set(said.values()) == {"IndexWriteError"}, said
    assert len(said) >= 4
    assert not litter(index_copy)
    assert current_contents(index_copy) == current_contents(built)
    assert Retriever.load(index_copy).search("文水县五年办了多少场培训？")


def test_failed_publication_leaves_the_old_index_serving(
    built: Path, corpus_copy: Path, index_copy: Path
) -> None:
    (corpus_copy / "东海县.txt").write_text(NEW_REPORT, encoding="utf-8")
    (index_copy / "CURRENT.part").mkdir()
    with pytest.raises(IndexWriteError, match="写不进"):
        build_index(corpus_copy, index_copy)
    assert current_contents(index_copy) == current_contents(built)
    (index_copy / "CURRENT.part").rmdir()
    assert build_index(corpus_copy, index_copy).documents == 6


@pytest.mark.parametrize("below", ["", "index", "a/b"])
def test_index_below_a_regular_file_is_a_write_error(
    reports: Path, tmp_path: Path, below: str
) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(IndexWriteError, match="file"):
        build_index(reports, tmp_path / "file" / below)


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")
def test_read_only_folder_leaves_the_old_index_serving(run_python: Callable[..., str]) -> None:
    """As a user who owns nothing (root may write anywhere)."""
    code = """
import os, sys, pathlib
from rag import Retriever, build_index
from rag.errors import IndexWriteError
root = pathlib.Path(sys.argv[1])
build_index(root / "corpus", root / "index")
Retriever.load(root / "index").search("水晶")
(root / "corpus" / "b.txt").write_text("某县总工会举办培训班3期，共培训职工90人。", encoding="utf-8")
(root / "empty").mkdir(mode=0o555)
for path in [root / "index", *(root / "index").rglob("*")]:
    path.chmod(0o555 if path.is_dir() else 0o444)
if os.geteuid() == 0:
    os.setgroups([])
    os.setegid(65534)
    os.seteuid(65534)
for target in ("index", "empty", "empty/new"):
    try:
        build_index(root / "corpus", root / target)
        print("written", target)
    except IndexWriteError as error:
        print("refused", str(root / target) in str(error))
from rag.index import open_index
print(len(open_index(root / "index", check_corpus=False).documents))
for path in [root / "empty", root / "index", *(root / "index").rglob("*")]:
    os.seteuid(os.getuid())
    path.chmod(0o755)
"""
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are closed to others
        Path(name).chmod(0o755)
        small_corpus(Path(name) / "corpus")
        out = run_python(code, name)
        assert out.split("\n")[:4] == ["refused True"] * 3 + ["1"]
        assert not litter(Path(name) / "index")
        assert not list((Path(name) / "empty").iterdir())


def test_two_builds_at_once_both_succeed(reports: Path, corpus_copy: Path, tmp_path: Path) -> None:
    (corpus_copy / "东海县.txt").write_text(NEW_REPORT, encoding="utf-8")
    index = tmp_path / "index"
    with ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(build_index, c, index) for c in (reports, corpus_copy) * 2]
        names = {job.result().generation for job in jobs}
    assert len(names) == 2
    assert generation(index).name in names
    assert open_index(index).manifest.documents in (5, 6)
    assert not litter(index)


# --- corpora that are not as they should be -----------------------------------------------


def test_unreadable_files_are_reported_and_the_rest_is_indexed(
    corpus_copy: Path, tmp_path: Path
) -> None:
    (corpus_copy / "空.md").write_bytes(b"")
    (corpus_copy / "图片.txt").write_bytes(b"\x89PNG\r\n\x00\x00" * 40)
    (corpus_copy / "乱码.txt").write_bytes(bytes(range(128, 256)) * 9)
    (corpus_copy / "表格.xlsx").write_bytes(b"PK")
    manifest = build_index(corpus_copy, tmp_path / "index")
    assert manifest.documents == 5
    assert {name for name, _ in manifest.skipped} == {"空.md", "图片.txt", "乱码.txt", "表格.xlsx"}
    assert all(reason for _, reason in manifest.skipped)
    assert read_manifest(generation(tmp_path / "index")) == manifest
    assert open_index(tmp_path / "index").manifest.skipped == manifest.skipped


def test_nothing_to_read_leaves_no_index_behind(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for corpus in ("empty", "nowhere"):
        with pytest.raises(CorpusError, match=corpus):
            build_index(tmp_path / corpus, tmp_path / "index")
    assert not (tmp_path / "index").exists()


def test_corpus_that_became_empty_leaves_the_old_index_in_place(
    corpus_copy: Path, index_copy: Path
) -> None:
    before = contents(index_copy)
    for path in corpus_copy.iterdir():
        path.unlink()
    with pytest.raises(CorpusError):
        build_index(corpus_copy, index_copy)
    assert contents(index_copy) == before


@pytest.mark.parametrize(
    "text", [NEW_REPORT, "水晶。", "これはテストです。", "!!!", "ок", "1", "😀😀"], ids=repr
)
def test_collection_of_one_tiny_report_can_be_searched(tmp_path: Path, text: str) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "。.txt").write_text(text, encoding="utf-8")
    build_index(tmp_path / "corpus", tmp_path / "index")
    hits = Retriever.load(tmp_path / "index").search("水晶雕刻培训了多少人？", k=3)
    assert [h.rank for h in hits] == list(range(1, len(hits) + 1))
    assert hits[0].passage.text.strip()
    assert np.isfinite([h.score for h in hits]).all()


@pytest.mark.parametrize("name", ["报告 文件夹", "a'b\"c", "-x", "é 🙂", "%s{0}\\n"])
def test_odd_characters_in_paths(tmp_path: Path, name: str) -> None:
    corpus = small_corpus(tmp_path / name / "corpus")
    (corpus / f"{name}.md").write_text("某县工会办了一所夜校，学员三十人。", encoding="utf-8")
    build_index(corpus, tmp_path / name / "index")
    hits = Retriever.load(tmp_path / name / "index").search("夜校有多少学员")
    assert hits[0].passage.doc_id == name
    (corpus / "东海县.txt").unlink()
    with pytest.raises(IndexStaleError):
        open_index(tmp_path / name / "index")


def test_corpus_folder_whose_name_is_no_utf8(tmp_path: Path) -> None:
    corpus = small_corpus(Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe")))
    build_index(corpus, tmp_path / "index")
    assert open_index(tmp_path / "index").documents
    (corpus / "更多.txt").write_text(NEW_REPORT, encoding="utf-8")
    with pytest.raises(IndexStaleError):
        open_index(tmp_path / "index")


# --- nothing on disk is trusted -----------------------------------------------------------


def spoil_flip(path: Path) -> None:
    flip_byte(path)


def spoil_first_byte(path: Path) -> None:
    flip_byte(path, 0)


def spoil_cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def spoil_empty(path: Path) -> None:
    path.write_bytes(b"")


def spoil_longer(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\n")


def spoil_delete(path: Path) -> None:
    path.unlink()


def spoil_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


SPOILS = [
    spoil_flip,
    spoil_first_byte,
    spoil_cut,
    spoil_empty,
    spoil_longer,
    spoil_delete,
    spoil_folder,
]


@pytest.mark.parametrize("spoil", SPOILS, ids=lambda f: f.__name__)
def test_damage_to_any_file_is_noticed_and_named(index_copy: Path, spoil: Any) -> None:
    folder = generation(index_copy)
    for name in FILES:
        path = folder / name
        good = path.read_bytes()
        spoil(path)
        with pytest.raises(IndexDamagedError, match="rag index") as caught:
            open_index(index_copy)
        assert name in str(caught.value)
        if path.is_dir():
            path.rmdir()
        path.write_bytes(good)
    open_index(index_copy)


def test_no_altered_byte_of_the_manifest_goes_unnoticed(index_copy: Path) -> None:
    path = generation(index_copy) / "manifest.json"
    good = path.read_bytes()
    unnoticed = []
    for at in range(0, len(good), 5):
        flip_byte(path, at)
        with contextlib.suppress(IndexStoreError):
            open_index(index_copy)
            unnoticed.append(good[max(0, at - 20) : at + 10].decode())
        path.write_bytes(good)
    assert not unnoticed


@pytest.mark.parametrize(
    "change",
    [
        {"documents": 4},
        {"encoder": "别的模型"},
        {"skipped": [["a.txt", "文件为空"]]},
        {"corpus_digest": "0" * 64},
        {"encoder_fingerprint": "0" * 64},
        {"files": {}},
        {"files": {"../../CURRENT": [1, "x"]}},
        {"files": {"/etc/passwd": [1, "x"]}},
        {"files": {"a" * 5000: [1, "x"]}},
        {"files": {"passages.jsonl": [float("inf"), "x"]}},
        {"files": [1]},
        {"passage_settings": 5},
        {"passages": "many"},
        {"dimension": -1},
        {"dimension": True},
        {"generation": "../../etc"},
        {"unheard_of": 1},
        {"documents": 10**400},
        {"format_version": None},
        {"format_version": "1"},
    ],
    ids=lambda change: str(change)[:40],
)
def test_edited_manifest_is_damage(index_copy: Path, change: dict[str, Any]) -> None:
    path = generation(index_copy) / "manifest.json"
    raw = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(raw | change), encoding="utf-8")
    with pytest.raises((IndexDamagedError, IndexMismatchError), match="rag index") as caught:
        open_index(index_copy)
    if "format_version" not in change:
        assert caught.type is IndexDamagedError
        assert "manifest.json" in str(caught.value)


@pytest.mark.parametrize(
    "change",
    [
        {"unheard_of": 1},
        {"passage_settings": 5},
        {"passages": True},
        {"skipped": [5]},
        {"skipped": {}},
        {"files": {"passages.jsonl": [1e999, "x"]}},
        {"files": {"a" * 5000: [1, "x"]}},
        {"files": {"../../CURRENT": [1, "x"]}},
        {"dimension": -1},
    ],
    ids=lambda change: str(change)[:40],
)
def test_sealed_manifest_is_not_trusted_either(index_copy: Path, change: dict[str, Any]) -> None:
    reseal(index_copy, **change)
    with pytest.raises(IndexDamagedError, match="rag index"):
        open_index(index_copy)


def test_generation_under_another_name_is_damage(index_copy: Path) -> None:
    """An intact generation put in the place of another, say an older one."""
    folder = generation(index_copy)
    name = "0" * 16
    folder.rename(folder.with_name(name))
    pointer = (index_copy / "CURRENT").read_text(encoding="utf-8").replace(folder.name, name)
    (index_copy / "CURRENT").write_text(pointer, encoding="utf-8")
    with pytest.raises(IndexDamagedError, match="rag index"):
        open_index(index_copy)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "5", "null", '"x"', "{", "{}", "\ufeff{}", "[" * 100_000, '{"a":' * 9999],
    ids=lambda text: ascii(text[:9]),
)
def test_manifest_that_is_no_manifest_is_damage(index_copy: Path, text: str) -> None:
    path = generation(index_copy) / "manifest.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(IndexDamagedError, match=r"manifest\.json.*rag index"):
        open_index(index_copy)


def test_missing_manifest_is_damage(index_copy: Path) -> None:
    (generation(index_copy) / "manifest.json").unlink()
    with pytest.raises(IndexDamagedError, match=r"manifest\.json.*rag index"):
        open_index(index_copy)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00",
        b"[]",
        b"7",
        b'"x"',
        b"null",
        b"{}",
        b'{"generation": "x"}',
        b'{"corpus": "x"}',
        b'{"generation": null, "corpus": ""}',
        b'{"generation": "", "corpus": ""}',
        b'{"generation": ".", "corpus": ""}',
        b'{"generation": "..", "corpus": ""}',
        b'{"generation": "../generations", "corpus": ""}',
        b'{"generation": "../../../../etc", "corpus": ""}',
        b'{"generation": "/etc", "corpus": ""}',
        b'{"generation": "a\\u0000b", "corpus": ""}',
        b'{"generation": "0123456789abcdef", "corpus": ""}',
        b'{"generation": ["x"], "corpus": ""}',
        b'{"generation": "' + b"a" * 5000 + b'", "corpus": ""}',
        b"[" * 100_000,
    ],
    ids=lambda content: ascii(content[:40]),
)
def test_pointer_that_leads_nowhere_is_damage(index_copy: Path, content: bytes) -> None:
    (index_copy / "CURRENT").write_bytes(content)
    with pytest.raises(IndexDamagedError, match="rag index"):
        open_index(index_copy)


@pytest.mark.parametrize("corpus", ["a" * 5000, "a\0b", "/nowhere", "", "\ud800"], ids=range(5))
def test_pointer_to_a_corpus_that_is_gone_still_opens(index_copy: Path, corpus: str) -> None:
    raw = json.loads((index_copy / "CURRENT").read_text(encoding="utf-8"))
    (index_copy / "CURRENT").write_text(json.dumps(raw | {"corpus": corpus}), encoding="utf-8")
    assert len(open_index(index_copy).documents) == 5


def test_moved_project_folder_still_knows_its_reports(reports: Path, tmp_path: Path) -> None:
    shutil.copytree(reports, tmp_path / "old" / "corpus")
    build_index(tmp_path / "old" / "corpus", tmp_path / "old" / "index")
    (tmp_path / "old").rename(tmp_path / "new")
    corpus, index = tmp_path / "new" / "corpus", tmp_path / "new" / "index"
    assert read_pointer(index)[1] == str(corpus)
    assert is_current(corpus, index)
    add(corpus)
    with pytest.raises(IndexStaleError):
        open_index(index)


def test_index_moved_alone_still_knows_reports_that_stay(corpus_copy: Path, tmp_path: Path) -> None:
    build_index(corpus_copy, tmp_path / "a" / "index")
    (tmp_path / "a").rename(tmp_path / "b")
    assert read_pointer(tmp_path / "b" / "index")[1] == str(corpus_copy)
    add(corpus_copy)
    with pytest.raises(IndexStaleError):
        open_index(tmp_path / "b" / "index")


def test_reports_behind_a_link_are_known_by_where_they_are(reports: Path, tmp_path: Path) -> None:
    (tmp_path / "corpus").symlink_to(reports, target_is_directory=True)
    build_index(tmp_path / "corpus", tmp_path / "index")
    assert read_pointer(tmp_path / "index")[1] == str(reports)
    assert is_current(tmp_path / "corpus", tmp_path / "index")


def test_pointer_with_a_whole_path_beside_the_index_is_still_read(
    corpus_copy: Path, tmp_path: Path
) -> None:
    """As written before reports beside the index were named relative to it."""
    build_index(corpus_copy, tmp_path / "index")
    pointer = tmp_path / "index" / "CURRENT"
    raw = json.loads(pointer.read_text(encoding="utf-8"))
    pointer.write_text(json.dumps(raw | {"corpus": str(corpus_copy)}), encoding="utf-8")
    assert is_current(corpus_copy, tmp_path / "index")
    add(corpus_copy)
    with pytest.raises(IndexStaleError):
        open_index(tmp_path / "index")


def test_pointer_that_is_a_folder_is_damage(index_copy: Path) -> None:
    (index_copy / "CURRENT").unlink()
    (index_copy / "CURRENT").mkdir()
    with pytest.raises(IndexDamagedError, match="rag index"):
        open_index(index_copy)


def test_damaged_index_is_mended_by_building_again(
    built: Path, reports: Path, index_copy: Path
) -> None:
    flip_byte(generation(index_copy) / "manifest.json")
    flip_byte(index_copy / "CURRENT", 3)
    build_index(reports, index_copy)
    assert contents(index_copy) == contents(built)


def test_file_in_place_of_a_generation_is_mended_by_building_again(
    built: Path, reports: Path, index_copy: Path
) -> None:
    folder = generation(index_copy)
    shutil.rmtree(folder)
    folder.write_text("not a folder")
    with pytest.raises(IndexDamagedError, match="rag index"):
        open_index(index_copy)
    build_index(reports, index_copy)
    assert current_contents(index_copy) == current_contents(built)


# --- what does not match is refused, with the command that mends it -----------------------


@pytest.mark.parametrize("make", [Path.mkdir, Path.touch, lambda path: None])
def test_missing_index_names_the_command(tmp_path: Path, make: Any) -> None:
    make(tmp_path / "索引")
    with pytest.raises(IndexMissingError, match=r"索引.*rag index"):
        open_index(tmp_path / "索引")


def test_other_format_version_is_refused_not_guessed(index_copy: Path) -> None:
    reseal(index_copy, format_version=FORMAT_VERSION + 1)
    with pytest.raises(IndexMismatchError, match=rf"{FORMAT_VERSION + 1}.*rag index"):
        open_index(index_copy)


@pytest.mark.parametrize("field", ["encoder_fingerprint", "words_fingerprint"])
def test_index_of_another_encoder_is_refused(index_copy: Path, field: str) -> None:
    reseal(index_copy, **{field: "0" * 64})
    with pytest.raises(IndexMismatchError, match="rag index") as caught:
        open_index(index_copy)
    assert "（）" not in str(caught.value)


def test_index_of_the_bundled_model_is_named_so(index_copy: Path) -> None:
    reseal(index_copy, encoder_fingerprint="0" * 64)
    with pytest.raises(IndexMismatchError, match="自带模型"):
        open_index(index_copy)


def test_index_of_other_passage_settings_is_refused(index_copy: Path) -> None:
    reseal(index_copy, passage_settings={"min_chars": 100, "max_chars": 500})
    with pytest.raises(IndexStaleError, match="rag index"):
        open_index(index_copy)


def test_unknown_encoder_is_its_own_error(built: Path, tmp_path: Path) -> None:
    with pytest.raises(EncoderError):
        open_index(built, encoder=str(tmp_path / "no-model"))


def edit(corpus: Path) -> None:
    path = corpus / "001-丰县.md"
    path.write_text(path.read_text(encoding="utf-8").replace("600", "700"), encoding="utf-8")


def add(corpus: Path) -> None:
    (corpus / "东海县.txt").write_text(NEW_REPORT, encoding="utf-8")


def remove(corpus: Path) -> None:
    (corpus / "001-丰县.md").unlink()


def rename(corpus: Path) -> None:
    (corpus / "001-丰县.md").rename(corpus / "丰县.md")


def clear(corpus: Path) -> None:
    for path in corpus.iterdir():
        path.unlink()


@pytest.mark.parametrize("change", [edit, add, remove, rename, clear])
def test_changed_reports_make_the_index_stale(
    corpus_copy: Path, tmp_path: Path, change: Any
) -> None:
    build_index(corpus_copy, tmp_path / "index")
    assert is_current(corpus_copy, tmp_path / "index")
    change(corpus_copy)
    with pytest.raises(IndexStaleError, match="rag index"):
        open_index(tmp_path / "index")
    assert len(open_index(tmp_path / "index", check_corpus=False).documents) == 5
    if change is not clear:
        assert not is_current(corpus_copy, tmp_path / "index")


def test_touched_but_unchanged_reports_do_not(corpus_copy: Path, tmp_path: Path) -> None:
    build_index(corpus_copy, tmp_path / "index")
    for path in corpus_copy.iterdir():
        os.utime(path, (1, 1))
    (corpus_copy / "README.md").write_text("说明")
    (corpus_copy / ".hidden.md").write_text("草稿")
    open_index(tmp_path / "index")


def test_index_that_is_current_can_be_opened(corpus_copy: Path, tmp_path: Path) -> None:
    """Built from one folder, asked about an equal one, while the first has changed."""
    other = Path(shutil.copytree(corpus_copy, tmp_path / "other"))
    build_index(corpus_copy, tmp_path / "index")
    add(corpus_copy)
    if not is_current(other, tmp_path / "index"):
        build_index(other, tmp_path / "index")
    open_index(tmp_path / "index")


def test_index_of_an_equal_folder_is_not_current(reports: Path, tmp_path: Path) -> None:
    """Or the reader would never hear of changes in the folder that was asked about."""
    other = Path(shutil.copytree(reports, tmp_path / "other"))
    first = build_index(other, tmp_path / "index")
    assert not is_current(reports, tmp_path / "index")
    assert build_index(reports, tmp_path / "index") == first
    assert is_current(reports, tmp_path / "index")


def test_opening_parses_no_report(index_copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("rag.corpus.paragraphs")
    open_index(index_copy)


def test_rebuild_without_a_change_keeps_both_generations(
    corpus_copy: Path, index_copy: Path
) -> None:
    add(corpus_copy)
    for _ in range(3):
        build_index(corpus_copy, index_copy)
        assert len(list((index_copy / "generations").iterdir())) == 2


def test_model_that_gives_no_numbers_is_an_error_of_the_model(
    reports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = load_encoder(None)

    class Broken:
        fingerprint, dimension = "broken", good.dimension

        def encode_documents(self, texts: list[str], progress: Any = None) -> Any:
            return np.full((len(texts), self.dimension), np.nan, dtype=np.float32)

    monkeypatch.setattr("rag.build.load_encoder", lambda name: Broken())
    with pytest.raises(EncoderError):
        build_index(reports, tmp_path / "index")


@pytest.mark.parametrize("field", ["format_version", "encoder_fingerprint", "corpus_digest"])
def test_what_cannot_be_opened_is_not_current(reports: Path, index_copy: Path, field: str) -> None:
    assert is_current(reports, index_copy)
    reseal(index_copy, **{field: 9 if field == "format_version" else "0" * 64})
    assert not is_current(reports, index_copy)
