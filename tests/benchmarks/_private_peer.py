"""MST or AIM of private-pgm, run by a Python of their own: `tests.benchmarks.private` starts it.

    PYTHON _private_peer.py mst|aim EPSILON DELTA SEED MEGABYTES FOLDER IN.npz OUT.npz

FOLDER is `mechanisms` of private-pgm as it was in May 2023 (mst.py, aim.py, mechanism.py,
cdp2adp.py), which the project does not hold.  Its library `mbi` is that of the same state, or a
copy of it under another name (tmlt-private-pgm).  IN holds `codes` (n, columns) and `sizes`
(columns,); OUT gets codes that were drawn.  Knows nothing of the project: another Python runs it.
"""

import itertools
import sys
import types
from importlib import import_module

import numpy as np

MOST_CELLS = 10_000  # of a pair that AIM may ask for, as its own command has it


def main() -> None:
    name, epsilon, delta, seed, megabytes, folder, source, target = sys.argv[1:]
    sys.path[:0] = [folder, folder + "/.."]
    lent()
    import pandas as pd
    from mbi import Dataset, Domain

    np.random.seed(int(seed))  # noqa: NPY002  the scripts draw from it
    held = np.load(source)
    names = [f"c{at}" for at in range(len(held["sizes"]))]
    domain = Domain(names, [int(size) for size in held["sizes"]])
    data = Dataset(pd.DataFrame(held["codes"], columns=names), domain)
    run = {"mst": mst, "aim": aim}[name]
    made = run(data, float(epsilon), float(delta), float(megabytes))
    np.savez_compressed(target, codes=made.df[names].to_numpy())


def mst(data, epsilon, delta, _megabytes):
    return import_module("mst").MST(data, epsilon, delta)


def aim(data, epsilon, delta, megabytes):
    """Of all pairs, as AIM's own command asks for them."""
    pairs = itertools.combinations(data.domain, 2)
    asked = [(pair, 1.0) for pair in pairs if data.domain.size(pair) <= MOST_CELLS]
    mechanism = import_module("aim").AIM(epsilon, delta, max_model_size=megabytes)
    made = mechanism.run(data, asked)
    return made[1] if isinstance(made, tuple) else made


def lent() -> None:
    """What the scripts import and their runs need little or nothing of."""
    if not there("mbi"):
        sys.modules["mbi"] = import_module("tmlt.private_pgm")
    for name in ("autodp", "autodp.privacy_calibrator", "matplotlib", "matplotlib.pyplot"):
        if not there(name):
            sys.modules[name] = types.ModuleType(name)
    if not there("hdmm.matrix"):
        from scipy import sparse

        matrix = types.ModuleType("hdmm.matrix")
        matrix.Identity = sparse.eye
        sys.modules.update({"hdmm": types.ModuleType("hdmm"), "hdmm.matrix": matrix})
    if not hasattr(sys.modules.get("autodp", object), "privacy_calibrator"):
        sys.modules["autodp"].privacy_calibrator = sys.modules["autodp.privacy_calibrator"]


def there(name: str) -> bool:
    try:
        import_module(name)
    except ImportError:
        return False
    return True


if __name__ == "__main__":
    main()
