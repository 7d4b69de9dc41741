"""One request's words, and which of them are already understood."""

from collections.abc import Iterable, Iterator, Sequence

from assistant.agent.models.rules.lexicon import Lexicon
from assistant.agent.models.rules.phrases import Speller
from assistant.agent.models.rules.tokens import Token


class Sheet:
    """Words of one request in order. What one reader takes, the next no longer sees: order of readers matters."""

    def __init__(self, tokens: Sequence[Token], taken: Iterable[int], lexicon: Lexicon) -> None:
        self.tokens = tuple(tokens)
        self.words = lexicon.words
        self.lexicon = lexicon
        self.speller = Speller(lexicon)
        self._taken = set(taken)
        self.matched = frozenset(self._taken)

    def take(self, positions: Iterable[int]) -> None:
        """Mark words as understood."""
        self._taken.update(positions)

    def is_free(self, position: int) -> bool:
        return 0 <= position < len(self.tokens) and position not in self._taken

    def free(self) -> Iterator[tuple[int, Token]]:
        """Words nobody took yet, with their positions."""
        return ((index, token) for index, token in enumerate(self.tokens) if index not in self._taken)

    def text(self, position: int) -> str:
        """The word there, empty outside and for quoted words: what is quoted is no grammar."""
        if not 0 <= position < len(self.tokens) or self.tokens[position].quoted:
            return ""
        return self.tokens[position].text
