"""The measures, each on a case small enough to work out by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rag import Assistant, build_index
from rag.errors import RagError
from rag.evaluate import evaluate, evidence_found, format_report, is_correct, read_labels
from rag.types import Hit, Passage

QUOTE = "五年来,累计开展技能培训600余场,参与产业工人3.2万人(次)。"


def label(**fields: Any) -> dict[str, Any]:
    row = {"id": "x1", "question": "文水县五年来累计开展技能培训多少场？", "type": "figure"}
    return row | {"evidence": ["累计开展技能培训600余场"], "must": ["600余场"]} | fields


def write(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text(
        "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), encoding="utf-8"
    )
    return path


def measured(assistant: Assistant, folder: Path, *rows: dict[str, Any]) -> dict[str, float]:
    report = evaluate(assistant, read_labels(write(folder / "labels.jsonl", *rows)))
    return dict(report["types"]["all"])


def hit(text: str, rank: int = 1) -> Hit:
    return Hit(Passage("d", 0, len(text), text, "", "t", "s", "", "", "", ()), 1.0, rank)


# --- one measure at a time ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("evidence", "k", "expected"),
    [
        (["甲乙"], 1, True),
        (["丙丁"], 1, False),
        (["丙丁"], 2, True),
        (["甲乙", "丙丁"], 1, False),
        (["甲乙", "丙丁"], 2, True),
        (["甲乙", "戊"], 5, False),
        (["甲 乙"], 1, True),
        (["１２"], 3, True),
        (["乙丙"], 5, False),
    ],
)
def test_recall_needs_every_evidence_string_in_the_first_k(
    evidence: list[str], k: int, expected: bool
) -> None:
    hits = [hit("甲\n乙"), hit("丙丁", 2), hit("12", 3)]
    assert evidence_found(evidence, hits, k) is expected


@pytest.mark.parametrize(
    ("text", "must", "must_not", "expected"),
    [
        ("共600余场。", ["600余场"], [], True),
        ("共６００ 余场。", ["600余场"], [], True),
        ("共600余场。", ["600余场", "3.2万"], [], False),
        ("共600余场。", [["700", "600"]], [], True),
        ("共600余场。", [["700", "800"]], [], False),
        ("共600余场。", [["700", "600"], "场"], [], True),
        ("共600余场。", [], ["600"], False),
        ("共600余场。", ["600"], ["700"], True),
        ("共600余场。", ["600"], ["余 场"], False),
        ("共600余场。", [], [], True),
    ],
)
def test_correct_needs_every_must_and_no_must_not(
    text: str, must: list[Any], must_not: list[str], expected: bool
) -> None:
    assert is_correct(text, must, must_not) is expected


# --- whole answers, worked out by hand ----------------------------------------------------
# The answer to label() is the one sentence QUOTE, 33 characters, from the report of 文水县.


def test_the_answer_the_cases_below_count_on(assistant: Assistant) -> None:
    assert [c.quote for c in assistant.ask(label()["question"]).citations] == [QUOTE]


def test_right_answer_scores_full_marks(assistant: Assistant, tmp_path: Path) -> None:
    found = measured(assistant, tmp_path, label())
    assert {k: found[k] for k in ("n", "correct", "citation_recall", "citation_precision", "verbatim")} == {
        "n": 1, "correct": 1, "citation_recall": 1, "citation_precision": 1, "verbatim": 1,
    }  # fmt: skip
    assert found["recall@1"] == found["recall@5"] == found["recall@10"] == 1
    assert found["false_refusal"] == 0
    assert found["citations"] == 1
    assert "refusal" not in found


@pytest.mark.parametrize(
    ("fields", "correct", "recall", "precision"),
    [
        ({"must": ["700"]}, 0, 1, 1),
        ({"must": [["700", "600余"]]}, 1, 1, 1),
        ({"must_not": ["3.2万"]}, 0, 1, 1),
        # Evidence that is in no report: nothing is recalled, the quote proves a must string.
        ({"evidence": ["此句不在任何报告里"]}, 1, 0, 1),
        ({"evidence": ["此句不在任何报告里"], "must": ["别的"]}, 0, 0, 0),
        # 12 of 24 characters are quoted: half is enough; 12 of 25 are too few.
        ({"evidence": ["累计开展技能培训600余" + "甲" * 12], "must": ["无"]}, 0, 1, 1),
        ({"evidence": ["累计开展技能培训600余" + "甲" * 13], "must": ["无"]}, 0, 0, 0),
        ({"evidence": ["累计开展技能培训600余场", "此句不在任何报告里"]}, 1, 0, 1),
    ],
)
def test_each_measure_counts_what_it_should(
    assistant: Assistant,
    tmp_path: Path,
    fields: dict[str, Any],
    correct: int,
    recall: int,
    precision: int,
) -> None:
    found = measured(assistant, tmp_path, label(**fields))
    assert (found["correct"], found["citation_recall"], found["citation_precision"]) == (
        correct, recall, precision,
    )  # fmt: skip


def test_refusals_are_counted_on_their_own_sides(assistant: Assistant, tmp_path: Path) -> None:
    foreign = {"evidence": [], "must": [], "type": "unanswerable"}
    refused = "用Python写一个冒泡排序"
    found = measured(
        assistant,
        tmp_path,
        label(),
        label(id="x2", question=refused),  # answerable by its label: a false refusal
        label(id="x3", question=refused, **foreign),
        label(id="x4", **foreign),  # answered though its label says refuse
    )
    assert found["n"] == 4
    assert found["false_refusal"] == 0.5
    assert found["refusal"] == 0.5
    assert found["correct"] == 0.5
    assert found["citation_recall"] == 0.5
    assert found["recall@5"] == 0.5
    assert found["citations"] == 0.5


def test_refused_question_is_wrong_even_when_its_text_holds_the_must(
    assistant: Assistant, tmp_path: Path
) -> None:
    found = measured(assistant, tmp_path, label(question="用Python写一个冒泡排序", must=["资料"]))
    assert found["correct"] == 0


def test_lost_document_lowers_every_score(
    assistant: Assistant, corpus_copy: Path, tmp_path: Path, dev: list[dict[str, Any]]
) -> None:
    (corpus_copy / "000-文水县.md").unlink()
    build_index(corpus_copy, tmp_path / "index")
    poorer = Assistant.load(str(tmp_path / "index"))
    rows = [r for r in dev if r["type"] == "figure"][::2]
    whole, less = measured(assistant, tmp_path, *rows), measured(poorer, tmp_path, *rows)
    assert less["n"] == whole["n"] == len(rows)
    lost = sum("000" in r["doc"] for r in rows) / len(rows)
    assert lost > 0
    assert less["recall@5"] <= 1 - lost
    for measure in ("recall@5", "correct", "citation_recall"):
        assert less[measure] < whole[measure]
    assert less["false_refusal"] > whole["false_refusal"]


def test_conversation_is_asked_turn_by_turn_with_its_history(
    assistant: Assistant, tmp_path: Path
) -> None:
    turns = [
        label(),
        label(question="参与的有多少人？", evidence=["参与产业工人3.2万人"], must=["3.2万"]),
    ]
    talk = {
        "id": "t1",
        "turns": [{k: t[k] for k in ("question", "evidence", "must")} for t in turns],
    }
    labels = read_labels(write(tmp_path / "talk.jsonl", talk))
    assert [row.id for row in labels] == ["t1.1", "t1.2"]
    assert labels[1].follow_up_of == (label()["question"],)
    report = evaluate(assistant, labels)
    assert report["types"]["all"]["correct"] == 1
    assert set(report["types"]) == {"first turn", "follow-up", "all"}


def test_rows_of_the_report_add_up(
    assistant: Assistant, tmp_path: Path, dev: list[dict[str, Any]]
) -> None:
    rows = dev[::5]
    report = evaluate(assistant, read_labels(write(tmp_path / "labels.jsonl", *rows)))
    types = {name: row for name, row in report["types"].items() if name != "all"}
    assert sum(row["n"] for row in types.values()) == report["types"]["all"]["n"] == len(rows)
    asked = [row for row in types.values() if "correct" in row]
    total = sum(row["correct"] * row["n"] for row in asked) / sum(row["n"] for row in asked)
    assert report["types"]["all"]["correct"] == pytest.approx(total)
    for row in report["types"].values():
        assert all(0 <= v <= 1 for k, v in row.items() if k not in ("n", "chars", "citations"))
    assert report["latency_ms"]["p50"] <= report["latency_ms"]["p95"]
    wrong = [r for r in report["misses"] if r["type"] != "unanswerable"]
    assert len(wrong) == round((1 - total) * sum(row["n"] for row in asked))
    table = format_report(report, errors=True)
    for name in report["types"]:
        assert f"| {name} |" in table
    for miss in report["misses"]:
        assert miss["question"] in table
    assert json.loads(json.dumps(report)) == report


# --- files that hold no labels ------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "{",
        "[]",
        "5",
        "null",
        '"x"',
        "{}",
        '{"id": "a"}',
        '{"id": "a", "question": "问", "type": "t"}',
        '{"id": "a", "question": "问", "type": "t", "evidence": 5}',
        '{"id": "a", "question": "问", "type": "t", "evidence": "累计开展"}',
        '{"id": "a", "question": "问", "type": "t", "evidence": ["x"], "must": "600"}',
        '{"id": "a", "question": "问", "type": "t", "evidence": ["x"], "must": [5]}',
        '{"id": "a", "question": "问", "type": "t", "evidence": ["x"], "must_not": "600"}',
        '{"id": "a", "question": "问", "type": "t", "evidence": [""]}',
        '{"id": "a", "question": 5, "type": "t", "evidence": []}',
        '{"id": "a", "question": "  ", "type": "t", "evidence": []}',
        '{"id": "a", "turns": []}',
        '{"id": "a", "turns": {}}',
        '{"id": "a", "turns": [5]}',
        pytest.param("[" * 100_000, id="deep"),
    ],
)
def test_file_that_holds_no_labels_is_an_error_that_names_it(tmp_path: Path, text: str) -> None:
    """A string where a list belongs would be taken letter by letter and score anything."""
    path = tmp_path / "bad.jsonl"
    path.write_text(text + "\n", encoding="utf-8")
    with pytest.raises(RagError, match=r"bad\.jsonl"):
        read_labels(path)


def test_line_separators_inside_a_string_end_no_line(tmp_path: Path) -> None:
    text = json.dumps(label(question="培训\u2028多少场\x85？"), ensure_ascii=False)
    (tmp_path / "labels.jsonl").write_text(text, encoding="utf-8")
    assert len(read_labels(tmp_path / "labels.jsonl")) == 1


def test_error_names_the_line(tmp_path: Path) -> None:
    path = write(tmp_path / "bad.jsonl", label())
    with path.open("a", encoding="utf-8") as out:
        out.write("\n{broken\n")
    with pytest.raises(RagError, match="第 3 行"):
        read_labels(path)


def test_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "raw.jsonl").write_bytes(b"\xff\xfe\x00")
    for name in ("nowhere.jsonl", ".", "raw.jsonl"):
        with pytest.raises(RagError):
            read_labels(tmp_path / name)


def test_labels_with_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    text = json.dumps(label(question="问\u2028题"), ensure_ascii=False)
    path.write_bytes(b"\xef\xbb\xbf" + text.encode() + b"\r\n" + text.encode() + b"\r\n")
    assert len(read_labels(path)) == 2
