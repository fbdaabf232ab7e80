"""What the knowledge base calls out for the apps above it to hear."""

from django.dispatch import Signal

# Sent inside the publishing transaction. Arguments: article, revision, by,
# is_first (nothing of this article was public before).
article_published = Signal()

# Sent when a text in which the privacy gate was overruled was turned back, after whatever was
# begun has been undone. Arguments: article, by, why ("alone": its author or whoever overruled the
# gate tried to publish it; "sent-back": the second person returned it).
second_person_refused = Signal()
