"""Numbers as they arrive in addresses, hidden fields and search boxes."""

LONGEST = 18  # digits that fit the database's largest key


def number(sent):
    """The number that was sent; None where somebody put anything else."""
    sent = str(sent or "").strip()
    return int(sent) if sent.isdecimal() and len(sent) <= LONGEST else None


def numbers(sent):
    """Those of the values that are numbers."""
    return [found for found in map(number, sent) if found is not None]
