"""`make bench`: every module here that has a `run()`, or those named in ARGS."""

import importlib
import pkgutil
import sys

import benchmarks
from benchmarks import Table


def main(names):
    for module in pkgutil.iter_modules(benchmarks.__path__):
        if names and module.name not in names:
            continue
        run = getattr(importlib.import_module(f"benchmarks.{module.name}"), "run", None)
        if module.name != "__main__" and run:
            found = run()
            for table in [found] if isinstance(found, Table | str) else found or ():
                print(table, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
