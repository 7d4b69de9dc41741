"""Groups whose shapes differ in one varying word become one (pure).

A word is held to be a value when it takes many values while all other words stay: then no class of lines is lost. Only
lines that are no complaint are also merged because they are merely similar, and only when there are too many of them.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from tools.logs.reduction.groups import ANY, Group
from tools.logs.reduction.levels import Level, named

VARIETY = 6  # different words at one place: fewer may well be different classes
ROUNDS = 3
SIMILAR = 0.5
NEAR = 50  # clusters a line is compared with: bounds the time
_CONSTANT = {Level.ERROR: 2, Level.WARNING: 2}  # words that must stay, so that a class still says something


def merge_varying(groups: Iterable[Group]) -> list[Group]:
    """The groups with those merged that differ in one varying word, in an order that their arrival does not change."""
    left = sorted(groups, key=_order)
    for _ in range(ROUNDS):
        merged = _merge_once(left)
        if len(merged) == len(left):
            break
        left = sorted(merged, key=_order)
    return left


def merge_similar(groups: Iterable[Group]) -> list[Group]:
    """The groups with those merged that complain of nothing and share most of their words."""
    clusters: defaultdict[tuple[Level, int, str], list[Group]] = defaultdict(list)
    kept: list[Group] = []
    for group in sorted(groups, key=_order):
        if group.level > Level.INFO or len(group.words) < 2:
            kept.append(group)
            continue
        near = clusters[group.level, len(group.words), group.words[0]]
        home = next((place for place, other in enumerate(near[:NEAR]) if _likeness(group, other) >= SIMILAR), None)
        if home is None:
            near.append(group)
        else:
            near[home] = _merged([near[home], group])
    return sorted([*kept, *(group for near in clusters.values() for group in near)], key=_order)


def fits(words: Sequence[str], pattern: Sequence[str]) -> bool:
    """Whether a shape is one of those a pattern stands for."""
    return len(words) == len(pattern) and all(given in (ANY, word) for word, given in zip(words, pattern, strict=True))


def _order(group: Group) -> tuple[int, int, str]:
    return (-group.level, len(group.words), group.pattern())


def _merge_once(groups: list[Group]) -> list[Group]:
    """One round: the largest families first, each group in one family only."""
    taken: set[int] = set()
    result: list[Group] = []
    for place, members in _families(groups):
        free = [group for group in members if id(group) not in taken]
        if len({group.words[place] for group in free}) <= VARIETY:
            continue
        taken.update(map(id, free))
        result.append(_merged(free))
    return [*result, *(group for group in groups if id(group) not in taken)]


def _families(groups: list[Group]) -> list[tuple[int, list[Group]]]:
    """Groups of one level whose words are the same but at one place, largest first."""
    families: defaultdict[tuple[int, int, int, int], list[Group]] = defaultdict(list)
    for group in groups:
        codes = [hash((place, word)) for place, word in enumerate(group.words)]
        total = sum(codes)
        for place in _places(group):
            families[group.level, len(codes), place, total - codes[place]].append(group)
    large = [(key[2], members) for key, members in families.items() if len(members) > VARIETY]
    return sorted(large, key=lambda family: (-len(family[1]), family[0], _order(family[1][0])))


def _places(group: Group) -> list[int]:
    """Places that may vary, so that enough constant words stay."""
    constant = [place for place, word in enumerate(group.words) if word[:1] != "<" and named(word.strip("[]:")) is None]
    if len(constant) - 1 >= _CONSTANT.get(group.level, 1):
        return constant
    return []


def _likeness(one: Group, other: Group) -> float:
    same = sum(mine == theirs for mine, theirs in zip(one.words, other.words, strict=True))
    return same / len(one.words)


def _merged(members: list[Group]) -> Group:
    first = members[0]
    words = [
        column[0] if len(set(column)) == 1 else ANY for column in zip(*(one.words for one in members), strict=True)
    ]
    result = Group(first.level, words, first.example)
    for member in members:
        result.absorb(member)
    return result
