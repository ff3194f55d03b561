"""What an extract may come to, and what of it is used up while its files are read."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import NoReturn

from generator.errors import Cancelled, ExtractError

MIB = 1 << 20


@dataclass(frozen=True)
class Limits:
    """``bytes`` of all files unpacked, ``long`` those of one that is thinned as it is read;
    ``memory`` of all tables as plain values in memory; ``rows`` and ``columns`` of a table;
    ``cell`` bytes of a value.  ``ratio`` bounds how far a packed file may expand beyond the first
    ``free`` bytes: data does not expand as bombs do."""

    bytes: int = 2048 * MIB
    long: int = 16384 * MIB
    memory: int = 4096 * MIB
    rows: int = 20_000_000
    columns: int = 1000
    files: int = 100
    ratio: int = 200
    free: int = 10 * MIB
    cell: int = MIB


class Budget:
    """What may still be unpacked and kept, over all files of an extract, and whether to go on.

    Every reader asks before it takes: nothing is decoded whose size is not known to fit.
    ``header`` says whether the first row of a text file names its columns, None that nobody knows;
    columns that are ``left_out`` may be of any kind, and where they are ``marked`` every column.
    """

    FREE_ROWS = 256 * MIB  # of plain values, however small the file that holds them

    def __init__(
        self,
        limits: Limits,
        cancelled: Callable[[], bool] | None = None,
        *,
        header: bool | None = None,
        left_out: Collection[str] = (),
        marked: bool = False,
        progress: Callable[[float], None] | None = None,
    ) -> None:
        self.limits = limits
        self._progress = progress
        self.left_out = left_out
        self.header = header
        self.marked = marked
        self._cancelled = cancelled
        self._packed = limits.bytes
        self._long = limits.long
        self._plain = limits.memory

    def ask(self) -> None:
        """Raises Cancelled when somebody asked to stop.  Called every second or so."""
        if self._cancelled is not None and self._cancelled():
            raise Cancelled("The reading was cancelled; nothing was kept.")

    def take(self, name: str, size: int) -> None:
        """``size`` more bytes of the file are unpacked."""
        self.ask()
        self._packed -= size
        if self._packed < 0:
            raise ExtractError(
                f"“{name}” unpacks to more than the {self.limits.bytes // MIB:,} MiB an extract "
                "may have; bring a smaller one."
            )

    def take_long(self, name: str, size: int) -> None:
        """``size`` more bytes of a file that is not held are unpacked."""
        self.ask()
        self._long -= size
        if self._long < 0:
            raise ExtractError(
                f"“{name}” unpacks to more than the {self.limits.long // MIB:,} MiB that are read "
                "of a file; bring a sample."
            )

    def tell(self, share: float) -> None:
        """``share`` (0 to 1) of a long file is read."""
        if self._progress is not None:
            self._progress(share)

    def expanded(self, name: str, size: int, packed: int) -> None:
        """``size`` bytes came out of ``packed`` ones."""
        if size > self.limits.free and size > self.limits.ratio * max(packed, 1):
            raise ExtractError(
                f"“{name}” expands more than {self.limits.ratio}-fold, which data does not do; it "
                "is refused as an archive bomb."
            )

    def hold(self, name: str, size: int, *, of: int, what: str) -> None:
        """``size`` bytes of plain values are about to be made from ``of`` bytes; ``what`` says
        which part of the file they are (“5 rows of 2 columns”)."""
        self.ask()
        if size > self._plain:
            self._refuse(name, size, what, self._plain)
        if size > max(self.FREE_ROWS, self.limits.ratio * of):
            self._refuse(name, size, what, max(self.FREE_ROWS, self.limits.ratio * of))

    def _refuse(self, name: str, size: int, what: str, most: int) -> NoReturn:
        raise ExtractError(
            f"“{name}”, {what}: as plain values they take {size / MIB:,.0f} MiB of memory, and a "
            f"file of its size may take {most // MIB:,}; bring fewer rows, or leave columns out."
        )

    def kept(self, size: int) -> None:
        """A table of ``size`` bytes stays in memory."""
        self._plain -= size
