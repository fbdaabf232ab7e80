"""What the knowledge base calls out for the apps above it to hear."""

from django.dispatch import Signal

# Sent inside the publishing transaction. Arguments: article, revision, by,
# is_first (nothing of this article was public before).
article_published = Signal()
