"""The README's own snippets, so that they cannot rot."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"```python\n(.*?)```", README, flags=re.S)


def test_python_snippets_run_as_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "corpus").symlink_to(ROOT / "corpus", target_is_directory=True)
    monkeypatch.chdir(tmp_path)
    assert len(SNIPPETS) >= 2
    for snippet in SNIPPETS:
        exec(compile(snippet, "README.md", "exec"), {})


def test_settings_table_names_every_variable_the_program_reads() -> None:
    source = (ROOT / "src/rag/config.py").read_text(encoding="utf-8")
    for variable in set(re.findall(r"\bRAG_[A-Z_]+\b", source)):
        assert f"`{variable}`" in README, variable


def test_linked_files_exist() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)|src=\"([^\"]+)\"", README):
        path = target[0] or target[1]
        assert (ROOT / path).exists(), path


def test_make_targets_the_readme_names_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in ("chat", "test", "setup", "index", "eval", "bench", "lint", "clean"):
        assert re.search(rf"^{target}:", makefile, flags=re.M), target
