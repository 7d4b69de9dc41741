"""Divides a message into the requests it makes, and names the intent of each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.agent.models.rules.lexicon import IntentSpec, Lexicon
from assistant.agent.models.rules.phrases import Speller, after_politeness, anywhere, at, begins_with_any, has_any
from assistant.agent.models.rules.tokens import ENDS, Token

MAX_REQUESTS = 6  # the agent carries out as many calls in a step
_DIVIDERS = ENDS | {",", "&", "and", "then", "also", "but", "plus"}


@dataclass(frozen=True)
class Request:
    """One request: its intent (None: no words of the vocabulary) and its words. `used`: positions of the phrase.

    `negated`: it says what not to do. `conditional`: it says when or whether, which a change cannot take.
    """

    spec: IntentSpec | None
    tokens: tuple[Token, ...]
    used: frozenset[int] = frozenset()
    negated: bool = False
    conditional: bool = False


class Reader:
    """Finds requests in words, by the vocabulary."""

    def __init__(self, lexicon: Lexicon, speller: Speller) -> None:
        self._lexicon = lexicon
        self._words = lexicon.words
        self._speller = speller
        self._whole = [spec for spec in lexicon.intents if spec.match == "whole"]
        self._across = [spec for spec in lexicon.intents if spec.match == "across"]
        self._commands = [spec for spec in lexicon.intents if spec.match == "start"]
        self._others = [spec for spec in lexicon.intents if spec.match == "anywhere"]

    def requests(self, tokens: tuple[Token, ...]) -> tuple[Request, ...]:
        """What the message asks for, in order; one Request without intent when nothing is recognised."""
        said = tuple(token for token in tokens if not token.is_mark or token.text == "?")
        whole = self._as_whole(said) or self._as_whole(tuple(token for token in said if token.text != "?"))
        whole = whole or self._over_dividers(tokens)
        if whole:
            return (whole,)
        merged: list[Request] = []
        for part in self._with_conditions(list(map(self._recognise, _divided(tokens)))):
            last = merged[-1] if merged else None
            if last and last.spec and _goes_on(last.spec, part):
                merged[-1] = replace(last, tokens=last.tokens + part.tokens)
            elif last and not part.negated and not last.negated and (part.spec is None or last.spec is None):
                merged[-1] = _merge(last, part)
            elif not part.negated or not merged:
                merged.append(part)
        return tuple(merged[:MAX_REQUESTS])

    def _with_conditions(self, parts: list[Request]) -> list[Request]:
        """ "if it is failing, restart it": the condition makes every change of its sentence conditional."""
        begins = [self._begins_with_condition(part.tokens) for part in parts]
        marked = []
        for index, part in enumerate(parts):
            before = index > 0 and begins[index - 1] and not _ends(parts[index - 1])
            after = index + 1 < len(parts) and begins[index + 1] and not _ends(part)
            writes = part.spec is not None and part.spec.writes
            marked.append(replace(part, conditional=True) if writes and (before or after) else part)
        return marked

    def _begins_with_condition(self, tokens: tuple[Token, ...]) -> bool:
        start = after_politeness(tokens, self._words)
        return begins_with_any(self._words.condition_phrases, tokens, start)

    def _as_whole(self, said: tuple[Token, ...]) -> Request | None:
        for spec in self._whole:
            if any((hit := at(phrase, said, 0)) is not None and len(hit) == len(said) for phrase in spec.split):
                return Request(spec, said, frozenset(range(len(said))))
        return None

    def _over_dividers(self, tokens: tuple[Token, ...]) -> Request | None:
        """ "works in staging but not in production" is one request of one sentence."""
        if any(token.text in ENDS for token in tokens[:-1]):
            return None
        for spec in self._across:
            hit = next((hit for phrase in spec.split if (hit := anywhere(phrase, tokens))), None)
            if hit:
                return Request(spec, tokens, frozenset(hit))
        return None

    def _recognise(self, tokens: tuple[Token, ...]) -> Request:
        start = after_politeness(tokens, self._words)
        begins = begins_with_any(self._words.negation_phrases, tokens, start)
        if begins:
            return self._negated(tokens)
        found = self._command(tokens, start) or self._other(tokens)
        if found:
            return found
        about = self._lexicon.by_name["about_change"]
        if has_any(self._lexicon.change_words, tokens, self._speller):
            return Request(about, tokens, frozenset(self._change_words(tokens)))
        return Request(None, tokens)

    def _negated(self, tokens: tuple[Token, ...]) -> Request:
        """ "do not restart it" is no request, nor are the names in it; "not working in staging" is one."""
        change = has_any(self._lexicon.change_words, tokens, self._speller)
        found = None if change else self._other(tokens)
        return found or Request(None, tokens, negated=True)

    def _command(self, tokens: tuple[Token, ...], start: int) -> Request | None:
        for speller in (None, self._speller):
            for spec in self._commands:
                hit = next((hit for phrase in spec.split if (hit := at(phrase, tokens, start, speller))), None)
                if hit and not self._means_else(spec, tokens, hit):
                    return self._as_command(spec, tokens, start, hit)
        return None

    def _means_else(self, spec: IntentSpec, tokens: Sequence[Token], hit: tuple[int, ...]) -> bool:
        following = tokens[hit[-1] + 1].text if hit[-1] + 1 < len(tokens) else ""
        return following in spec.not_before or (following in {"is", "are", "was", "has"} and len(hit) == 1)

    def _as_command(self, spec: IntentSpec, tokens: tuple[Token, ...], start: int, hit: tuple[int, ...]) -> Request:
        """ "restart checkout?" wonders; "can you restart checkout?" asks for it."""
        polite = has_any(self._words.requesting_phrases, tokens[:start])
        wonders = tokens[-1].text == "?" and not polite
        conditional = wonders or has_any(self._words.condition_phrases, tokens[hit[-1] + 1 :])
        return Request(spec, tokens, frozenset(hit), conditional=spec.writes and conditional)

    def _other(self, tokens: tuple[Token, ...]) -> Request | None:
        for speller in (None, self._speller):
            for spec in self._others:
                hit = next((hit for phrase in spec.split if (hit := anywhere(phrase, tokens, speller))), None)
                if hit:
                    return Request(spec, tokens, frozenset(hit))
        return None

    def _change_words(self, tokens: tuple[Token, ...]) -> tuple[int, ...]:
        hits = (anywhere(phrase, tokens, self._speller) for phrase in self._lexicon.change_words)
        return tuple(place for hit in hits if hit for place in hit)


def _divided(tokens: tuple[Token, ...]) -> tuple[tuple[Token, ...], ...]:
    """Parts of the message. A divider stays at the start of the part it opens, an end at the part it closes."""
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if token.text in ENDS:
            parts[-1].append(token)
            parts.append([])
        elif token.text in _DIVIDERS and not token.quoted:
            parts.append([token])
        else:
            parts[-1].append(token)
    return tuple(tuple(part) for part in parts if any(not token.is_mark for token in part))


def _goes_on(spec: IntentSpec, part: Request) -> bool:
    """ "set cpu to 1" and then "and memory to 1Gi": no request of its own."""
    said = [token for token in part.tokens if not token.is_mark and token.text not in _DIVIDERS]
    return bool(said) and said[0].text in spec.continues and not said[0].quoted


def _ends(part: Request) -> bool:
    return part.tokens[-1].text in ENDS


def _merge(left: Request, right: Request) -> Request:
    """One request of two parts, at most one of which has an intent."""
    shift = len(left.tokens)
    main = left if left.spec is not None else right
    used = left.used if main is left else frozenset(place + shift for place in right.used)
    conditional = left.conditional or right.conditional
    return replace(main, tokens=left.tokens + right.tokens, used=used, conditional=conditional)
