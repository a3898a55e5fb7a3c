"""Settings come from the environment, once, and are checked."""

from __future__ import annotations

import dataclasses
import pickle
import re
from pathlib import Path

import pytest

import rag.config
from rag.config import Settings, load_settings
from rag.errors import RagError

ROOT = Path(__file__).resolve().parent.parent


def test_nothing_set_gives_the_defaults() -> None:
    empty = dict.fromkeys(variables(), "")
    for found in (load_settings({}), load_settings(empty)):
        assert repr(found) == repr(Settings())
        assert not found.llm_key


def test_every_setting_is_taken_from_its_variable() -> None:
    given = {
        "RAG_CORPUS": "报告",
        "RAG_INDEX": "/tmp/索引",
        "RAG_ENCODER": "BAAI/bge-small-zh-v1.5",
        "RAG_HOST": "0.0.0.0",
        "RAG_PORT": "8080",
    }
    found = load_settings(given)
    for name, value in given.items():
        assert str(getattr(found, name.removeprefix("RAG_").lower())) == value


@pytest.mark.parametrize(
    "port", ["0", "65536", "-1", "80 80", "http", "7860.0", "٣", "７８６０", " ", "1" * 99]
)
def test_port_that_is_none_is_an_error_that_names_the_variable(port: str) -> None:
    with pytest.raises(RagError, match="RAG_PORT"):
        load_settings({"RAG_PORT": port})


@pytest.mark.parametrize("port", ["1", "7860", "65535"])
def test_port_that_is_one_is_taken(port: str) -> None:
    assert load_settings({"RAG_PORT": port}).port == int(port)


def test_settings_cannot_be_changed_under_way() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        load_settings({}).port = 1  # type: ignore[misc]


def variables() -> set[str]:
    """The variables that the code reads."""
    code = Path(rag.config.__file__).read_text(encoding="utf-8")
    return set(re.findall(r"\"(RAG_\w+)\"", code))


def test_table_of_settings_names_just_those_that_are_read() -> None:
    table = set(re.findall(r"^\| (RAG_\w+)", rag.config.__doc__ or "", re.M))
    assert table == variables()
    assert {f"RAG_{f.name.upper()}" for f in dataclasses.fields(Settings)} == table


@pytest.mark.parametrize(
    "given",
    [
        {"RAG_LLM": "qwen3"},
        {"RAG_LLM": "qwen3", "RAG_LLM_URL": "localhost"},
        {"RAG_LLM": "qwen3", "RAG_LLM_URL": "file:///etc/passwd"},
        {"RAG_LLM": "qwen3", "RAG_LLM_URL": "http://a:hunter2@b/v1"},
        {"RAG_LLM_TIMEOUT": "0"},
        {"RAG_LLM_TIMEOUT": "nan"},
        {"RAG_LLM_TIMEOUT": "inf"},
        {"RAG_LLM_TIMEOUT": "soon"},
        {"RAG_LLM_MAX_TOKENS": "-5"},
    ],
    ids=str,
)
def test_model_setting_that_cannot_work_is_an_error_that_names_it(given: dict[str, str]) -> None:
    with pytest.raises(RagError, match=list(given)[-1]) as caught:
        load_settings(given)
    assert "hunter2" not in str(caught.value)


def test_key_is_not_shown() -> None:
    found = load_settings({"RAG_LLM_KEY": "hunter2"})
    assert "hunter2" not in f"{found} {found!r} {found.llm_key} {found.llm_key!r}"
    assert found.llm_key.reveal() == "hunter2"
    with pytest.raises(TypeError):
        pickle.dumps(found)


def test_environment_is_read_in_one_place() -> None:
    for path in sorted((ROOT / "src").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        reads = re.findall(r"os\.getenv|environ\.get|environ\[[^\]]+\](?!\s*=)", text)
        assert path.name == "config.py" or not reads, path
