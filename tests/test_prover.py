"""The prover on what it must tell apart, by the numbers: see benchmarks/prover.py."""

from __future__ import annotations

import importlib.util
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import pytest

from rag import Document
from rag.citations import supports

ROOT = Path(__file__).resolve().parent.parent
OF_THE_GOAL = ("figure", "unit", "bound", "date", "place", "name", "negation")


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    spec = importlib.util.spec_from_file_location("prover_bench", ROOT / "benchmarks" / "prover.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_faithful_rewordings_pass(bench: ModuleType, documents: Mapping[str, Document]) -> None:
    pairs = list(bench.rewordings(list(documents.values())))
    assert len(pairs) >= 60
    for pair in pairs:
        assert pair.evidence in pair.report.text
    passed = [p for p in pairs if supports(p.statement, p.evidence, p.report).supported]
    assert len(passed) >= 0.9 * len(pairs)


def test_changed_facts_are_caught(bench: ModuleType, documents: Mapping[str, Document]) -> None:
    """In every sentence of the reports and every rewording, each fact changed in turn."""
    reports = list(documents.values())
    started = time.perf_counter()
    caught, missed = bench.judged([*bench.rewordings(reports), *bench.true_sentences(reports)])
    total = sum(caught.values()) + sum(map(len, missed.values()))
    assert 1000 * (time.perf_counter() - started) / total < 10, "ms a statement"
    assert sum(caught.values()) >= 0.99 * total, missed
    for kind in OF_THE_GOAL:
        assert caught[kind] >= 0.99 * (caught[kind] + len(missed[kind])), missed[kind]


def test_place_of_the_report_goes_without_saying_but_not_those_around_it(
    documents: Mapping[str, Document],
) -> None:
    report = next(d for d in documents.values() if d.region.endswith("阜宁县"))
    said = "新建基层工会212个,新增会员6012人,90%以上基层工会组织实现规范运作。"
    assert supports("阜宁县新建基层工会212个。", said, report).supported
    assert supports("盐城市阜宁县新建基层工会212个。", said, report).supported
    assert not supports("盐城市新建基层工会212个。", said, report).supported
    assert not supports("江苏省新建基层工会212个。", said, report).supported
    assert not supports("文水县新建基层工会212个。", said, report).supported
    assert not supports("阜宁县新建基层工会212个。", said).supported


def test_year_of_the_report_stands_for_this_year_only(documents: Mapping[str, Document]) -> None:
    report = next(d for d in documents.values() if d.region.endswith("文水县"))
    this_year = "今年1-8月份全县组建新业态劳动者工会114个,新发展农民工会员4962人。"
    assert supports("2023年1-8月文水县组建新业态劳动者工会114个。", this_year, report).supported
    assert not supports("2022年1-8月文水县组建新业态劳动者工会114个。", this_year, report).supported
    undated = "大力推进实训基地建设,全县产改企业建立实训基地25个。"
    assert not supports("2023年文水县产改企业建立实训基地25个。", undated, report).supported


def test_plan_is_not_told_as_done() -> None:
    planned = "并准备在经济开发区、县城以及相关乡镇、建立七个具有职工培训、健身功能的“职工之家”。"
    assert not supports("在经济开发区、县城以及相关乡镇建立了七个职工之家。", planned).supported
    assert supports("准备在经济开发区、县城以及相关乡镇建立七个职工之家。", planned).supported


@pytest.mark.parametrize(
    ("statement", "evidence"),
    [
        ("新建基层工会265个", "三年提档升级基层工会265个,新建基层工会212个"),
        ("丰县举办50场，沛县举办30场", "丰县举办30场，沛县举办50场"),
        ("入党积极分子46人", "培养入党积极分子227人,发展对象46人,预备党员30人"),
    ],
)
def test_figure_of_another_thing_is_no_proof(statement: str, evidence: str) -> None:
    assert not supports(statement, evidence).supported
