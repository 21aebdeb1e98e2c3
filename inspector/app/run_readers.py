"""The readers of open runs: one of each, and one beside it for each slow viewer, so that nothing else waits for it."""

from __future__ import annotations

from inspector.jobs.readers import Launcher, Reader


class RunReaders:
    """Readers by the key of their run; each is started when it is first needed."""

    def __init__(self, launcher: Launcher) -> None:
        self._launcher = launcher
        self._readers: dict[str, Reader] = {}
        self._beside: dict[tuple[str, str], tuple[tuple[str, ...], Reader]] = {}

    def known(self, key: str) -> Reader | None:
        """A run's reader, None where it has none."""
        return self._readers.get(key)

    def of(self, key: str, paths: tuple[str, ...]) -> Reader:
        """A run's reader; the one that it has keeps its paths."""
        if key not in self._readers:
            self._readers[key] = self._launcher.reader(paths)
        return self._readers[key]

    def beside(self, key: str, viewer: str, paths: tuple[str, ...]) -> Reader:
        """The reader of a run's slow viewer, or of its lane; a new one where it is to read other paths."""
        known = self._beside.get((key, viewer))
        if known is not None and known[0] == paths:
            return known[1]
        if known is not None:
            known[1].close()
        reader = self._launcher.reader(paths)
        self._beside[key, viewer] = (paths, reader)
        return reader

    def close(self, key: str) -> None:
        """End all readers of a run."""
        reader = self._readers.pop(key, None)
        if reader is not None:
            reader.close()
        for pair in [pair for pair in self._beside if pair[0] == key]:
            self._beside.pop(pair)[1].close()

    def clear(self) -> None:
        """Know none any more; who ends the launcher ends them."""
        self._readers.clear()
        self._beside.clear()
