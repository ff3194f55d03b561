"""``python -m portal.front --host H --port P --web SOCKET --files FOLDER …``"""

from __future__ import annotations

import argparse
import asyncio
from dataclasses import fields, replace
from pathlib import Path

from portal.front.limits import Limits
from portal.front.server import Front


def main() -> None:
    parser = argparse.ArgumentParser(prog="portal.front")
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", required=True, type=int)
    parser.add_argument("--web", required=True, type=Path, help="Socket of the web processes.")
    parser.add_argument("--files", required=True, type=Path, help="Folder of all files.")
    parser.add_argument("--https", action="store_true", help="Believe X-Forwarded-Proto.")
    for one in fields(Limits):
        kind = type(one.default)
        parser.add_argument(f"--{one.name.replace('_', '-')}", type=kind, default=one.default)
    asked = parser.parse_args()
    limits = replace(Limits(), **{one.name: getattr(asked, one.name) for one in fields(Limits)})
    front = Front(socket=asked.web, root=asked.files, limits=limits, https=asked.https)
    asyncio.run(front.run(asked.host, asked.port))


if __name__ == "__main__":
    main()
