"""What a follow-up does with the places of the questions before it. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.ellipsis import Analyse
from rag.question import Question
from rag.times import EDITION

# What the last place has and the new one, of another level, may not: 全市的, 三级试点, 县级.
OF_ALL = re.compile(
    r"^(?:(?:全[省市县区州]|各地)的?)?(?:(?:[两三县]|各)?级(?=的|试点|产改|企业|工会))?的?"
)


def named_places(question: str, analyse: Analyse) -> str:
    """The places a question names, joined by 和; "" where it names none."""
    return "和".join(dict.fromkeys(p.name for p in analyse(question).places))


def swap_place(earlier: str, asked: Question, analyse: Analyse) -> str:
    """The earlier question with its places replaced by the newly named ones."""
    old = analyse(earlier).places
    new = "和".join(p.name for p in asked.places)
    if not old:
        return new + earlier
    together = len(old) > 1 and old[-1].start - old[0].end <= 12
    end = old[-1].end if together else old[0].end
    # 盐城全市三级的…; 那阜宁呢 → 阜宁的…: the new place may be of another level; 第二届 was the old one's.
    rest = OF_ALL.sub("", EDITION.sub("", earlier[end:]))
    new += "级" * asked.text[asked.places[-1].end :].startswith("级的")
    return earlier[: old[0].start] + new + rest


def side_by_side(text: str, standing: Sequence[str], analyse: Analyse) -> str:
    """ "哪边多?": the last two questions about different places set side by side.

    standing: all questions so far, each standing on its own.
    """
    last = standing[-1]
    asked = [s for s in standing if re.search(r"多少|几", s)] or standing
    for other in reversed(asked[:-1] if asked[-1] == last else asked):
        places = {p.regions for p in analyse(other).places}
        if places and places.isdisjoint({p.regions for p in analyse(last).places}):
            return f"{other.rstrip('?？ ')}，{last.rstrip('?？ ')}，哪个更多?"
    return f"{last.rstrip('?？ ')}，{text}"
