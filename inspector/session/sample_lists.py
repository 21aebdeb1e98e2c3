"""What the user keeps for marking samples of any run, as a value: filters that have a name, and tags in their order."""

from __future__ import annotations

import msgspec

from inspector.session.gallery import NumberRange


class SavedFilter(msgspec.Struct, frozen=True, kw_only=True):
    """A filter of a viewer's gallery by its name; `filter` and `ranges` as in `GalleryState`."""

    viewer: str
    name: str
    filter: str = ""
    ranges: tuple[NumberRange, ...] = ()


class SampleLists(msgspec.Struct, frozen=True, kw_only=True):
    """The lists of one user.

    Attributes:
        filters: in the order in which they got their names.
        tags: in the order in which they were first given; the first nine have a key.
    """

    filters: tuple[SavedFilter, ...] = ()
    tags: tuple[str, ...] = ()

    def of_viewer(self, viewer: str) -> tuple[SavedFilter, ...]:
        """The filters of a viewer's gallery."""
        return tuple(one for one in self.filters if one.viewer == viewer)


def with_filter(lists: SampleLists, saved: SavedFilter) -> SampleLists:
    """The lists with a filter, in the place of one of its name."""
    by_name = {_key(one): one for one in lists.filters}
    return msgspec.structs.replace(lists, filters=tuple({**by_name, _key(saved): saved}.values()))


def without_filter(lists: SampleLists, viewer: str, name: str) -> SampleLists:
    """The lists without a filter."""
    kept = tuple(one for one in lists.filters if _key(one) != (viewer, name))
    return msgspec.structs.replace(lists, filters=kept)


def with_tag(lists: SampleLists, tag: str) -> SampleLists:
    """The lists with a tag; the same object where it is there already."""
    return lists if tag in lists.tags else msgspec.structs.replace(lists, tags=(*lists.tags, tag))


def without_tag(lists: SampleLists, tag: str) -> SampleLists:
    """The lists without a tag; samples that have it keep it."""
    return msgspec.structs.replace(lists, tags=tuple(one for one in lists.tags if one != tag))


def with_changes(known: SampleLists, before: SampleLists, after: SampleLists) -> SampleLists:
    """Known lists with what became of others: what `after` has that `before` had not, without what it had alone."""
    then, now = ({_key(one): one for one in lists.filters} for lists in (before, after))
    for viewer, name in then.keys() - now.keys():
        known = without_filter(known, viewer, name)
    for key, saved in now.items():
        known = with_filter(known, saved) if then.get(key) != saved else known
    if known.tags == before.tags:
        return msgspec.structs.replace(known, tags=after.tags)  # in their order, too
    for tag in set(before.tags) - set(after.tags):
        known = without_tag(known, tag)
    for tag in after.tags:
        known = with_tag(known, tag) if tag not in before.tags else known
    return known


def _key(saved: SavedFilter) -> tuple[str, str]:
    return saved.viewer, saved.name
