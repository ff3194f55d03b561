"""Whoever asks to stop waits for a moment, wherever the work is."""

import threading
import time
from functools import partial

import numpy as np
import pyarrow as pa
import pytest

import generator
from generator.errors import Cancelled
from generator.infer import infer, typed
from generator.stop import ask, asking, meanwhile, stoppable
from tests.extracts import ready

MOST_SECONDS = 2.0  # of the processor between two questions; 5 are promised on a busy machine
MOMENTS = 4


def people(rows: int, columns: int) -> tuple[dict[str, pa.Table], generator.Schema]:
    """Labels, numbers and fractions with gaps that hang together."""
    rng = np.random.Generator(np.random.PCG64(3))
    common = rng.normal(size=rows)
    table = {}
    for at in range(columns):
        lean = common * 0.5 + rng.normal(size=rows)
        if at % 3 == 0:
            codes = np.digitize(lean, np.linspace(-2, 2, 4 + 2 * at))
            table[f"label_{at}"] = [f"L{code}" for code in codes]
        elif at % 3 == 1:
            table[f"number_{at}"] = (np.exp(lean + 5) * (10 + at)).astype(int).astype(str).tolist()
        else:
            table[f"fraction_{at}"] = ["" if v < -1.5 else f"{v:.3f}" for v in lean]
    raw = {"people": pa.table(table)}
    schema = infer(raw)
    return typed(raw, schema), schema


def test_a_fit_with_its_certificate_asks_at_least_every_second_or_so():
    tables, schema = people(15_000, columns=9)  # more take longer, and no question longer
    last, longest, asked = time.process_time(), 0.0, 0

    def cancelled() -> bool:
        nonlocal last, longest, asked
        now = time.process_time()  # not the wall's: a busy machine makes any wait long
        longest, last, asked = max(longest, now - last), now, asked + 1
        return False

    profile = generator.fit(tables, schema, name="people", cancelled=cancelled)
    longest = max(longest, time.process_time() - last)
    assert profile.certificate is not None
    assert asked > 100
    assert longest < MOST_SECONDS


def test_a_fit_ends_soon_after_somebody_asked_at_any_moment():
    tables, schema = people(500, columns=6)
    questions, shares = 0, []

    def never() -> bool:
        nonlocal questions
        questions += 1
        return False

    def told(what: str, share: float) -> None:
        shares.append(share)

    generator.fit(tables, schema, name="people", cancelled=never, progress=told)
    assert shares == sorted(shares)
    assert len({share for share in shares if 0.3 <= share < 0.6}) > 5  # the certificate's
    rng = np.random.Generator(np.random.PCG64(11))
    for question in rng.integers(1, questions, MOMENTS).tolist():
        left = question

        def cancelled() -> bool:
            nonlocal left
            left -= 1
            return left <= 0

        with pytest.raises(Cancelled, match=r"The fit was cancelled; nothing was kept\."):
            generator.fit(tables, schema, name="people", cancelled=cancelled)
        assert left > -3  # it was not asked again and again


@pytest.mark.parametrize("verb", ["infer", "typed"])
def test_giving_kinds_to_columns_ends_when_somebody_asks(verb):
    raw = {"t": pa.table({name: ["1", "2"] for name in "abcdef"})}
    schema = infer(raw)
    questions = 0

    def cancelled() -> bool:
        nonlocal questions
        questions += 1
        return questions == 4

    work = {"infer": partial(infer, raw), "typed": partial(typed, raw, schema)}[verb]
    with pytest.raises(Cancelled, match="The reading was cancelled"):
        work(cancelled=cancelled)
    assert questions == 4


def test_asking_is_for_whoever_said_how():
    ask()
    with stoppable(lambda: True, "Stopped."):
        with pytest.raises(Cancelled, match="Stopped"):
            ask()
        with stoppable(lambda: False, "Not this."):
            ask()
        with stoppable(None, "Not this."), pytest.raises(Cancelled, match="Stopped"):
            list(asking(range(3)))
    ask()


def test_threads_do_not_ask_each_other():
    said = []
    with stoppable(lambda: True, "Stopped."):
        other = threading.Thread(target=lambda: said.append(ask()))
        other.start()
        other.join()
    assert said == [None]


def test_a_library_is_left_behind_when_somebody_asks():
    begun, over = threading.Event(), threading.Event()

    def library() -> None:
        begun.set()
        over.wait(30)

    with stoppable(begun.is_set, "Stopped."), pytest.raises(Cancelled):
        meanwhile(library)
    over.set()


def test_what_a_library_returns_or_raises_arrives():
    for cancelled in (None, lambda: False):
        with stoppable(cancelled, "Stopped."):
            assert meanwhile(lambda: 5) == 5
            with pytest.raises(ZeroDivisionError):
                meanwhile(lambda: 1 / 0)


def test_looking_for_rules_asks_between_columns():
    rng = np.random.Generator(np.random.PCG64(5))
    columns = {f"c{at}": rng.normal(size=400).round(3) for at in range(12)}
    tables, schema = ready(pa.table(columns), "t")
    questions = 0

    def cancelled() -> bool:
        nonlocal questions
        questions += 1
        return False

    with stoppable(cancelled, "Stopped."):
        generator.found_rules(tables, schema)
    assert questions > 3 * len(columns)
