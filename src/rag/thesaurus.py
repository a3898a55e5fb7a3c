"""Other wording for the same thing: words of a question → words a text may use instead.

A report says 公交专线, the question 挤车; no vector of single words knows that. Each line of
data/thesaurus.tsv holds a word as reports write it, words that can stand for it, and how people
put it in other words; training/README.md says how it was made.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources

SAME = 0.85  # what a synonym is worth, where the word itself is worth 1
TOLD = 0.7  # what a circumlocution is worth
_SHORTEST, _LONGEST = 2, 10  # characters of wording that is looked up


@dataclass(frozen=True, slots=True)
class Entry:
    """A line: a word of reports, its synonyms, and other ways to tell it."""

    word: str
    synonyms: tuple[str, ...]
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wording:
    """Wording found in a question: its half-open span, and what it is worth that a text has
    one of these words instead, 0 to 1 each."""

    start: int
    end: int
    words: Mapping[str, float]


class Thesaurus:
    """The lines turned round: from what is asked to what may be written."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._lines: dict[str, list[tuple[Entry, float]]] = defaultdict(list)
        for entry in entries:
            self._lines[entry.word].append((entry, 1.0))
            for wording in entry.synonyms:
                self._lines[wording].append((entry, SAME))
            for wording in entry.told:
                self._lines[wording].append((entry, TOLD))

    def find(self, text: str) -> list[Wording]:
        """All wording of a text that has an entry, by position; one may lie inside another."""
        return [
            Wording(start, end, self._words(text[start:end]))
            for start in range(len(text) - _SHORTEST + 1)
            for end in range(start + _SHORTEST, min(start + _LONGEST, len(text)) + 1)
            if text[start:end] in self._lines
        ]

    def _words(self, wording: str) -> dict[str, float]:
        """What a text may have instead of some wording: the words of its lines, the synonyms of
        these and, of what is no circumlocution itself, the other ways to tell it."""
        words: dict[str, float] = {}
        for entry, worth in self._lines[wording]:
            others = {entry.word: 1.0, **dict.fromkeys(entry.synonyms, SAME)}
            if worth > TOLD:
                others |= dict.fromkeys(entry.told, TOLD)
            for word, far in others.items():
                words[word] = max(worth * far, words.get(word, 0.0))
        words.pop(wording, None)
        return words


def parse(lines: Iterable[str]) -> Iterator[Entry]:
    """Entries of lines of three tab-separated fields: word, synonyms, other ways to tell it.

    Raises ValueError for a line of another form, with its number.
    """
    for number, line in enumerate(lines, start=1):
        fields = line.rstrip("\n").split("\t")
        if len(fields) != 3 or not fields[0]:
            raise ValueError(f"line {number} of the thesaurus has not three fields: {line!r}")
        yield Entry(fields[0], tuple(fields[1].split()), tuple(fields[2].split()))


@functools.cache
def bundled() -> Thesaurus:
    """The one that ships."""
    text = resources.files("rag").joinpath("data/thesaurus.tsv").read_text(encoding="utf-8")
    return Thesaurus(parse(text.splitlines()))
