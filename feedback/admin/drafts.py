"""What somebody has typed and not sent: kept while typing, back when the ticket opens again."""

from feedback.models import Draft

NOT_WORDS = {"csrfmiddlewaretoken", "act", "version"}
# The largest message, thrice over for the fields beside it; more is no draft of a letter.
MAX_CHARACTERS = 200_000


# A draft is worth keeping when one of these says something; a pressed tab alone is not.
ROWS = [f"{name}_{n}" for n in (1, 2, 3) for name in ("what", "question", "choices")]
WORDS = ["body", "customer_tasks", "what_else", "knowledge_reason", "articles", *ROWS]


def keep(ticket, user, posted):
    """Keep the composer's fields; an emptied composer leaves no draft."""
    fields = {  # a zero byte is nothing anybody types, and PostgreSQL keeps none
        name: [value.replace("\x00", "") for value in values]
        for name, values in posted.lists()
        if name not in NOT_WORDS
    }
    if sum(len(value) for values in fields.values() for value in values) > MAX_CHARACTERS:
        return None
    if not any(value.strip() for name in WORDS for value in fields.get(name, [])):
        forget(ticket, user)
        return None
    draft, _is_new = Draft.objects.update_or_create(
        ticket=ticket, author=user, defaults={"fields": fields}
    )
    return draft


def of(ticket, user):
    return Draft.objects.filter(ticket=ticket, author=user).first()


def as_initial(fields):
    """Posted or kept fields as a form begins with them."""
    return {
        name: values if name == "articles" else values[-1]
        for name, values in fields.items()
        if values
    }


def forget(ticket, user):
    Draft.objects.filter(ticket=ticket, author=user).delete()
