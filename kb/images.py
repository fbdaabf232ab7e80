"""The one door through which an image that somebody sent is opened.

To decode one is the dearest thing a stranger can ask of us: its points, and how often a file may
paint them over, are bounded before it begins.
"""

import re
import threading
import warnings
from contextlib import contextmanager

from PIL import Image

MAX_PIXELS = 50_000_000
MAX_SCANS = 30
SCAN = re.compile(rb"\xff\xda\x00(?:\x08\x01|\x0a\x02|\x0c\x03|\x0e\x04)")
warnings.simplefilter("error", Image.DecompressionBombWarning)
_decoding = threading.Lock()


class TooDear(ValueError):
    """It would keep a server busy."""


def pixels(file, kind):
    """How many points an image says it has; 0 for what is none of this kind."""
    file.seek(0)
    try:
        with Image.open(file, formats=[kind]) as image:
            return image.width * image.height
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        return MAX_PIXELS + 1
    except Exception:  # Pillow raises whatever its decoders come upon
        return 0


@contextmanager
def opened(file, kind):
    """The image, for whoever is ready for any exception; one at a time in each process."""
    if pixels(file, kind) > MAX_PIXELS:
        raise TooDear
    file.seek(0)
    if kind == "JPEG" and len(SCAN.findall(file.read())) > MAX_SCANS:
        raise TooDear
    file.seek(0)
    with _decoding, Image.open(file, formats=[kind]) as image:
        yield image
