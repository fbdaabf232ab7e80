"""The weights of a model, as a package of the index carries them: found, and read without it.

The packages bring dozens of others for training and conversion. Their numbers are all we need.
"""

import importlib.util
import json
from pathlib import Path

import numpy as np

KINDS = {"F32": "<f4", "F16": "<f2"}


def folder(package):
    """Where an installed package lies, or None; it is not imported."""
    spec = importlib.util.find_spec(package)
    return Path(spec.origin).parent if spec and spec.origin else None


def read(path):
    """The arrays of a safetensors file: a header in JSON, then the numbers."""
    data = path.read_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    header.pop("__metadata__", None)
    arrays = {}
    for name, about in header.items():
        if kind := KINDS.get(about["dtype"]):
            start, end = (8 + size + offset for offset in about["data_offsets"])
            # Numbers need not begin at a multiple of their size; a copy puts them right.
            arrays[name] = np.frombuffer(data[start:end], kind).reshape(about["shape"])
    return arrays
