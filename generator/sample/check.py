"""Something said about the rows of a run."""

from __future__ import annotations

from typing import Any, Protocol

from generator.profile import Shard
from generator.tables import Tables


class Check(Protocol):
    """Something said about the rows of a run, kept as a JSON document of the bundle.  It looks at
    one shard at a time, where that is drawn; what it finds adds up."""

    @property
    def stem(self) -> str:
        """The document's name without its ending: "validation", "comparison"."""
        ...

    def of_shard(self, tables: Tables, shard: Shard) -> Any:
        """What the shard's own rows add: small, and fit to be sent between processes.  The rows
        they may point at stand before them as context."""
        ...

    def add(self, total: Any, part: Any) -> Any:
        """Both together; called in the order of the shards, ``total`` is None before the first."""
        ...

    def document(self, total: Any) -> dict[str, Any]:
        """What the bundle keeps, in JSON types."""
        ...
