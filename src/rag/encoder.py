"""Text to unit vectors: the bundled static model, or any sentence-transformers model by name.

The bundled folder `models/static-zh` is an ordinary SentenceTransformer folder
(StaticEmbedding + Normalize). Here it is read with numpy, safetensors and
tokenizers alone, so that a cold question needs no torch; a test proves that both
ways give the same vectors. Importing this module loads none of them.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from rag.errors import EncoderError

if TYPE_CHECKING:
    from numpy.typing import NDArray

logger = logging.getLogger(__name__)

BUNDLED = Path(__file__).parent / "models" / "static-zh"
Progress = Callable[[int, int], None]

_CHUNK = 256  # texts between two calls of a progress hook
_FINGERPRINT_SUFFIXES = frozenset({".json", ".safetensors", ".bin", ".txt", ".model", ".onnx"})
_SMALLEST_NORM = 1e-12


class Encoder(Protocol):
    """What turns texts into vectors whose inner product is their cosine.

    fingerprint: changes whenever the same text could get another vector; an
        index built under one fingerprint cannot be searched under another.
    dimension: d, the length of a vector.
    """

    @property
    def fingerprint(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    def encode_documents(
        self, texts: Sequence[str], *, progress: Progress | None = None
    ) -> NDArray[np.float32]:
        """(n, d) float32, unit rows; a zero row where the model knows no word of the text."""
        ...

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """As encode_documents, with the model's own prompt for questions, if it has one."""
        ...


class StaticEncoder:
    """The bundled model: a text is the weighted sum of its words' vectors.

    Word vectors follow Model2Vec-like static embeddings; the weights play the
    part of SIF (Arora, Liang & Ma 2017), whose removal of the common component
    is already baked into the rows. Immutable after construction, so it may be
    shared between threads.

    vectors: (V, d) unit rows, zero for the unknown token.
    weights: (V,) length of each word's row in the file: how much the word counts.
    """

    def __init__(self, folder: Path) -> None:
        from safetensors import SafetensorError
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        try:
            weights_file, tokenizer_file = _static_files(folder)
            rows = load_file(weights_file)["embedding.weight"].astype(np.float32)
            self._tokenizer = Tokenizer.from_file(str(tokenizer_file))
            self.fingerprint: str = _folder_fingerprint(folder)
        # tokenizers raises plain Exception for a file it cannot read.
        except (OSError, KeyError, ValueError, SafetensorError, Exception) as error:
            raise EncoderError(
                f"无法读取编码模型文件夹 {folder}（{_reason(error)}）；"
                "请重新安装本软件，或改用别的模型名称或文件夹。"
            ) from error
        if rows.ndim != 2 or rows.shape[0] != self._tokenizer.get_vocab_size():
            raise EncoderError(
                f"编码模型文件夹 {folder} 的词表（{self._tokenizer.get_vocab_size()} 个词）"
                f"与向量（{rows.shape}）不相符；请重新安装本软件，或改用别的模型。"
            )
        # A cut would silently drop the end of a long passage.
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self.dimension: int = int(rows.shape[1])
        self.weights: NDArray[np.float32] = np.sqrt(np.einsum("ij,ij->i", rows, rows))
        rows /= np.maximum(self.weights, _SMALLEST_NORM)[:, None]
        self.vectors: NDArray[np.float32] = rows
        # Read before anything is encoded: other modules hold on to these arrays.
        self.vectors.flags.writeable = False
        self.weights.flags.writeable = False

    def tokenize(self, text: str) -> list[tuple[int, int, int]]:
        """(token id, start, end) of each known word; half-open code points of `text`."""
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        return [
            (token, start, end)
            for token, (start, end) in zip(encoding.ids, encoding.offsets, strict=True)
            if self.weights[token] > 0
        ]

    def word(self, token: int) -> str:
        """The word of a token id."""
        return self._tokenizer.id_to_token(token) or ""

    def encode_documents(
        self, texts: Sequence[str], *, progress: Progress | None = None
    ) -> NDArray[np.float32]:
        """(n, d) float32, unit rows; a zero row where no word of the text is known."""
        out = np.zeros((len(texts), self.dimension), np.float32)
        for start in range(0, len(texts), _CHUNK):
            chunk = list(texts[start : start + _CHUNK])
            encodings = self._tokenizer.encode_batch_fast(chunk, add_special_tokens=False)
            for row, encoding in enumerate(encodings, start):
                # One text at a time, so that a vector never depends on its neighbours.
                ids = np.asarray(encoding.ids, np.int64)
                if ids.size:
                    out[row] = self.weights[ids] @ self.vectors[ids]
            if progress is not None:
                progress(start + len(chunk), len(texts))
        return _unit_rows(out)

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, d) float32, unit rows; questions and documents share one space."""
        return self.encode_documents(texts)


class _SentenceTransformerEncoder:
    """Any sentence-transformers model, with its own prompts, rows normalised."""

    def __init__(self, name: str) -> None:
        folder = Path(name).expanduser()
        try:
            from sentence_transformers import SentenceTransformer

            # Code that travels with a model is never run.
            self._model: Any = SentenceTransformer(
                str(folder) if folder.is_dir() else name, trust_remote_code=False
            )
            if type(self._model[0]).__name__ == "StaticEmbedding":
                # In float16 an empty text is divided by a zero that torch means to be 1e-12.
                self._model.float()
        except Exception as error:
            raise EncoderError(
                f"无法加载编码模型“{name}”（{_reason(error)}）；"
                "请检查模型名称或文件夹是否正确、网络是否可用，"
                "或把设置里的编码模型留空以使用自带模型。"
            ) from error
        # The tokenizers of transformers keep per-call state.
        self._lock = threading.Lock()
        self._name = name
        self.fingerprint: str = (
            _folder_fingerprint(folder) if folder.is_dir() else self._model_fingerprint()
        )
        self.dimension: int = int(self._encode(["维度"], self._model.encode_document).shape[1])

    def _model_fingerprint(self) -> str:
        import torch

        digest = hashlib.sha256(self._name.encode())
        digest.update(json.dumps(self._model.prompts, sort_keys=True).encode())
        digest.update(str(self._model.max_seq_length).encode())
        for key, tensor in sorted(self._model.state_dict().items()):
            digest.update(f"{key} {tuple(tensor.shape)} {tensor.dtype}".encode())
            flat = tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8)
            digest.update(flat.numpy().tobytes())
        return digest.hexdigest()

    def _encode(self, texts: Sequence[str], method: Callable[..., Any]) -> NDArray[np.float32]:
        try:
            with self._lock:
                raw = method(list(texts), show_progress_bar=False, convert_to_numpy=True)
        except Exception as error:
            raise EncoderError(
                f"编码模型“{self._name}”处理文本时出错（{_reason(error)}）；"
                "请换一个模型，或把设置里的编码模型留空以使用自带模型。"
            ) from error
        rows = np.asarray(raw, np.float32)
        if rows.ndim != 2 or len(rows) != len(texts) or not np.isfinite(rows).all():
            raise EncoderError(
                f"编码模型“{self._name}”给出的向量无法使用（形状 {rows.shape}）；"
                "请换一个模型，或把设置里的编码模型留空以使用自带模型。"
            )
        return _unit_rows(rows)

    def encode_documents(
        self, texts: Sequence[str], *, progress: Progress | None = None
    ) -> NDArray[np.float32]:
        """(n, d) float32, unit rows, with the model's prompt for documents."""
        out = np.zeros((len(texts), self.dimension), np.float32)
        for start in range(0, len(texts), _CHUNK):
            chunk = texts[start : start + _CHUNK]
            out[start : start + len(chunk)] = self._encode(chunk, self._model.encode_document)
            if progress is not None:
                progress(start + len(chunk), len(texts))
        return out

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, d) float32, unit rows, with the model's prompt for questions."""
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        return self._encode(texts, self._model.encode_query)


