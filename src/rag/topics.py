"""Whether a follow-up is on the matter of the last question, judged by what the reports cover.

`covered` tells how well the best sentence of the reports covers a question's words, 0 to 1,
the log-odds that it is about what is asked and those that any sentence answers; None where
there is nothing to judge by.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from rag.ellipsis import telling
from rag.question import content_words

Covered = Callable[[str], tuple[float, float, float]]

# A follow-up whose own words are covered this well by one sentence needs no subject.
_STANDS_ALONE = 0.7
# One with lower log-odds (rag.related) asks about something else. One of a few characters says
# little either way: everyday ones (怎么减肥) lie below -4.4, follow-ups (奖章呢) above -3.3; of longer
# ones all everyday ones lie below -2.4, and no follow-up that says what it asks about.
_FOREIGN = -2.0
_SHORT, _FOREIGN_SHORT = 4, -3.9
# What is foreign by itself is a follow-up all the same where it lies above the first and, with the
# subject carried over, is answered with at least these log-odds: of 400 everyday questions after a
# turn none more is answered by it than at 1.5.
_EVERYDAY, _CARRIES = -4.2, 0.8
# So does one that other reports cover so much better than those of the last place; a long one
# says more of itself. Of 50 follow-ups none reaches it, of 14 new questions 11 do.
_BETTER_ELSEWHERE = ((14, 0.05), (6, 0.2))
# Log-odds of an answer from which a second reading of a follow-up is taken, and by how much it
# must be better than the first.
_SURE, _LIKELIER = 0.0, 3.0


def likelier(first: str, second: str, covered: Covered | None) -> str:
    """The reading of a follow-up that the reports answer more likely, in doubt the first."""
    if covered is None or first == second or not re.search(r"[^\W_]", first):
        return first
    return second if covered(second)[2] > max(_SURE, covered(first)[2] + _LIKELIER) else first


def changes_subject(names: str, words: str, covered: Covered | None, carried: str) -> bool:
    """Whether a question is about something the reports do not speak of at all, or not those of
    the last place.

    "红烧肉怎么做" after a question about 文水县 is a new question; with 文水县
    carried over it would be answered from the reports. carried: the question with the last
    subject; 登在哪份报上 says nothing by itself and is answered of the case that was spoken of.
    """
    if covered is not None and foreign(names, words, covered):
        everyday = covered(words)[1] < _EVERYDAY
        return everyday or covered(carried)[2] < _CARRIES
    return better_elsewhere(names, words, covered)


def foreign(names: str, words: str, covered: Covered | None) -> bool:
    """Whether the reports do not speak of such things at all; 为什么? names no thing."""
    if covered is None or not re.search(r"[^\W_]", words):
        return False
    limit = _FOREIGN_SHORT if len(telling(words)) <= _SHORT else _FOREIGN
    return covered(names + words)[1] < limit


def better_elsewhere(names: str, words: str, covered: Covered | None) -> bool:
    """Whether other reports than those of the last place cover a question far better."""
    length = len(telling(words))
    margin = next((m for least, m in _BETTER_ELSEWHERE if length >= least), None)
    if covered is None or margin is None or not names:
        return False
    return covered(words)[0] - covered(names + words)[0] >= margin


def stands_alone(text: str, own: str, covered: Covered | None) -> bool:
    words = re.sub(r"[\s的了有是人]", "", content_words(own))
    if len(words) >= 12:
        return True
    if len(words) < 4 or covered is None:
        return False
    known, odds, _ = covered(text)
    return known >= _STANDS_ALONE or (len(words) >= 8 and odds >= 0)
