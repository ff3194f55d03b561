"""The most memory a process of its own took, for tests of what small inputs may cost."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

# VmHWM, not ru_maxrss: that counts what the process that started this one had.
_MEASURE = """
import json, re, resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, (12 << 30, 12 << 30))
said = run(sys.argv[1])
most = re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())
print(json.dumps([said, int(most[1]) // 1024]))
"""


def measured(code: str, argument: str, *, timeout: float = 200) -> tuple[Any, int]:
    """What ``run(argument)``, which the ``code`` defines, returned (JSON), and the most MiB it
    took; a crash is a failed test."""
    command = [sys.executable, "-c", code + _MEASURE, argument]
    ended = subprocess.run(command, check=True, capture_output=True, text=True, timeout=timeout)
    said, memory = json.loads(ended.stdout)
    return said, memory
