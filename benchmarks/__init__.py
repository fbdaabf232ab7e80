"""What it costs: ratios against baselines measured in the same run, printed as tables."""

from dataclasses import dataclass


@dataclass
class Table:
    """What one benchmark found."""

    title: str
    header: tuple
    rows: list
    note: str = ""

    def __str__(self):
        cells = [tuple(map(str, row)) for row in (self.header, *self.rows)]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = [
            "| " + " | ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) + " |"
            for row in cells
        ]
        rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
        return "\n".join([f"## {self.title}", "", lines[0], rule, *lines[1:], "", self.note])
