"""Finds the phrases of the vocabulary among a person's words, typing mistakes included."""

from collections.abc import Sequence

from rapidfuzz.distance import OSA

from assistant.agent.models.rules.lexicon import Lexicon, Phrase, Words
from assistant.agent.models.rules.tokens import Token

GAP = "*"
LONGEST_GAP = 4
TWO_MISTAKES = 9  # letters: shorter words become other words with two changes
SWAPPED = 4  # letters: the shortest word in which two swapped letters are taken for a mistake


class Speller:
    """Whether a written word is meant to be a word of the vocabulary."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._shortest = lexicon.words.min_typo_length
        self._vocabulary = lexicon.vocabulary
        self._right = lexicon.words.stop_words | lexicon.vocabulary

    def means(self, written: str, word: str) -> bool:
        """True for a near miss. A word that is right as it stands is never taken for another."""
        if written in self._right or not written.isalpha() or not word.isalpha():
            return False
        if len(word) >= SWAPPED and sorted(written) == sorted(word):
            return OSA.distance(written, word) == 1
        allowed = 2 if len(word) >= TWO_MISTAKES else 1
        return len(word) >= self._shortest and OSA.distance(written, word, score_cutoff=allowed) <= allowed

    def knows(self, written: str) -> bool:
        """Whether it is a misspelt word of the vocabulary."""
        return any(self.means(written, word) for word in self._vocabulary)


def at(phrase: Phrase, tokens: Sequence[Token], start: int, speller: Speller | None = None) -> tuple[int, ...] | None:
    """Positions of the phrase's words when it begins at `start`, or None. `speller` forgives mistakes."""
    if not phrase:
        return ()
    if phrase[0] == GAP:
        return _after_gap(phrase[1:], tokens, start, speller)
    if start >= len(tokens) or not _same(tokens[start], phrase[0], speller):
        return None
    rest = at(phrase[1:], tokens, start + 1, speller)
    return None if rest is None else (start, *rest)


def _after_gap(rest: Phrase, tokens: Sequence[Token], start: int, speller: Speller | None) -> tuple[int, ...] | None:
    """A gap holds at least one word and no mark: it does not reach over the end of a sentence."""
    for skipped in range(1, LONGEST_GAP + 1):
        gap = tokens[start : start + skipped]
        if len(gap) < skipped or gap[-1].is_mark:
            return None
        found = at(rest, tokens, start + skipped, speller)
        if found is not None:
            return found
    return None


def _same(token: Token, word: str, speller: Speller | None) -> bool:
    if token.quoted or token.named or token.placed:
        return False
    return token.text == word or (speller is not None and speller.means(token.text, word))


def anywhere(phrase: Phrase, tokens: Sequence[Token], speller: Speller | None = None) -> tuple[int, ...] | None:
    """Positions of the first place where the phrase stands, or None."""
    return next((hit for start in range(len(tokens)) if (hit := at(phrase, tokens, start, speller)) is not None), None)


def after_politeness(tokens: Sequence[Token], words: Words) -> int:
    """How many words at the start are politeness: the request begins there."""
    start, moved = 0, True
    while moved:
        moved = False
        while start < len(tokens) and tokens[start].text in {",", "!", ".", "&", ";"}:
            start += 1
        for phrase in words.polite_phrases:
            if len(phrase) + start <= len(tokens) and at(phrase, tokens, start) is not None:
                start, moved = start + len(phrase), True
                break
    return start


def begins_with_any(phrases: Sequence[Phrase], tokens: Sequence[Token], start: int = 0) -> bool:
    """Whether one of the phrases stands at `start`."""
    return any(at(phrase, tokens, start) is not None for phrase in phrases)


def has_any(phrases: Sequence[Phrase], tokens: Sequence[Token], speller: Speller | None = None) -> bool:
    """Whether one of the phrases stands anywhere."""
    return any(anywhere(phrase, tokens, speller) is not None for phrase in phrases)
