"""An author's text on its way to HTML: what it costs, and what comes of it, is bounded."""

import pytest

from kb import markup

MENDED_TO_SOMETHING_LARGER = {
    "every sign written out": "&" * 100_000,
    "closed by what was never opened": "<b></i>" * 28_000,
    "never closed": "<p>" * 1_000,
    "twenty thousand kinds of element": "".join(f"<x{n}>" for n in range(20_000)),
}


@pytest.mark.parametrize("kind", MENDED_TO_SOMETHING_LARGER)
def test_what_would_be_too_much_once_mended_is_refused_at_once(kind):
    with pytest.raises(markup.TooMuch):
        markup.clean(MENDED_TO_SOMETHING_LARGER[kind])


@pytest.mark.parametrize("text", ["<p>One</p>" * 2_000, "<b><i>" * 90, "<i><b></i></b>" * 3_000])
def test_what_was_cleaned_once_stays_as_it_is(text):
    cleaned = markup.clean(text)
    assert markup.clean(cleaned) == cleaned
