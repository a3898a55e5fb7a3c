"""The bundled encoder is the same model read two ways, and other models stay one setting away."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from rag import encoder as module
from rag.encoder import BUNDLED, StaticEncoder, load_encoder, load_word_vectors
from rag.errors import EncoderError

TEXTS = [
    "文水县五年来开展职业技能培训多少场次?",
    "厂子扎堆的地方出门不方便,丰县想了什么法子?",
    "2022年2月,文水县委、县政府隆重表彰一批劳动模范,74名劳动模范中产业工人占比65%。",
    "ＡＢＣ　１２３　㎡ ﬁ",  # noqa: RUF001
    "A Chinese–English mixture: GDP 增长 5.2%\n\n😀 龘 \u200b",
    "。",
    "",
    "   ",
    "😀👍",
]


@pytest.fixture(scope="module")
def static() -> StaticEncoder:
    return load_word_vectors()


def test_numpy_reader_gives_the_vectors_of_sentence_transformers(static: StaticEncoder) -> None:
    from sentence_transformers import SentenceTransformer

    oracle = SentenceTransformer(str(BUNDLED), device="cpu").float()
    expected = oracle.encode_document(TEXTS, convert_to_numpy=True)
    np.testing.assert_allclose(static.encode_documents(TEXTS), expected, atol=1e-3)
    np.testing.assert_allclose(
        static.encode_queries(TEXTS), oracle.encode_query(TEXTS, convert_to_numpy=True), atol=1e-3
    )


def test_bundled_model_needs_no_torch() -> None:
    code = (
        "import sys, time\n"
        "import rag.encoder\n"
        "early = {'torch', 'tokenizers', 'safetensors'} & set(sys.modules)\n"
        "assert not early, early\n"
        "rows = rag.encoder.load_encoder(None).encode_queries(['产业工人'])\n"
        "heavy = {'torch', 'transformers', 'sentence_transformers', 'faiss'} & set(sys.modules)\n"
        "assert rows.shape[0] == 1 and not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_rows_are_unit_and_texts_without_a_known_word_are_zero(static: StaticEncoder) -> None:
    rows = static.encode_documents(TEXTS)
    assert rows.dtype == np.float32
    assert rows.shape == (len(TEXTS), static.dimension)
    norms = np.linalg.norm(rows, axis=1)
    np.testing.assert_allclose(norms[:5], 1.0, atol=1e-5)
    assert norms[5:].tolist() == [0.0] * 4
    assert static.encode_documents([]).shape == (0, static.dimension)


def test_a_vector_does_not_depend_on_its_neighbours(static: StaticEncoder) -> None:
    together = static.encode_documents(TEXTS * 70)
    alone = np.concatenate([static.encode_documents([t]) for t in TEXTS])
    assert together[-len(TEXTS) :].tobytes() == alone.tobytes()


def test_word_vectors_and_weights_make_the_sentence_vector(static: StaticEncoder) -> None:
    text = TEXTS[2]
    ids = [token for token, _, _ in static.tokenize(text)]
    sentence = static.weights[ids] @ static.vectors[ids]
    sentence /= np.linalg.norm(sentence)
    np.testing.assert_allclose(static.encode_documents([text])[0], sentence, atol=1e-5)
    known = static.weights > 0
    np.testing.assert_allclose(np.linalg.norm(static.vectors[known], axis=1), 1.0, atol=1e-4)


def test_token_offsets_are_code_points_of_the_text_as_given(static: StaticEncoder) -> None:
    text = "😀龘 ＧＤＰ增长,产业工人\u200b队伍 2022年"
    tokens = static.tokenize(text)
    words = {static.word(token): text[start:end] for token, start, end in tokens}
    assert words["产业工人"] == "产业工人"
    assert words["gdp"] == "ＧＤＰ"  # noqa: RUF001
    assert words["2022"] == "2022"
    assert all(0 <= start < end <= len(text) for _, start, end in tokens)
    assert not any("😀" in text[start:end] for _, start, end in tokens)


@pytest.mark.parametrize("word", ["产业工人", "掏腰包", "扎堆", "劳动模范", "职业技能", "集体协商"])
def test_word_of_the_register_is_one_unit(static: StaticEncoder, word: str) -> None:
    assert [(s, e) for _, s, e in static.tokenize(word)] == [(0, len(word))]


def test_meaning_not_letters(static: StaticEncoder) -> None:
    question, near, far = static.encode_documents(
        ["厂里自己掏腰包让工人去念书", "企业出资资助职工提升学历", "今天的天气晴朗适合去海边"]
    )
    assert question @ near > question @ far + 0.2


def test_hundred_kilobytes_and_ten_thousand_texts_are_quick(static: StaticEncoder) -> None:
    passage = "产业工人队伍建设改革试点工作由点向区域展开,职工技能大赛每年举办一次。" * 7
    began = time.process_time()
    assert np.isfinite(static.encode_documents(["啊" * 100_000, passage * 400])).all()
    static.encode_documents([passage] * 10_000)
    # 2,000 passages of 250 characters per CPU-second is the goal; a busy machine gets slack.
    assert time.process_time() - began < 20


def test_threads_share_the_encoder(static: StaticEncoder) -> None:
    expected = static.encode_documents(TEXTS).tobytes()
    results: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: results.append(static.encode_documents(TEXTS).tobytes()))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [expected] * 8


def test_progress_counts_to_the_end(static: StaticEncoder) -> None:
    seen: list[tuple[int, int]] = []
    static.encode_documents(["职工"] * 600, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (600, 600)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_bundled_encoder_is_loaded_once() -> None:
    assert load_encoder(None) is load_word_vectors()


def test_folder_by_name_goes_through_sentence_transformers(static: StaticEncoder) -> None:
    other = load_encoder(str(BUNDLED))
    assert not isinstance(other, StaticEncoder)
    assert (other.dimension, other.fingerprint) == (static.dimension, static.fingerprint)
    np.testing.assert_allclose(
        other.encode_documents(TEXTS), static.encode_documents(TEXTS), atol=1e-3
    )
    assert other.encode_queries([]).shape == (0, static.dimension)
    assert other.encode_documents([]).shape == (0, static.dimension)


def test_prompts_of_the_model_are_used(tmp_path: Path) -> None:
    folder = tmp_path / "prompted"
    shutil.copytree(BUNDLED, folder)
    config_file = folder / "config_sentence_transformers.json"
    config = json.loads(config_file.read_text(encoding="utf-8"))
    config["prompts"] = {"query": "天气预报：", "document": ""}
    config_file.write_text(json.dumps(config, ensure_ascii=False), encoding="utf-8")
    other = load_encoder(str(folder))
    plain = load_word_vectors()
    np.testing.assert_allclose(
        other.encode_queries(["职工"]), plain.encode_queries(["天气预报：职工"]), atol=1e-3
    )
    np.testing.assert_allclose(
        other.encode_documents(["职工"]), plain.encode_documents(["职工"]), atol=1e-3
    )
    assert other.fingerprint != plain.fingerprint


def test_notes_do_not_change_the_fingerprint_and_weights_do(tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(BUNDLED, folder)
    (folder / "README.md").write_text("another note", encoding="utf-8")
    assert StaticEncoder(folder).fingerprint == load_word_vectors().fingerprint
    weights = next(folder.rglob("*.safetensors"))
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    assert StaticEncoder(folder).fingerprint != load_word_vectors().fingerprint


@pytest.mark.parametrize(
    "damage", ["missing", "cut", "not a tokenizer", "no modules", "other size"]
)
def test_damaged_bundled_folder_is_one_chinese_sentence(
    tmp_path: Path, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "static-zh"
    if damage != "missing":
        shutil.copytree(BUNDLED, folder)
        weights = next(folder.rglob("*.safetensors"))
        tokenizer = next(folder.rglob("tokenizer.json"))
        if damage == "cut":
            weights.write_bytes(weights.read_bytes()[:1000])
        elif damage == "not a tokenizer":
            tokenizer.write_text("{}", encoding="utf-8")
        elif damage == "no modules":
            (folder / "modules.json").write_text("[]", encoding="utf-8")
        else:
            from safetensors.numpy import save_file

            save_file({"embedding.weight": np.ones((3, 4), np.float16)}, weights)
    monkeypatch.setattr(module, "BUNDLED", folder)
    monkeypatch.setattr(module, "_bundled", None)
    with pytest.raises(EncoderError, match="请") as raised:
        load_encoder(None)
    assert str(folder) in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("name", ["", "  ", "/no/such/folder", "./no-such-folder"])
def test_unusable_name_is_one_chinese_sentence(name: str) -> None:
    with pytest.raises(EncoderError, match="请"):
        load_encoder(name)


def test_unknown_hub_name_without_network(monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(EncoderError, match="no-such-owner/no-such-model") as raised:
        load_encoder("no-such-owner/no-such-model")
    assert "\n" not in str(raised.value)


def test_folder_that_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no model here", encoding="utf-8")
    with pytest.raises(EncoderError, match="请"):
        load_encoder(str(tmp_path))


def test_code_in_a_model_folder_is_never_run(tmp_path: Path) -> None:
    folder = tmp_path / "hostile"
    shutil.copytree(BUNDLED, folder)
    (folder / "custom.py").write_text(
        f"open({str(tmp_path / 'ran')!r}, 'w').close()\nclass Evil: pass\n", encoding="utf-8"
    )
    modules = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
    modules[0]["type"] = "custom.Evil"
    (folder / "modules.json").write_text(json.dumps(modules), encoding="utf-8")
    with pytest.raises(EncoderError):
        load_encoder(str(folder))
    assert not (tmp_path / "ran").exists()
