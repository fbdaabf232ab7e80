"""Pages of long lists, without counting the whole list first."""

from dataclasses import dataclass

from django.http import Http404

MAX_PAGE = 500


@dataclass(frozen=True)
class Slice:
    """One page of a list: its rows, and whether others come before and after."""

    rows: list
    number: int
    has_next: bool

    @property
    def previous(self):
        return self.number - 1 if self.number > 1 else None

    @property
    def next(self):
        return self.number + 1 if self.has_next else None


def page_number(request):
    """The page asked for; nonsense is the first, beyond the end of the world is a 404."""
    try:
        number = int(request.GET.get("page", 1))
    except ValueError:
        return 1
    if number > MAX_PAGE:
        raise Http404
    return max(1, number)


def page_of(queryset, number, size=20):
    """One row more than the page holds tells whether there is a next one."""
    start = (number - 1) * size
    rows = list(queryset[start : start + size + 1])
    if not rows and number > 1:
        raise Http404
    return Slice(rows[:size], number, len(rows) > size)
