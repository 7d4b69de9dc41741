"""All groups of a reduction, as many as memory allows."""

from collections import Counter, defaultdict
from datetime import datetime

from tools.logs.reduction.entries import Entry
from tools.logs.reduction.groups import ANY, Group
from tools.logs.reduction.levels import Level
from tools.logs.reduction.mining import fits, merge_similar, merge_varying

MAX_GROUPS = 2_000
MAX_ERROR_GROUPS = 1_000  # of them, kept when there is no room for all
MAX_MERGES = 6  # after that, lines of a new shape are only counted: bounds the time that endless variety may cost

Key = tuple[int, str]


class Shapes:
    """Groups entries by level and shape. `others`: entries by level that found no room."""

    def __init__(self, since: datetime | None) -> None:
        self.others: Counter[Level] = Counter()
        self._since = since
        self._groups: dict[Key, Group] = {}
        self._patterns: defaultdict[tuple[Level, int, str], list[Group]] = defaultdict(list)
        self._merges = 0

    def add(self, level: Level, shape: str, entry: Entry) -> None:
        """Count an entry in its group."""
        group = self._groups.get((int(level), shape)) or self._new(level, shape, entry)
        if group is None:
            self.others[level] += 1
        else:
            group.add(entry, self._since)

    def mined(self, target: int) -> list[Group]:
        """All groups, with those merged that differ in what is a value; boldly when there are more than `target`."""
        merged = merge_varying(self._groups.values())
        return merged if len(merged) <= target else merge_similar(merged)

    def _new(self, level: Level, shape: str, entry: Entry) -> Group | None:
        words = shape.split(" ")
        if (home := self._home(level, words)) is not None:
            return home
        if len(self._groups) >= MAX_GROUPS:
            if self._merges >= MAX_MERGES:
                return None
            self._make_room()
        group = Group(level, words, entry)
        self._groups[int(level), shape] = group
        return group

    def _home(self, level: Level, words: list[str]) -> Group | None:
        if not self._patterns:
            return None
        near = (
            *self._patterns.get((level, len(words), words[0]), ()),
            *self._patterns.get((level, len(words), ANY), ()),
        )
        return next((group for group in near if fits(words, group.words)), None)

    def _make_room(self) -> None:
        """Merge what varies; then at least half of the room is free: rare lines that complain of nothing go first."""
        self._merges += 1
        merged = merge_varying(self._groups.values())
        if len(merged) > MAX_GROUPS // 2:
            merged = merge_similar(merged)
        ranked = sorted(merged, key=lambda one: (-one.level, -one.count, one.pattern()))
        errors = [group for group in ranked if group.level is Level.ERROR][:MAX_ERROR_GROUPS]
        rest = sorted((group for group in ranked if group.level is not Level.ERROR), key=lambda one: -one.count)
        kept = [*errors, *rest[: max(0, MAX_GROUPS // 2 - len(errors))]]
        stays = set(map(id, kept))
        for group in ranked:
            if id(group) not in stays:
                self.others[group.level] += group.count
        self._groups = {(int(group.level), group.pattern()): group for group in kept}
        self._patterns.clear()
        for group in kept:
            if ANY in group.words:
                self._patterns[group.level, len(group.words), group.words[0]].append(group)
