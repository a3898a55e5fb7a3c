"""Reading sentences word by word: the numbers are those of the formula, whatever stands around."""

from __future__ import annotations

import json
import math
from importlib import resources
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.encoder import load_word_vectors
from rag.question import content_words
from rag.reader import FAR, MOST, Reader, Reading, in_use, instead, question_words, sentence_words
from rag.retrieval import Searcher
from rag.select import candidates

SENTENCES = (
    "2023年8月举办文水县第二届职业技能大赛,大赛分8个类型,26个比赛项目。",
    "县委副书记、政府县长孟兰生任组长。",
    "对每位劳动模范给予3000元的现金奖励。",
    "由于连日暴雨，比赛推迟到九月。",
)
QUESTION = "文水县第二届职业技能大赛有多少个比赛项目?"


def weights() -> dict[str, Any]:
    stored: dict[str, Any] = json.loads(
        resources.files("rag").joinpath("data/reader.json").read_text(encoding="utf-8")
    )
    return stored


def read(question: str, *texts: str) -> list[Reading | None]:
    asked = question_words(question, content_words(question) or question)
    return in_use().read(asked, [sentence_words(text) for text in texts])


def close(one: Reading | None, other: Reading | None) -> bool:
    if one is None or other is None:
        return one is other
    same = (one.answers, one.tells) == pytest.approx((other.answers, other.tells), abs=1e-3)
    return bool(same)


def by_the_formula(question: str, text: str) -> tuple[float, float]:
    """The net once more, a sentence by itself, with torch's own convolutions."""
    import torch
    from torch.nn.functional import conv1d

    of = {name: torch.tensor(value) for name, value in weights().items()}
    known = load_word_vectors()
    asked = question_words(question, content_words(question) or question)
    told = sentence_words(text)
    q, s = torch.tensor(known.vectors[asked.ids]), torch.tensor(known.vectors[told.ids])

    def linear(name: str, x: Any) -> Any:
        return x @ of[f"{name}.weight"].T + of[f"{name}.bias"]

    def conv(name: str, x: Any, step: int = 1) -> Any:
        made = conv1d(
            x.T[None], of[f"{name}.weight"], of[f"{name}.bias"], padding=step, dilation=step
        )
        return torch.relu(made[0].T)

    cosines = s @ q.T
    named = torch.tensor(asked.named)
    best, which = torch.where(named, cosines, 0.0).max(dim=1)
    best = best.clamp(min=0)
    weight = torch.tensor(known.weights[asked.ids])[which] * named[which]
    marks = torch.stack(
        [best, (best > 0.95).float(), 2 * best * weight, torch.tensor(told.digits).float(),
         torch.tensor(known.weights[told.ids])], 1,
    )  # fmt: skip
    words = q @ of["meaning.weight"].T
    said = torch.softmax(8 * cosines, 1) @ words * best[:, None]
    x = torch.cat([s @ of["meaning.weight"].T, said, of["gap.weight"][told.gaps], marks], 1)
    x = conv("first", x)
    x = x + conv("second", x)
    x = x + conv("third", x, 2)
    y = torch.cat([words, of["distance.weight"][asked.place], named[:, None].float()], 1)
    y = conv("question", y)
    whole = (torch.softmax(linear("weight", y), 0) * y).sum(0)
    likely = torch.logsumexp(x @ linear("word_asked", whole) + linear("word_alone", x)[:, 0], 0)
    top, mean, terms = x.max(0).values, x.mean(0), linear("said", y)
    most = cosines.max(0).values.clamp(min=0)
    how = torch.stack([most, (most > 0.95).float(), (most - 0.45).clamp(min=0)], 1)
    answers = (
        likely + top @ linear("highest", whole) + linear("mean", mean) + (how * terms[:, :3]).sum()
    )
    tells = (
        top @ linear("tells_highest", whole)
        + linear("tells_mean", mean)
        + (how * terms[:, 3:]).sum()
    )
    return float(answers), float(tells + of["tells_likely"] * likely)


@pytest.mark.parametrize("text", SENTENCES)
@pytest.mark.parametrize("question", [QUESTION, "比赛为什么推迟?", "组长"])
def test_reading_is_its_formula(question: str, text: str) -> None:
    (found,) = read(question, text)
    assert found is not None
    assert (found.answers, found.tells) == pytest.approx(by_the_formula(question, text), abs=2e-3)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from((*SENTENCES, "……", "")), min_size=1, max_size=6))
def test_sentence_is_read_the_same_in_any_company(texts: list[str]) -> None:
    together = read(QUESTION, *texts)
    alone = [one for text in texts for one in read(QUESTION, text)]
    assert all(map(close, together, alone))


def test_order_of_the_words_counts() -> None:
    one, other = read("谁的比赛推迟了?", "丰县的比赛因盐城推迟。", "盐城的比赛因丰县推迟。")
    assert one is not None
    assert other is not None
    assert abs(one.answers - other.answers) > 0.01


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60), st.text(max_size=200))
def test_any_text_is_read_or_has_no_words(question: str, text: str) -> None:
    (found,) = read(question, text)
    words = sentence_words(text)
    if not len(words.ids) or not load_word_vectors().tokenize(question):
        assert found is None
    else:
        assert found is not None
        assert math.isfinite(found.answers)
        assert math.isfinite(found.tells)


def test_endless_sentence_is_read_to_a_limit() -> None:
    words = sentence_words("职工技能大赛，" * 500)
    assert len(words.ids) == MOST == len(words.gaps) == len(words.digits)
    assert set(words.gaps.tolist()) == {0, 1}


@pytest.mark.parametrize(
    ("question", "places"),
    [
        ("谁负责", [0, 1]),
        ("组长是谁", [-2, -1, 0]),
        ("劳模", [-1]),
        ("文水县职工技能大赛设置比赛项目多少", [-4, -4, -3, -2, -1, 0]),
    ],
)
def test_distance_to_the_asking_word_has_its_side_and_its_limit(
    question: str, places: list[int]
) -> None:
    found = question_words(question, question).place - FAR
    assert found.tolist()[-len(places) :] == places
    assert found.min() >= -FAR
    assert found.max() <= FAR


def test_another_reader_is_used_only_inside() -> None:
    bundled = in_use()
    other = Reader({**weights(), "tells_likely": 0.0})

    def fails() -> None:
        with instead(other):
            assert in_use() is other
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert in_use() is bundled


def test_sentence_that_is_not_read_stays_behind_those_that_are(searcher: Searcher) -> None:
    asked = searcher.analyse("文水县五年办了多少场技能培训？")
    found = candidates(asked, searcher.search(asked, 10), searcher.index)
    tells = [c.tells for c in found]
    assert len(found) > 20
    # All that are not read count as the worst of those that are,
    assert np.sum(np.array(tells) == min(tells)) >= len(found) - 12
    # also where every sentence read loses as much.
    lower = {**weights(), "mean.bias": [weights()["mean.bias"][0] - 100]}
    with instead(Reader(lower)):
        again = candidates(asked, searcher.search(asked, 10), searcher.index)
    assert [c.span for c in again] == [c.span for c in found]
