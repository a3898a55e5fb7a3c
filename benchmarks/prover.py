"""How well the prover tells what a source says from what it does not: `python -m benchmarks.prover`.

Three questions, one table:
- human labels: Chinese statements with the quotation they cite, judged faithful or not (a
  JSON-lines file with statement, quote and label 1 or 0, such as the development part of
  CiteCheck; its path is the argument, without it this part is left out), beside a plain
  threshold on shared character bigrams;
- faithful rewordings of sentences of the reports (rewordings.jsonl, written by hand): how many pass;
- mutations: every true sentence and every rewording with one fact changed: how many are caught.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.corpus import read_corpus
from rag.names import people
from rag.passages import split
from rag.places import place_names
from rag.support import coverage, supports
from rag.types import Document

HERE = Path(__file__).resolve().parent
BASELINE = 0.63

_DATE = re.compile(r"(?:19|20)\d\d年|\d{1,2}月|\d{1,2}日")
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?![年月日\d.-])(?!—)")
_UNIT = re.compile(
    r"(?:(?<=[\d万亿余])|(?<=[\d万]多))(?:名|人次|人|家|个|场|户|万元|元|%|项|期|座|件|次)(?![\(（])"
)
_OTHER_UNITS = {
    "名": ("家", "场", "元"), "人次": ("人", "家"), "人": ("家", "万人", "场"), "家": ("名", "万元", "场"),
    "个": ("万个", "倍", "%"), "场": ("家", "人", "元"), "户": ("人次", "家", "元"), "万元": ("元", "亿元", "人"),
    "元": ("万元", "人", "%"), "%": ("个百分点", "人", "倍"), "项": ("名", "倍", "亿元"), "期": ("年", "人", "家"),
    "座": ("名", "元", "年"), "件": ("名", "年", "元"), "次": ("人次", "家", "元"),
}  # fmt: skip
_BOUNDS = (
    ("余", ""),
    ("多", ""),
    ("不少于", "不超过"),
    ("不低于", "不高于"),
    ("以上", "以下"),
    ("近", "超过"),
)
_VERBS = "开展|组织|举办|建立|参加|获得|发放|推进|加强|实现|完善|落实|提高|制定|出台|召开|成立|新建|享受|慰问|印发|打造"
_DENIALS = re.compile(
    r"不(?=低于|少于|超)|没有|尚未|未(?=能|得|曾|经)|不(?![断仅但少同管论久过限等良足忘])"
)
_SURNAMES, _GIVEN = (
    "王李张刘陈杨赵周吴孙",
    ("建国", "志强", "丽华", "伟", "秀英", "明远", "海波", "雪梅"),
)
_TURNED = (
    ("增长", "下降"),
    ("提高", "降低"),
    ("扩大", "缩小"),
    ("增加", "减少"),
    ("高于", "低于"),
    ("最多", "最少"),
)
_INVENTED = (
    "，受到了省委主要领导的亲笔表扬", "，并被评为全国先进典型单位", "，这一做法居全省第一位",
    "，为此专门成立了外资控股公司", "，但随后因资金短缺而中止",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pair:
    """A statement that its evidence supports."""

    statement: str
    evidence: str
    report: Document


def true_sentences(documents: Sequence[Document]) -> Iterator[Pair]:
    """The sentences of the reports, each its own evidence."""
    for document in documents:
        for passage in split(document):
            for span in passage.sentences:
                text = document.text[span.start : span.end]
                if 12 <= len(text) <= 220:
                    yield Pair(text, text, document)


def rewordings(documents: Sequence[Document]) -> Iterator[Pair]:
    """The hand-written rewordings with the sentences they reword."""
    by_number = {document.doc_id[:3]: document for document in documents}
    for line in (HERE / "rewordings.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        yield Pair(row["statement"], row["evidence"], by_number[row["doc"]])


def _put(text: str, match: re.Match[str], new: str) -> str:
    return text[: match.start()] + new + text[match.end() :]


def figures_changed(pair: Pair, pick: random.Random) -> Iterator[str]:
    for match in _NUMBER.finditer(pair.statement):
        digits = match[0]
        at = pick.randrange(len(digits))
        while not digits[at].isdigit():
            at = pick.randrange(len(digits))
        other = pick.choice([d for d in "123456789" if d != digits[at]])
        yield _put(pair.statement, match, digits[:at] + other + digits[at + 1 :])
        yield _put(pair.statement, match, digits + "0" if "." not in digits else digits[:-1] + "75")


def units_changed(pair: Pair, pick: random.Random) -> Iterator[str]:
    for match in _UNIT.finditer(pair.statement):
        yield _put(pair.statement, match, pick.choice(_OTHER_UNITS[match[0]]))


def bounds_changed(pair: Pair, pick: random.Random) -> Iterator[str]:
    for word, other in _BOUNDS:
        for match in re.finditer(rf"(?<=[\d万]){word}|{word}(?=\d)|(?<=%){word}", pair.statement):
            yield _put(pair.statement, match, other)


def dates_changed(pair: Pair, pick: random.Random) -> Iterator[str]:
    for match in _DATE.finditer(pair.statement):
        number = int(match[0][:-1])
        step = pick.choice((-1, 1))
        other = number + step if number + step > 0 else number + 1
        if match[0][-1] == "月" and other > 12:
            other = 3
        if match[0][-1] == "日" and other > 31:
            other = 12
        yield _put(pair.statement, match, f"{other}{match[0][-1]}")


def places_changed(pair: Pair, pick: random.Random) -> Iterator[str]:
    others = ("沭阳县", "宝应县", "仁怀市", "平遥县", "海城市", "如东县", "介休市", "绥中县")
    for name in place_names(pair.statement):
        yield pair.statement.replace(name, pick.choice(others), 1)


def names_changed(pair: Pair, pick: random.Random) -> Iterator[str]:
    for person in people(pair.statement):
        if person.office:
            new = pick.choice(_SURNAMES) + pick.choice(_GIVEN)
            yield pair.statement.replace(person.name, new, 1)
    for match in re.finditer(r"[\u4e00-\u9fff]{2}(?=(?:有限)?公司|集团|煤矿|电力)", pair.statement):
        yield _put(pair.statement, match, pick.choice(("金鼎", "华泰", "宏远")))
    for match in re.finditer(r"(?<=[“《])[^“”《》]{3,}(?=[”》])", pair.statement):
        yield _put(
            pair.statement, match, pick.choice(("春风化雨行动", "百日攻坚计划", "先锋引领工程"))
        )


def negation_changed(pair: Pair, pick: random.Random) -> Iterator[str]:
    for match in re.finditer(_VERBS, pair.statement):
        if pair.statement[match.start() - 1 : match.start()] not in ("的", "等", "、"):
            yield _put(pair.statement, match, pick.choice(("没有", "未", "不")) + match[0])
    for match in _DENIALS.finditer(pair.statement):
        yield _put(pair.statement, match, "")


def turned_round(pair: Pair, pick: random.Random) -> Iterator[str]:
    for word, other in (*_TURNED, *((b, a) for a, b in _TURNED)):
        if word in pair.statement:
            yield pair.statement.replace(word, other, 1)


def figures_swapped(pair: Pair, pick: random.Random) -> Iterator[str]:
    """Two counts of the same measure word exchanged: every figure is in the source."""
    found = list(re.finditer(r"(\d+(?:\.\d+)?)(名|人|个|家|项|户|件)", pair.statement))
    for a, b in itertools.pairwise(found):
        if a[2] == b[2] and a[1] != b[1]:
            text = pair.statement
            yield text[: a.start(1)] + b[1] + text[a.end(1) : b.start(1)] + a[1] + text[b.end(1) :]


def clause_invented(pair: Pair, pick: random.Random) -> Iterator[str]:
    yield pair.statement.rstrip("。；;") + pick.choice(_INVENTED) + "。"


KINDS: dict[str, Callable[[Pair, random.Random], Iterator[str]]] = {
    "figure": figures_changed, "unit": units_changed, "bound": bounds_changed, "date": dates_changed,
    "place": places_changed, "name": names_changed, "negation": negation_changed,
    "direction": turned_round, "figures swapped": figures_swapped, "clause invented": clause_invented,
}  # fmt: skip


def judged(pairs: Sequence[Pair]) -> tuple[dict[str, int], dict[str, list[str]]]:
    """(mutations caught, mutations believed) by kind."""
    pick = random.Random(7)
    caught: dict[str, int] = defaultdict(int)
    missed: dict[str, list[str]] = defaultdict(list)
    for pair in pairs:
        for kind, change in KINDS.items():
            for statement in change(pair, pick):
                if supports(statement, pair.evidence, pair.report).supported:
                    missed[kind].append(statement)
                else:
                    caught[kind] += 1
    return caught, missed


def borrowed(pairs: Sequence[Pair]) -> dict[str, list[bool]]:
    """Whether a clause of another sentence, put at the end of a true one, is caught: by where
    the clause is from. Harder than an invented one: it speaks of the same things."""
    pick = random.Random(3)
    clauses: dict[str, list[str]] = defaultdict(list)
    for pair in true_sentences(list({p.report.doc_id: p.report for p in pairs}.values())):
        for clause in re.split(r"[，,；;。]", pair.statement):
            if 8 <= len(clause) <= 24 and not re.search(r"\d|[“”《》（(]", clause):
                clauses[pair.report.doc_id].append(clause)
    caught: dict[str, list[bool]] = defaultdict(list)
    for pair in pairs:
        own = pair.report.doc_id
        other = pick.choice([doc_id for doc_id in clauses if doc_id != own])
        for where, doc_id in (("the report", own), ("another report", other)):
            clause = pick.choice([c for c in clauses[doc_id] if c not in pair.evidence])
            statement = f"{pair.statement.rstrip('。；;')}，{clause}。"
            caught[where].append(not supports(statement, pair.evidence, pair.report).supported)
    return caught


def human_labels(path: Path, show: bool) -> None:
    """Accuracy on labelled statements, beside the bigram baseline.

    The prover's weights are fitted on such labels: each row is judged by weights
    that were fitted on the others.
    """
    from training.support import cross_validated, read

    rows = read(path)
    ours = cross_validated(rows)
    labels = [bool(r["label"]) for r in rows]
    plain = [coverage(r["statement"], r["quote"]) >= BASELINE for r in rows]
    for name, said in (("prover, 10-fold", ours), ("bigrams only", plain)):
        right = sum(a == b for a, b in zip(said, labels, strict=True)) / len(rows)
        precise = sum(a and b for a, b in zip(said, labels, strict=True)) / max(1, sum(said))
        recall = sum(a and b for a, b in zip(said, labels, strict=True)) / max(1, sum(labels))
        print(
            f"{'human labels, ' + name:34}{len(rows):6}{right:9.1%} right, precision {precise:.1%}, recall {recall:.1%}"
        )
    if show:
        for row, said_so, label in zip(rows, ours, labels, strict=True):
            if said_so != label:
                reason = supports(row["statement"], row["quote"]).reason
                print(f"   label {int(label)}: {reason} | {row['statement'][:90]}")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("labels", nargs="?", type=Path)
    parser.add_argument("--errors", action="store_true", help="list what was judged wrong")
    options = parser.parse_args()
    if options.labels:
        human_labels(options.labels, options.errors)
    documents = read_corpus(HERE.parent / "corpus").documents
    reworded, quoted = list(rewordings(documents)), list(true_sentences(documents))
    for name, pairs in (("faithful rewordings", reworded), ("sentences themselves", quoted)):
        failed = [p for p in pairs if not supports(p.statement, p.evidence, p.report).supported]
        print(f"{name:34}{len(pairs):6}{1 - len(failed) / len(pairs):9.1%} pass")
        for pair in failed if options.errors else ():
            print(
                f"   {supports(pair.statement, pair.evidence, pair.report).reason} | {pair.statement}"
            )
    started = time.perf_counter()
    caught, missed = judged((*reworded, *quoted))
    total = sum(caught[kind] + len(missed[kind]) for kind in KINDS)
    spent = 1000 * (time.perf_counter() - started) / total
    for kind in KINDS:
        n = caught[kind] + len(missed[kind])
        print(f"{'changed: ' + kind:34}{n:6}{caught[kind] / max(1, n):9.1%} caught")
        for statement in missed[kind] if options.errors else ():
            print(f"   {statement}")
    for where, cases in borrowed((*reworded, *quoted)).items():
        print(
            f"{'clause borrowed from ' + where:34}{len(cases):6}{sum(cases) / len(cases):9.1%} caught"
        )
    share = sum(caught.values()) / total
    print(f"{'changed: all':34}{total:6}{share:9.1%} caught, {spent:.2f} ms a statement")


if __name__ == "__main__":
    main()
