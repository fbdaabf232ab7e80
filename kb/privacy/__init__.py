"""The privacy gate: nothing that points at a person reaches an article or a search log.

`scan` looks through the parts of a text for known values, patterns and hints; `mask` blots the
same out of a line before it is stored. Both are deterministic and never leave the machine.
What stays for a human: names that are ordinary words, and stories that tell who without a datum.
"""

from kb.privacy.finding import Hit, Kind, KnownValue, Severity
from kb.privacy.scanning import add_public_values, mask, pattern_version, scan
from kb.privacy.told import told_in

__all__ = [
    "Hit",
    "Kind",
    "KnownValue",
    "Severity",
    "add_public_values",
    "mask",
    "pattern_version",
    "scan",
    "told_in",
]
