"""Places named in a question, and which reports they mean.

A report's region is a path (江苏省/盐城市/阜宁县). A named place means the
reports of that very place; failing those, the reports of places inside it
(江苏 → 丰县, 阜宁县, 盐城市) or of the place it lies in (大丰区 → 盐城市).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Literal

_PARTICLES = "和与在从对到为有是各全本该我此当同跟及"
_JOINS = "和与跟同及比或、,，"
# Words that lie across the edge of what only looks like a name: 共建平台, 大丰收, 振兴县域.
_ACROSS = re.compile(
    r"平台|平均|平衡|丰收(?![到入回取费集])|丰富(?![民农强])|丰硕|丰厚|湖泊|口号|口碑|口径"
    r"|[振复新]兴|[面濒来降]临|社交|成交|提交|外交"
)
_SUFFIX = re.compile(r"(?:自治区|自治州|自治县|省|市|县|区|州|盟|旗)$")


@dataclass(frozen=True, slots=True)
class PlaceMention:
    """A place name in a text.

    regions: region paths of the collection it means, () when no report is of it.
    relation: how they lie to it: "is" the place itself; "inside" it (江苏 → 丰县);
        "around" it (大丰区 → 盐城市); "" when there are none.
    """

    start: int
    end: int
    name: str
    regions: tuple[str, ...]
    relation: Literal["is", "inside", "around", ""]

    @property
    def exact(self) -> bool:
        """Whether reports are of the very place."""
        return self.relation == "is"

    @property
    def short(self) -> str:
        """The name without its 县, 市 …: 文水县 → 文水."""
        return short_name(self.name)


def _crosses(name: tuple[int, int], word: tuple[int, int]) -> bool:
    """Whether a word begins or ends inside a name and goes on beyond it."""
    return name[0] < word[0] < name[1] < word[1] or word[0] < name[0] < word[1] < name[1]


def region_name(region: str) -> str:
    """The place itself, without those it lies in: 江苏省/徐州市/丰县 → 丰县; "" of ""."""
    return region.rpartition("/")[2]


def short_name(name: str) -> str:
    """文水县 → 文水; names of one remaining character stay whole (丰县)."""
    short = _SUFFIX.sub("", name)
    return short if len(short) > 1 else name


@functools.cache
def _gazetteer() -> dict[str, tuple[str, ...]]:
    """Name → names of the places above it, for all China (see training/places.py)."""
    text = resources.files("rag").joinpath("data/places.txt").read_text(encoding="utf-8")
    rows = (line.split() for line in text.splitlines())
    # 产改和县里: names such as 和县 are far more often a particle and 县.
    return {
        row[0]: tuple(row[1:])
        for row in rows
        if row and not (len(row[0]) == 2 and row[0][0] in _PARTICLES and _SUFFIX.search(row[0]))
    }


@functools.cache
def _gazetteer_pattern() -> re.Pattern[str]:
    names = sorted((n for n in _gazetteer() if len(n) > 1), key=lambda n: (-len(n), n))
    return re.compile("|".join(map(re.escape, names)))


@functools.lru_cache(maxsize=20_000)
def place_names(text: str) -> tuple[str, ...]:
    """Names of Chinese places in a text, in order, without repeats. Remembered."""
    return tuple(dict.fromkeys(_gazetteer_pattern().findall(text)))


class Places:
    """Finds place names in questions; knows which of them the collection covers."""

    def __init__(self, regions: Iterable[str]) -> None:
        self._regions = sorted({r for r in regions if r})
        names = {part for region in self._regions for part in region.split("/")}
        # Districts and counties of the cities covered go by their short names there: 大丰.
        cities = {part for region in self._regions for part in region.split("/")[1:]}
        self._local = {
            short_name(name): name for name, above in _gazetteer().items() if cities & set(above)
        }
        known = names | {short_name(name) for name in names} | set(_gazetteer()) | set(self._local)
        # A single character is no name; longest first so that 朝阳区 is not 朝阳.
        ordered = sorted((n for n in known if len(n) > 1), key=lambda n: (-len(n), n))
        self._pattern = re.compile("|".join(map(re.escape, ordered)))

    def find(self, text: str) -> list[PlaceMention]:
        """Place names in order of appearance; a place around another named one is left out."""
        words = [(m.start(), m.end()) for m in _ACROSS.finditer(text)]
        found = [
            PlaceMention(m.start(), m.end(), m[0], *self._meant(m[0]))
            for m in self._pattern.finditer(text)
            if not any(_crosses(m.span(), word) for word in words)
        ]
        return [m for m in found if not any(self._above(m, other, text) for other in found)]

    def _meant(self, name: str) -> tuple[tuple[str, ...], Literal["is", "inside", "around", ""]]:
        def same(part: str) -> bool:
            return name == part or name == short_name(part)

        own = tuple(r for r in self._regions if same(region_name(r)))
        if own:
            return own, "is"
        inside = tuple(r for r in self._regions if any(map(same, r.split("/"))))
        if inside:
            return inside, "inside"
        above = _gazetteer().get(self._local.get(name, name), ())
        around = tuple(r for r in self._regions if region_name(r) in above)
        return around, "around" if around else ""

    def _above(self, mention: PlaceMention, other: PlaceMention, text: str) -> bool:
        """Whether `mention` merely says where `other` lies (江苏省 in 江苏省丰县).

        A place with a report of its own does so only right before the other
        (盐城市阜宁县): 盐城和阜宁 names both.
        """
        between = text[mention.end : other.start]
        apart = not 0 <= other.start - mention.end <= 1
        if mention.exact and (apart or (between and between in _JOINS)):
            return False
        if mention.name == other.name or short_name(mention.name) == short_name(other.name):
            return False
        parents: Sequence[str] = _gazetteer().get(other.name, ())
        parts = {p for r in other.regions for p in r.split("/")[:-1]} if other.exact else set()
        around = {*parents, *parts}
        return mention.name in around or mention.name in {short_name(p) for p in around}
