"""Stage 5a: pairs for contrastive training, one tab-separated file per source.

    python -m training.neighbours

reports, news   a sentence and the rest of its paragraph (inverse cloze, Lee et al. 2019)
titles          a title and the beginning of its text
mined           two Chinese sentences whose English sides the teacher finds alike
                (cosine 0.6 to 0.95) though they share few characters: paraphrases
                across registers, which no Chinese text at hand labels

Whatever shares a run of twelve characters with evaluation text is left out.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterable, Iterator

import numpy as np

from training.data import WORK, news_articles, report_paragraphs, title_bodies, unit_hash
from training.overlap import is_clean

FOLDER = WORK / "pairs"
SENTENCE = re.compile(r"[^。！？；\n]{6,}[。！？；]?")
MOST = {"reports": 80_000, "news": 80_000, "titles": 34_000, "mined": 200_000}
LONGEST = 260


def cloze(paragraph: str) -> tuple[str, str] | None:
    """(a sentence, the rest) of a paragraph, or None; the choice hangs on the text alone."""
    sentences = SENTENCE.findall(paragraph[: 2 * LONGEST])
    if len(sentences) < 2:
        return None
    at = int(unit_hash(paragraph + "#") * len(sentences))
    query = sentences.pop(at)
    if not 8 <= len(query) <= 90:
        return None
    # Nearest sentences first, so that a cut never leaves a far one as the only neighbour.
    near = "".join(sentences[max(0, at - 3) : at + 3])[:LONGEST]
    return (query, near) if len(near) >= 12 else None


def from_reports() -> Iterator[tuple[str, str]]:
    for _, paragraph in report_paragraphs():
        if unit_hash(paragraph) < 0.6 and len(paragraph) > 40 and (pair := cloze(paragraph)):
            yield pair


def from_news() -> Iterator[tuple[str, str]]:
    for article in news_articles():
        body = article.split("正文：", 1)[-1]
        sentences = SENTENCE.findall(body)
        for start in range(0, min(len(sentences), 16), 5):
            if pair := cloze("".join(sentences[start : start + 5])):
                yield pair


def from_titles() -> Iterator[tuple[str, str]]:
    for title, body in title_bodies():
        body = body.strip()
        if len(title) >= 6 and len(body) >= 40:
            yield title, body[:LONGEST]


def from_teacher(limit: int | None = None) -> Iterator[tuple[str, str]]:
    """Paraphrases by the teacher's neighbours, few shared characters first rejected."""
    import faiss

    from training.distill import cached_pairs

    faiss.omp_set_num_threads(1)
    chinese, half = cached_pairs(limit)
    vectors = half.astype(np.float32)
    lists = max(1, int(np.sqrt(len(vectors)) * 2))
    index = faiss.index_factory(384, f"IVF{lists},Flat", faiss.METRIC_INNER_PRODUCT)
    rng = np.random.default_rng(0)
    index.train(vectors[rng.choice(len(vectors), min(len(vectors), 40 * lists), replace=False)])
    index.add(vectors)
    faiss.extract_index_ivf(index).nprobe = 3
    for start in range(0, len(vectors), 8192):
        cosines, found = index.search(vectors[start : start + 8192], 6)
        for row, (near, who) in enumerate(zip(cosines, found, strict=True), start):
            text = chinese[row]
            letters = set(text)
            for cosine, other in zip(near.tolist(), who.tolist(), strict=True):
                if other in (row, -1) or not 0.6 <= cosine <= 0.95:
                    continue
                shared = len(letters & set(chinese[other])) / min(
                    len(letters), len(set(chinese[other]))
                )
                if shared <= 0.5 and len(text) >= 6 and len(chinese[other]) >= 6:
                    yield text, chinese[other]
                    break


SOURCES: dict[str, Callable[[], Iterable[tuple[str, str]]]] = {
    "reports": from_reports,
    "news": from_news,
    "titles": from_titles,
}


def build(source: str, pairs: Iterable[tuple[str, str]]) -> None:
    path = FOLDER / f"{source}.tsv"
    if path.exists():
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    kept = [(query, text) for query, text in pairs if is_clean(query) and is_clean(text)]
    kept.sort(key=lambda pair: unit_hash(pair[0]))
    partial = path.with_suffix(".part")
    with partial.open("w", encoding="utf-8") as out:
        for query, text in kept[: MOST[source]]:
            out.write("\t".join(re.sub(r"\s+", " ", t) for t in (query, text)) + "\n")
    partial.replace(path)
    print(f"{source}: {min(len(kept), MOST[source])} of {len(kept)} pairs", flush=True)


def load_pairs(source: str) -> tuple[list[str], list[str]]:
    path = FOLDER / f"{source}.tsv"
    if not path.exists():
        raise SystemExit(f"pairs of {source} are missing: run python -m training.neighbours first")
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    return [r[0] for r in rows], [r[1] for r in rows]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, help="of the teacher's, for the mined source")
    options = parser.parse_args()
    for source, read in SOURCES.items():
        build(source, read())
    build("mined", from_teacher(options.pairs))


if __name__ == "__main__":
    main()
