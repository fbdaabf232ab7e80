from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """A member of the staff. Customers have no account; a signed link is their key."""

    def get_short_name(self):
        """The name customers read: the first name, else the sign-in name."""
        return self.first_name or self.username
