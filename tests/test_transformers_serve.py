"""A server we did not write: `transformers serve`, asked by the real client.

Two models are made here, and nothing is downloaded: one of random layers over the
characters of the reports talks nonsense; one whose every token leads to the next
says the lines it was made for, true ones and forged ones.
"""

from __future__ import annotations

import importlib.util
import itertools
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from test_generate import hold, settings

from rag import Assistant, Document
from rag.endpoint import chat_model
from rag.generate import Writer
from rag.retrieval import Searcher

EXTRA = ("accelerate", "fastapi", "openai", "uvicorn")  # of transformers[serving]
TEMPLATE = "{% for message in messages %}{{ message['content'] }}\n{% endfor %}"
START = 120.0  # seconds; it imports all of torch and transformers
QUESTION = "文水县五年办了多少场培训？"
TRUE = "五年来，文水县累计开展技能培训600余场。"
FORGED = ("文水县五年共办了培训900余场。", "文水县的培训得到了外商的亲笔表扬。")

pytestmark = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in EXTRA),
    reason="needs transformers[serving]",
)


def make_tokenizer(folder: Path, characters: str, pieces: Sequence[str] = ()) -> dict[str, int]:
    """One token a character, and pieces that no text is ever cut into; the tokens by their text."""
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    known = ["<unk>", "<end>", *sorted(set(characters)), *pieces]
    tokens = {text: i for i, text in enumerate(known)}
    inner = Tokenizer(models.WordLevel(tokens, unk_token="<unk>"))
    inner.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
    inner.decoder = decoders.Fuse()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=inner, unk_token="<unk>", eos_token="<end>", pad_token="<end>"
    )
    tokenizer.chat_template = TEMPLATE
    tokenizer.save_pretrained(folder)
    return tokens


def make_model(words: int, width: int, layers: int) -> Any:
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(7)
    shape = LlamaConfig(
        vocab_size=words, hidden_size=width, intermediate_size=width, num_hidden_layers=layers,
        num_attention_heads=2, max_position_embeddings=16384, initializer_range=1.0,
        bos_token_id=None, eos_token_id=1, pad_token_id=1,
    )  # fmt: skip
    return LlamaForCausalLM(shape)


def make_random(folder: Path, characters: str) -> None:
    tokens = make_tokenizer(folder, characters)
    model = make_model(len(tokens), 32, 2)
    model.lm_head.weight.data[tokens["<end>"]] = 0  # never the likeliest: it talks to its limit
    model.save_pretrained(folder)


def make_scripted(folder: Path, characters: str, text: str) -> None:
    """A model that says `text` after any line break: each token is a direction of its own,
    the layer adds nothing, and the last matrix turns each direction into the next token."""
    import torch

    pieces = [text[i : i + 9] for i in range(0, len(text), 9)]
    assert len({*pieces, *characters}) == len(pieces) + len(set(characters)), "a chain, no loop"
    tokens = make_tokenizer(folder, characters, pieces)
    chain = [tokens[said] for said in ("\n", *pieces, "<end>")]
    model = make_model(len(tokens), 4 * len(chain), 1)
    with torch.no_grad():
        for matrix in model.parameters():
            if matrix.dim() > 1:
                matrix.zero_()
        for direction, (token, follower) in enumerate(itertools.pairwise(chain)):
            model.model.embed_tokens.weight[token, direction] = 1.0
            model.lm_head.weight[follower, direction] = 1.0
    model.save_pretrained(folder)


@pytest.fixture(scope="module")
def serve(
    tmp_path_factory: pytest.TempPathFactory, documents: Mapping[str, Document]
) -> Iterator[tuple[str, Path]]:
    """(address, folder of the models) of a running server."""
    folder = tmp_path_factory.mktemp("models")
    characters = "".join(d.text for d in documents.values()) + "S0123456789[]\n"
    make_random(folder / "random", characters)
    forged = f"{FORGED[0]}[S1]\n{FORGED[1]}[S2]\n"
    make_scripted(folder / "forging", characters, forged)
    make_scripted(folder / "scripted", characters, f"{TRUE}[S99]\n{forged}")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = "from transformers.cli.transformers import main; main()"
    arguments = ["serve", "--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]
    log = folder / "log.txt"
    with log.open("w") as out:
        running = subprocess.Popen(
            [sys.executable, "-c", program, *arguments],
            stdout=out,
            stderr=subprocess.STDOUT,
            env=os.environ | {"HF_HUB_OFFLINE": "1", "HF_HOME": str(folder / "cache")},
        )
    try:
        wait(f"http://127.0.0.1:{port}/health", running, log)
        yield f"http://127.0.0.1:{port}/v1", folder
    finally:
        running.terminate()
        running.wait(20)


def wait(url: str, running: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START
    while time.monotonic() < deadline:
        assert running.poll() is None, log.read_text()[-2000:]
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    pytest.fail("not up in time: " + log.read_text()[-2000:])


def client(serve: tuple[str, Path], name: str) -> Any:
    url, folder = serve
    more = {"RAG_LLM": str(folder / name), "RAG_LLM_MAX_TOKENS": "80", "RAG_LLM_TIMEOUT": "100"}
    return chat_model(settings(url, **more))


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("random", "语言模型的回答没有写完，以下为原文摘录。"),
        ("forging", "语言模型的回答没有一句能在原文中证实，以下为原文摘录。"),
    ],
    ids=["random", "forging"],
)
def test_nonsense_of_a_foreign_server_is_never_shown(
    name: str, note: str, serve: tuple[str, Path], searcher: Searcher, assistant: Assistant,
    documents: Mapping[str, Document],
) -> None:  # fmt: skip
    model = client(serve, name)
    pieces = [str(chunk.content) for chunk in model.stream(QUESTION)]
    # Else a server that never answered would pass.
    assert len("".join(pieces)) >= 40
    assert sum(map(bool, pieces)) > 4, "not streamed"
    for question in (QUESTION, "文水县和丰县各办了多少场培训？"):
        answer = Assistant(searcher, Writer(model, name, 100.0)).ask(question)
        plain = assistant.ask(question)
        hold(answer, documents)
        assert (answer.text, answer.citations) == (plain.text, plain.citations)
        assert (answer.state, answer.mode) == (plain.state, "extract")
        assert answer.note == note


def test_true_line_of_a_foreign_server_is_shown_and_forged_ones_are_not(
    serve: tuple[str, Path], searcher: Searcher, documents: Mapping[str, Document]
) -> None:
    answer = Assistant(searcher, Writer(client(serve, "scripted"), "scripted", 100.0)).ask(QUESTION)
    hold(answer, documents)
    assert answer.mode == "llm"
    assert answer.state == "partial"
    assert [s.text for s in answer.statements] == [TRUE]
    assert answer.unproved == FORGED
