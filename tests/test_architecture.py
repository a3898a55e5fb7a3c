"""The floors of the house, its room sizes, and what may not be brought in."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

MAX_FILE, MAX_FUNCTION = 300, 55
SOURCES = sorted([*(ROOT / "src" / "rag").rglob("*.py"), *(ROOT / "app").rglob("*.py")])
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES}
RAG = {path.stem for path in SOURCES if path.parent.name == "rag"} - {"__init__"}

# Where its interfaces are the product: the retriever, the chain, the chat model.
LANGCHAIN = {
    f"rag.{name}" for name in ("retrieval", "assistant", "generate", "exchange", "endpoint")
}


def imports(path: Path) -> set[str]:
    """Names a file imports, anywhere in it, full for those of rag."""
    found: set[str] = set()
    for node in ast.walk(TREES[path]):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: relative import"
            found.add(node.module or "")
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def homes(package: str) -> set[str]:
    """The files that import a package."""
    return {
        f"{path.parent.name}.{path.stem}"
        for path in SOURCES
        if any(name == package or name.startswith(package + ".") for name in imports(path))
    }


def test_imports_only_go_down(run_python: Callable[..., str]) -> None:
    """The contracts of .importlinter."""
    out = run_python(
        "from importlinter.application.use_cases import SUCCESS\n"
        "from importlinter.cli import lint_imports\n"
        "import sys\n"
        "status = lint_imports(config_filename=sys.argv[1], no_cache=True)\n"
        "print('status', status == 0)",
        ROOT / ".importlinter",
    )
    assert "status True" in out, out


def test_every_module_stands_on_a_floor() -> None:
    """A new module must be placed in .importlinter, or nothing would watch it."""
    text = (ROOT / ".importlinter").read_text(encoding="utf-8")
    placed = {word for line in text.splitlines() for word in re.sub(r"[|()]", " ", line).split()}
    assert {f"rag.{name}" for name in RAG} <= placed


@pytest.mark.parametrize(
    ("package", "allowed"),
    [
        ("faiss", {"rag.index"}),
        ("sentence_transformers", {"rag.encoder"}),
        ("bm25s", {"rag.lexical"}),
        ("opencc", {"rag.text"}),
        ("torch", {"rag.encoder"}),
        ("langchain_core", LANGCHAIN),
        ("langchain", LANGCHAIN),
    ],
)
def test_package_has_one_home(package: str, allowed: set[str]) -> None:
    assert homes(package) <= allowed


def test_gradio_stays_in_the_app() -> None:
    assert all(home.startswith("app.") for home in homes("gradio"))
    assert homes("gradio")


@pytest.mark.parametrize(
    "package", ["pickle", "dill", "joblib", "shelve", "marshal", "langchain_community"]
)
def test_what_runs_foreign_data_as_code_is_not_used(package: str) -> None:
    assert homes(package) == set()


def test_nothing_is_evaluated_or_trusted() -> None:
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            assert not (
                isinstance(node.func, ast.Name) and name in ("eval", "exec", "__import__")
            ), path
            assert name != "system", path
            for keyword in node.keywords:
                if keyword.arg in (
                    "trust_remote_code",
                    "allow_pickle",
                    "shell",
                    "unsafe_allow_html",
                ):
                    assert ast.unparse(keyword.value) == "False", f"{path}: {keyword.arg}"


def test_app_uses_the_public_names_of_rag_only() -> None:
    public = {"rag", *(f"rag.{name}" for name in RAG)}
    for path in SOURCES:
        if path.parent.name != "app":
            continue
        for name in imports(path):
            if name.split(".")[0] == "rag":
                assert ".".join(name.split(".")[:2]) in public or name.count(".") == 1
                assert not any(part.startswith("_") for part in name.split(".")), f"{path}: {name}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: f"{p.parent.name}.{p.stem}")
def test_no_room_is_too_big(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_FILE
    for node in ast.walk(TREES[path]):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            assert length <= MAX_FUNCTION, f"{node.name}: {length} lines"


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: f"{p.parent.name}.{p.stem}")
def test_library_prints_nothing_and_sets_no_log_level(path: Path) -> None:
    for node in ast.walk(TREES[path]):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            if path.parent.name == "rag" and path.stem != "cli":
                assert name != "print"
            assert name not in ("logging.basicConfig", "logger.setLevel", "logger.addHandler")


def test_package_root_is_a_menu() -> None:
    import rag

    for name in rag.__all__:
        assert getattr(rag, name) is not None
    assert sorted(rag.__all__) == rag.__all__
    with pytest.raises(AttributeError, match="nothing_here"):
        _ = rag.nothing_here


def test_importing_rag_costs_nothing(run_python: Callable[..., str]) -> None:
    """None of the big packages is loaded before it is needed."""
    code = """
import sys
import rag
import rag.cli, rag.types, rag.errors, rag.config
print(*sorted({name.split(".")[0] for name in sys.modules}))
"""
    loaded = set(run_python(code).split())
    heavy = {"torch", "faiss", "gradio", "langchain", "langchain_core", "numpy", "bm25s", "opencc"}
    heavy |= {"sentence_transformers", "transformers", "tokenizers", "safetensors", "pydantic"}
    assert not loaded & heavy
