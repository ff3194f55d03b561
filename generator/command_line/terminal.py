"""What a person at a terminal sees: lines, bars, and the code a command ends with."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

import generator

DONE, BROKEN, BAD_REQUEST, FAILED = 0, 1, 2, 3


def say(text: str) -> None:
    sys.stdout.write(text + "\n")


class ShareBar:
    """Progress as a share, on a terminal."""

    def __enter__(self) -> ShareBar:
        from tqdm import tqdm

        quiet = not sys.stderr.isatty()
        form = "{l_bar}{bar}| {elapsed} of about {remaining} more"
        self.bar = tqdm(total=1.0, disable=quiet, leave=False, bar_format=form)
        return self

    def __exit__(self, *_: object) -> None:
        self.bar.close()

    def show(self, what: str, share: float) -> None:
        self.bar.set_description(what, refresh=False)
        self.bar.update(max(share - self.bar.n, 0.0))


class RowBar:
    """Progress as a bar on a terminal, as JSON lines, or not at all."""

    def __init__(self, style: str) -> None:
        self.style = style
        self.bar: Any = None

    def __enter__(self) -> RowBar:
        if self.style == "bar":
            from tqdm import tqdm

            quiet = not sys.stderr.isatty()
            self.bar = tqdm(unit=" rows", unit_scale=True, disable=quiet, leave=False)
        return self

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.close()

    def show(self, progress: generator.Progress) -> None:
        if self.style == "json":
            sys.stderr.write(json.dumps(asdict(progress)) + "\n")
        elif self.bar is not None:
            self.bar.total = progress.rows_total
            self.bar.set_description(f"{progress.stage} {progress.table}".strip(), refresh=False)
            self.bar.update(progress.rows_done - self.bar.n)
