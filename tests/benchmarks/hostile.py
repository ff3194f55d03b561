"""Every hostile upload in a process of its own: ``python -m tests.benchmarks.hostile``.

Prints what became of it, the seconds it took and the most memory of its process, the worst last.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.hostile import READ, hostile
from tests.memory import measured


def main() -> None:
    lines = []
    for name, content in hostile().items():
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, name).write_bytes(content)
            said, memory = measured(READ, folder)
        [(sentence, seconds)] = said.values()
        lines.append((seconds, memory, name, sentence))
    for seconds, memory, name, sentence in sorted(lines):
        print(f"{seconds:6.2f} s {memory:5} MiB  {name:22} {sentence[:110]}")
    slowest, largest = max(one[0] for one in lines), max(one[1] for one in lines)
    print(f"{len(lines)} kinds; at most {slowest:.1f} s (30) and {largest} MiB (1,000)")


if __name__ == "__main__":
    main()