_bundled_lock = threading.Lock()
_bundled: StaticEncoder | None = None


def load_word_vectors() -> StaticEncoder:
    """The bundled word vectors, read once; late interaction uses them whatever encoder is set."""
    global _bundled
    with _bundled_lock:
        if _bundled is None:
            _bundled = StaticEncoder(BUNDLED)
        return _bundled


def load_encoder(name: str | None = None) -> Encoder:
    """The encoder of this name.

    name: None for the bundled static model; else a sentence-transformers name or
        the path of a model folder.

    Raises EncoderError when it cannot be loaded. A model whose folder brings its
    own Python code is refused.
    """
    if name is None:
        return load_word_vectors()
    if not name.strip():
        raise EncoderError(
            "编码模型的名称是空的；请填写模型名称或文件夹，或不作设置以使用自带模型。"
        )
    folder = Path(name).expanduser()
    if (folder.is_absolute() or name.startswith((".", "~"))) and not folder.is_dir():
        raise EncoderError(f"找不到编码模型文件夹 {folder}；请检查路径，或不作设置以使用自带模型。")
    return _SentenceTransformerEncoder(name)


def _static_files(folder: Path) -> tuple[Path, Path]:
    """(weights, tokenizer) of a folder whose first module is a StaticEmbedding."""
    modules = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
    first = folder / modules[0]["path"]
    return first / "model.safetensors", first / "tokenizer.json"


def _folder_fingerprint(folder: Path) -> str:
    """sha256 over names and contents of what decides a vector; notes do not count."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in _FINGERPRINT_SUFFIXES:
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            digest.update(f"{path.relative_to(folder).as_posix()} {content}\n".encode())
    return digest.hexdigest()


def _unit_rows(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    norms = np.sqrt(np.einsum("ij,ij->i", rows, rows))
    norms[norms < _SMALLEST_NORM] = 1.0
    unit: NDArray[np.float32] = rows / norms[:, None]
    return unit


def _reason(error: Exception) -> str:
    """The first line of an error, short enough for one sentence."""
    text = str(error).strip().splitlines()
    first = text[0].strip().rstrip("。.") if text else ""
    return (first[:160] + "…" if len(first) > 160 else first) or type(error).__name__
