"""The command line: fit, sample, plan, anonymize, validate, compare, life.

Exit codes: 0 done, 1 the data broke a rule, 2 bad request, 3 it failed while running.
"""

from __future__ import annotations

import argparse
import gc
import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import NoReturn

import pyarrow as pa

from generator.command_line import anonymize, compare, fit, life, plan, sample, validate
from generator.command_line.terminal import BAD_REQUEST, DONE, FAILED
from generator.errors import GeneratorError, RequestError, shown

VERBS = {
    "fit": ("learn a profile from an extract", fit),
    "sample": ("make a bundle", sample),
    "plan": ("say what a bundle would hold", plan),
    "anonymize": ("copy an extract with tokens for personal values", anonymize),
    "validate": ("check the rules of a bundle", validate),
    "compare": ("compare real with synthetic tables", compare),
    "life": ("tell the life of a car or a customer", life),
}


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence and how to see what is right."""

    def error(self, message: str) -> NoReturn:
        line = " ".join(shown(word) for word in message.split(" "))
        self.exit(BAD_REQUEST, f"{self.prog}: {shown(line, most=400)}; see {self.prog} --help.\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except BrokenPipeError:
        # Whoever read the output has seen enough (`… | head`); nothing more can be said to them.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt:
        sys.stderr.write("Stopped; nothing half-written was kept.\n")
        return FAILED
    except Exception as problem:  # noqa: BLE001 - the process's edge: a person gets one sentence
        if options.traceback:
            traceback.print_exc()
        sys.stderr.write(f"{_sentence_of(problem)}\n")
        return BAD_REQUEST if isinstance(problem, RequestError) else FAILED


def _sentence_of(problem: Exception) -> str:
    if isinstance(problem, GeneratorError):
        return problem.sentence
    if isinstance(problem, MemoryError):
        return "The machine ran out of memory; ask for less, or use a larger one."
    what = f"{type(problem).__name__}: {shown(str(problem), most=200)}"
    return (
        f"It failed ({what}); this is a fault of the engine. Please report it; --traceback shows "
        "where it happened."
    )


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m generator", description=(__doc__ or "").partition("\n")[0])
    commands = parser.add_subparsers(required=True, metavar="command", parser_class=_Parser)
    for name, (says, verb) in VERBS.items():
        command = commands.add_parser(name, help=says)
        verb.options(command)
        command.add_argument("--traceback", action="store_true", help="show where a failure arose")
        command.set_defaults(command=verb.run)
    return parser


if __name__ == "__main__":
    # One command, then the process ends; looking for cycles in a world of living objects costs a
    # twentieth of a run and frees nothing.
    gc.set_threshold(200_000, 50, 50)
    # Arrow's own pool gives memory back at once and asks for it again: a quarter of the time that
    # the system spends on a long table.
    pa.set_memory_pool(pa.system_memory_pool())
    # Asked to end it cleans up, as at Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
