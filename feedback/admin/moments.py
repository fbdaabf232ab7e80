"""The field in which a colleague says by when."""

from django import forms
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from feedback.hours import Calendar


class LocalDateTime(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self, attrs=None):
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


class MomentField(forms.DateTimeField):
    """A day and a time on our clocks, also in the two nights when clocks change.

    A time they show twice is the first; one they skip is handed back to be typed again,
    since nobody would see that it had moved.
    """

    widget = LocalDateTime

    def to_python(self, value):
        try:
            naive = parse_datetime(value.strip()) if isinstance(value, str) else None
            if naive is not None and timezone.is_naive(naive):
                moment = Calendar().at(naive.date(), naive.time())
                if timezone.make_naive(moment, Calendar().zone) == naive:
                    return moment
        except (ValueError, OverflowError):  # well formed, and no such day
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None
        return super().to_python(value)
