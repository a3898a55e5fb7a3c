"""Whether a question is about the collection: colloquial ones are, everyday ones are not."""

from __future__ import annotations

import json
from importlib import resources

import pytest

from rag import Assistant
from rag.refusal import MIN_ODDS
from rag.related import Features, Setting, log_odds, setting, terms
from rag.retrieval import Searcher
from rag.select import candidates

# None of them is in a file the weights were fitted on.
EVERYDAY = (
    "冰箱不制冷怎么修？",
    "猫为什么喜欢纸箱？",
    "去三亚旅游什么季节最便宜？",
    "怎么把照片传到电脑上？",
    "孩子发烧三十九度要不要去医院？",
    "太阳系有几颗行星？",
    "信用卡逾期会怎么样？",
    "哪种手机拍照好看？",
    "怎样学好英语口语？",
    "唐朝有多少个皇帝？",
)
OF_THE_REPORTS = (
    "倍捻工朱冬梅每个月工资涨到多少？",
    "劳动模范一个人奖多少现金？",
    "农民工驿站开在几楼？",
    "快递小哥、网约车司机怎么拉进工会？",
    "职工有了发明创造，一共拿了多少专利？",
    "车间里的机台一个人能看几台？",
)


def best_odds(searcher: Searcher, question: str) -> float:
    asked = searcher.analyse(question)
    found = candidates(asked, searcher.search(asked, 10), searcher.index)
    return found[0].related


@pytest.mark.parametrize("question", EVERYDAY)
def test_everyday_questions_are_not_answered_from_the_reports(
    assistant: Assistant, question: str
) -> None:
    assert assistant.ask(question).state == "abstained"


@pytest.mark.parametrize("question", OF_THE_REPORTS)
def test_questions_that_name_no_place_are_not_refused(assistant: Assistant, question: str) -> None:
    assert assistant.ask(question).state == "answered"


def test_every_question_of_the_reports_is_likelier_than_every_everyday_one(
    searcher: Searcher,
) -> None:
    inside = [best_odds(searcher, question) for question in OF_THE_REPORTS]
    outside = [best_odds(searcher, question) for question in EVERYDAY]
    assert max(outside) < MIN_ODDS <= min(inside)


def test_weights_are_those_of_the_features_and_a_bias() -> None:
    text = resources.files("rag").joinpath("data/related.json").read_text(encoding="utf-8")
    assert set(json.loads(text)["weights"]) == {*terms(Features(0, 0, 0, 0, 0)), "bias"}


def test_more_shared_wording_never_makes_a_sentence_less_likely() -> None:
    for alike in (0.3, 0.5, 0.7):
        _, slope = log_odds(Setting(typical=0.2, outstanding=2.0, words=1.5, alike=alike))
        assert slope > 0


def test_a_question_without_known_words_has_a_setting(searcher: Searcher) -> None:
    about = setting("@@@", 0.0, searcher.index)
    assert (about.typical, about.words) == (0.0, 0.0)
    assert all(abs(v) < 1e6 for v in log_odds(about))


@pytest.mark.parametrize("question", [*EVERYDAY, "怎么减肥？", "你会唱歌吗？", "红烧肉怎么做？"])
def test_everyday_question_in_a_conversation_is_not_answered_about_its_county(
    assistant: Assistant, question: str
) -> None:
    earlier = "朝阳市有多少单位参加职工互助保障？"
    answer = assistant.ask(question, history=[(earlier, assistant.ask(earlier).text)])
    assert answer.state == "abstained", answer.text
    assert "朝阳" not in answer.searched
