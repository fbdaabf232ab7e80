"""Rows for a spreadsheet, which must not take a customer's words for a formula."""

import csv

from django.http import HttpResponse
from django.utils import timezone

# The last four are the first four as they are typed in Chinese and Japanese.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def safe_cell(value):
    """Text only: what a spreadsheet would run gets an apostrophe before it."""
    if hasattr(value, "tzinfo"):
        value = timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
    text = str(value).replace("\x00", "")
    # Spreadsheets skip blanks before they look for the sign.
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA_STARTS) else text


def as_csv(name, headers, lines):
    """A file of quoted cells; the mark at its head tells spreadsheets that it is UTF-8."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response["Cache-Control"] = "no-store"
    response.write("\ufeff")
    sheet = csv.writer(response, quoting=csv.QUOTE_ALL)
    sheet.writerow([safe_cell(header) for header in headers])
    for line in lines:
        sheet.writerow([safe_cell(cell) for cell in line])
    return response
