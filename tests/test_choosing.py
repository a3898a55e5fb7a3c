"""Which sentence answers, and whether any does: the fitted parts, and what is set aside before."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from rag import Assistant, build_index, rivals
from rag import sift as sift_module
from rag.answerable import INPUTS as ANSWERABLE
from rag.answerable import inputs as answerable_inputs
from rag.answerable import log_odds
from rag.evaluate import read_labels
from rag.focus import focus
from rag.measures import measure
from rag.nets import Net
from rag.ranker import INPUTS, MEASURES, prior, scores
from rag.refusal import anchored_elsewhere
from rag.retrieval import Searcher
from rag.select import Candidate
from rag.sift import sift
from rag.text import squeeze
from tests.conftest import QUESTIONS, over_texts


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    """Articles of no known place, on people and places of their own."""
    root = tmp_path_factory.mktemp("news")
    texts = {
        "customs": "银川海关近日发布消息，介绍了国际快件业务的情况和今后的打算。海关对运输公司、车辆、路线进行备案，并采用电子关锁和在途监管系统，"
        "实时监控快件转运过程，掌握运输轨迹。",
        "official": "杨朝祥任佛光大学校长，是台湾政治人物、教育工作者。他在钟灵毓秀的山下度过求学时光，"
        "先后就读于几所中学，成绩一直名列前茅，深受师长的喜爱和同学的敬重。"
        "1970年，在国立台湾师范大学工业教育学系取得学士学位。",
        "film": "电影里有一场变脸戏，需要演员在强光照射下15秒不眨眼。感觉他的内心很强大，而且不惜花费6年的时间。",
        "tablet": "台电 P40S 平板正式上市，配备显示屏，到手价 599 元。机身厚度为 8.6 毫米。",
    }
    return over_texts(root, texts)


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("银川海关靠什么手段监控快件的运输路线？", "电子关锁"),
        ("杨朝祥是何时取得学士学位的？", "1970年"),
        ("那场变脸戏要顶着强光多久不能眨眼？", "15秒"),
        ("台电P40S平板到手多少钱？", "599 元"),
    ],
)
def test_what_a_text_is_about_need_not_stand_in_its_sentence(
    news: Assistant, question: str, told: str
) -> None:
    answer = news.ask(question)
    assert answer.state == "answered"
    assert told in answer.text


def test_passing_mention_of_a_place_does_not_make_its_neighbours_facts(
    assistant: Assistant,
) -> None:
    # 沛县 stands in 丰县's report; its contests do not.
    assert assistant.ask("沛县职工技能大赛设了多少个工种？").state == "abstained"


@pytest.mark.parametrize(
    "question",
    [
        "丰县吸纳了多少名新业态劳动者加入工会？",
        "盐城市的职工创新工作室一共获得多少项专利？",
        "文水县财政每年安排多少专项资金用于高技能人才队伍建设？",
    ],
)
def test_fact_of_another_place_is_not_told_of_the_one_asked_about(
    assistant: Assistant, question: str
) -> None:
    answer = assistant.ask(question)
    assert answer.state == "abstained"
    assert answer.reason.startswith("有")


def test_odds_of_an_answer_do_not_rise_when_the_answer_is_taken_away(searcher: Searcher) -> None:
    fell = []
    for label in read_labels(QUESTIONS / "own.jsonl"):
        if not label.answerable or label.type == "compare":
            continue
        asked = searcher.analyse(label.question)
        index = searcher.index
        sifted = sift(asked, searcher.search(asked, 10), index)
        usable, placed = sifted.usable, sifted.placed
        wanted = [squeeze(e) for e in label.evidence]
        left = [
            c
            for c in usable
            if not any(e in squeeze(c.text) or squeeze(c.text) in e for e in wanted)
        ]
        if left and usable and left[0] != usable[0]:
            without = [c for c in placed if c in left or c not in usable]
            before = log_odds(asked, usable, placed, index)
            fell.append(log_odds(asked, left, without, index) < before)
    assert len(fell) > 80
    assert np.mean(fell) > 0.85


@pytest.mark.parametrize(
    "question",
    [
        "盐城市总工会的微信公众号有多少粉丝？",
        "阜宁县职工书屋有多少册图书？",
        "朝阳市劳模的津贴标准是多少？",
        "丰县去年拖欠农民工工资多少万元？",
    ],
)
def test_near_miss_without_its_figure_is_not_answered_with_another(
    assistant: Assistant, question: str
) -> None:
    assert assistant.ask(question).state == "abstained"


def test_adjoining_sentences_are_one_quotation(assistant: Assistant) -> None:
    for label in read_labels(QUESTIONS / "own.jsonl"):
        cited = assistant.ask(label.question).citations
        for a in cited:
            for b in cited:
                if a.doc_id == b.doc_id and a.end <= b.start and label.type != "compare":
                    between = assistant.document(a.doc_id).text[a.end : b.start]
                    assert between.strip() or "\n" in between, label.question


def test_the_one_sentence_of_a_small_collection_is_not_refused_for_being_alone(
    tmp_path: Path,
) -> None:
    (tmp_path / "corpus").mkdir()
    text = "白塔乡的小学修好了操场，一共花了56万元。孩子们很高兴。镇上的人常常来看。"
    (tmp_path / "corpus" / "a.txt").write_text(text, encoding="utf-8")
    build_index(tmp_path / "corpus", tmp_path / "index")
    answer = Assistant.load(str(tmp_path / "index")).ask("白塔乡小学修操场花了多少钱？")
    assert "56万元" in answer.text


def test_order_of_the_sentences_does_not_change_their_scores() -> None:
    rng = np.random.default_rng(0)
    rows = [
        dict(zip(MEASURES, map(float, rng.random(len(MEASURES))), strict=True)) for _ in range(9)
    ]
    forward = scores(rows, "figure")
    assert scores(rows[::-1], "figure")[::-1] == pytest.approx(forward)
    assert scores([], "figure") == []


@pytest.mark.parametrize(("name", "inputs"), [("ranker", INPUTS), ("answerable", ANSWERABLE)])
def test_net_is_its_formula(name: str, inputs: tuple[str, ...]) -> None:
    net = Net.load(name, inputs)
    text = resources.files("rag").joinpath(f"data/{name}.json").read_text(encoding="utf-8")
    stored = json.loads(text)
    x = [0.1 * (i % 7) for i in range(len(inputs))]
    scaled = [
        (value - mean) / scale
        for value, mean, scale in zip(x, stored["mean"], stored["scale"], strict=True)
    ]
    said = stored["constant"]
    for weights, bias, out in zip(stored["hidden"], stored["bias"], stored["out"], strict=True):
        said += out * np.tanh(sum(w * v for w, v in zip(weights, scaled, strict=True)) + bias)
    assert net(np.array([x]))[0] == pytest.approx(said)


def test_lead_over_the_second_is_counted_from_the_best(searcher: Searcher) -> None:
    asked = searcher.analyse("文水县五年办了多少场技能培训？")
    sifted = sift(asked, searcher.search(asked, 10), searcher.index)
    usable, index = sifted.usable, searcher.index

    def inputs(left: Sequence[Candidate]) -> dict[str, float]:
        row = answerable_inputs(asked, left, sifted.placed, index)[0]
        return dict(zip(ANSWERABLE, row, strict=True))

    seen = inputs(usable)
    assert seen["over second"] == usable[0].score - usable[1].score > 0
    assert seen["over fourth"] == usable[0].score - usable[3].score
    assert (seen["figure"], seen["own"]) == (1.0, usable[0].own)
    assert seen["under set aside"] == seen["set aside likeness"] == 0.0
    alone = inputs(usable[:1])
    assert alone["over second"] == alone["over fourth"] == 0.0
    behind = inputs(usable[1:])
    assert behind["under set aside"] == min(6.0, usable[0].score - usable[1].score)
    assert behind["set aside likeness"] == usable[0].likeness


def test_weights_of_other_inputs_are_not_taken() -> None:
    with pytest.raises(ValueError, match=r"training\.ranker"):
        Net.load("ranker", (*INPUTS, "more"))


def test_prior_counts_every_measure_it_names() -> None:
    zero = dict.fromkeys(MEASURES, 0.0)
    assert prior(zero) == 0.0
    assert prior(zero | {"fit": 1.0}) > 0 > prior(zero | {"rank": 1.0})


def test_sentences_of_other_places_do_not_move_the_ranking(searcher: Searcher) -> None:
    asked = searcher.analyse("文水县五年办了多少场技能培训？")
    own = [h for h in searcher.search(asked, 10) if h.passage.region in asked.regions]
    others = searcher.search(replace(asked, places=()), 10)
    alone = [(c.span, c.score) for c in sift(asked, own, searcher.index).usable]
    among = [(c.span, c.score) for c in sift(asked, [*own, *others], searcher.index).usable]
    assert alone[0] in among


@pytest.mark.parametrize(
    "question",
    [
        "文水县五年办了多少场技能培训？",
        "阜宁、朝阳和丰县各做了哪些法律援助？",
        "是什么？",
        "劳模是什么",
    ],
)
def test_sentence_is_measured_the_same_in_any_company(searcher: Searcher, question: str) -> None:
    """But for what no sentence at all says."""
    asked, index = searcher.analyse(question), searcher.index
    words, hits = index.late.question(asked.content), searcher.search(asked, 10)
    together = measure(asked, words, hits, index)
    alone = [one for hit in hits for one in measure(asked, words, [hit], index)]
    assert [(one.hit, one.span) for one in together] == [(one.hit, one.span) for one in alone]
    for one, other in zip(together, alone, strict=True):
        assert one.shared == pytest.approx(other.shared, abs=1e-5)
        for name in one.values.keys() - {"unsaid", "heaviest unsaid"}:
            assert one.values[name] == pytest.approx(other.values[name], abs=1e-5), name
    assert not measure(asked, words, [], index)


def test_neighbours_of_a_sentence_are_those_of_its_passage(searcher: Searcher) -> None:
    asked, index = searcher.analyse("文水县五年办了多少场技能培训？"), searcher.index
    words = index.late.question(asked.content)
    found = measure(asked, words, searcher.search(asked, 10), index)
    firsts = [i for i, one in enumerate(found) if not i or one.hit != found[i - 1].hit]
    assert len(firsts) > 5
    assert any(one.values["before"] > 0 for one in found)
    for first in firsts:
        assert found[first].values["position"] == found[first].values["before"] == 0
        assert found[first - 1].values["after"] == 0  # of the last one, too


def test_changed_package_data_is_all_shipped() -> None:
    folder = Path(str(resources.files("rag"))) / "data"
    assert {"ranker.json", "answerable.json", "related.json", "likeness.json"} <= {
        path.name for path in folder.iterdir()
    }


def test_verb_of_one_character_is_found_inside_the_word_of_the_report(assistant: Assistant) -> None:
    # 评 stands in 评选.
    assert "155名" in assistant.ask("阜宁县里评了多少劳模？").text


def test_measures_under_a_heading_in_the_line_are_told_all(assistant: Assistant) -> None:
    answer = assistant.ask("丰县怎样扶持职工搞技术创新？")
    [citation] = answer.citations
    assert citation.quote.startswith("加强技术创新扶持。")
    assert "共建技术创新平台" in citation.quote
    assert citation.quote.endswith("职工创新工作室创建。")


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("实行禁渔以后，青江的水质能到几类？", "稳定在Ⅱ类"),
        ("白塔镇队和江心洲队的热身赛打成多少比几？", "69-68"),
    ],
)
def test_what_the_form_of_a_sentence_denies_is_told_where_reading_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, question: str, told: str
) -> None:
    texts = {
        "river": "青江市发布环境公报。实施禁渔后，青江的水质长期稳定在Ⅱ类，野生鱼群明显增加。去年投放鱼苗200万尾。",
        "game": "热身赛在白塔镇体育馆举行。白塔镇队69-68险胜江心洲队。现场有500名观众观看了比赛。",
        "other": "江心洲船厂今年整修了三号船坞，工期45天。船厂有职工300人。",
    }
    assistant = over_texts(tmp_path, texts)
    assert told in assistant.ask(question).text
    monkeypatch.setattr(sift_module, "READ_TO_TELL", 99.0)
    assert told not in assistant.ask(question).text


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    """Short texts of no known place."""
    root = tmp_path_factory.mktemp("small")
    texts = {
        "run": "8月8日，白塔镇举办迎接全民健身日的健康跑活动，机关、企业和学校的爱好者热情参加。"
        "起点设在文化广场。本次活动全程6公里，历经半个多小时。",
        "illness": "羊水栓塞是一种罕见的产科急症。产妇症状为呼吸困难及低血压，出现缺氧。随后产妇进入昏迷状态。"
        "医院的老楼建于上世纪。",
        "photo": "村里新修了文化站，冬天也有暖气。县里的剧团常来演出。\n\n村里新修的文化站外景",
    }
    return over_texts(root, texts)


def test_opening_that_names_the_event_does_not_keep_the_figure_told_behind_it(
    small: Assistant,
) -> None:
    assert "6公里" in small.ask("白塔镇全民健身日的健康跑全程有多远？").text


def test_only_the_opening_of_a_text_may_name_what_another_sentence_tells(
    small: Assistant,
) -> None:
    index = small.searcher.index
    asked = small.searcher.analyse("白塔镇全民健身日的健康跑全程有多远？")
    found = sift(asked, small.searcher.search(asked, 10), index).placed
    best = next(c for c in found if "6公里" in c.text)
    opening = next(c for c in found if c.text.startswith("8月8日"))
    far_better = replace(opening, score=best.score + 9)
    assert opening.likeness >= 0.7
    assert not anchored_elsewhere(asked, far_better, best)
    inside = replace(far_better, values={**opening.values, "opening": 0.0})
    assert anchored_elsewhere(asked, inside, best)


def test_sentence_that_goes_on_is_quoted_with_the_one_before(small: Assistant) -> None:
    answer = small.ask("羊水栓塞的产妇症状是什么？")
    assert "缺氧。随后产妇进入昏迷状态。" in answer.text
    assert "老楼" not in answer.text


def test_caption_does_not_ride_along_with_a_sentence(small: Assistant) -> None:
    answer = small.ask("村里新修了什么？")
    assert "暖气" in answer.text
    assert "外景" not in answer.text


def test_place_of_no_report_makes_no_question_sure_of_its_sentence(
    news: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = "银川海关靠什么手段监控快件的运输路线？"
    asked = news.searcher.analyse(question)
    assert asked.places
    assert not asked.regions
    monkeypatch.setattr(rivals, "CLOSE_PLACELESS", -9.0)
    few = news.ask(question).text
    monkeypatch.setattr(rivals, "CLOSE_PLACELESS", 30.0)
    assert len(news.ask(question).text) > len(few)


def test_number_alone_is_marked_as_the_answer(news: Assistant) -> None:
    asked = news.searcher.analyse("搭载鸿蒙的设备有多少台？")
    assert focus(asked, "搭载鸿蒙的设备已超7亿。", news.searcher.index.late) == "7亿"


def test_more_is_close_to_the_best_sentence_only_where_no_place_is_named(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    placeless = "纺纱厂那位女工原先一个人盯几台机器，如今盯几台"
    labels = [q for q in read_labels(QUESTIONS / "dev.jsonl") if q.type in ("figure", "measure")]
    named = [q.question for q in labels if assistant.searcher.analyse(q.question).places]
    assert len(named) > 20
    told = [assistant.ask(question).text for question in named]
    assert len(assistant.ask(placeless).statements) == 2
    monkeypatch.setattr(rivals, "CLOSE_PLACELESS", 0.0)
    assert len(assistant.ask(placeless).statements) == 1
    monkeypatch.setattr(rivals, "CLOSE_PLACELESS", 9.0)
    assert [assistant.ask(question).text for question in named] == told
