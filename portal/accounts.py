"""The staff of the demo company. Outside the demo no account exists beforehand."""

from django.contrib.auth.models import Group

from portal.models import User

DEMO_STAFF = {  # name: (first name, last name, groups, superuser)
    "admin": ("Alex", "Admin", (), True),
    "sam": ("Sam", "Okafor", ("Manager", "KB publisher"), False),
    "dana": ("Dana", "Reyes", ("CSR",), False),
    "priya": ("Priya", "Nair", ("CSR",), False),
}


def ensure_demo_staff(password):
    """Each demo account exists and opens with this password."""
    for username, (first, last, groups, is_superuser) in DEMO_STAFF.items():
        user, is_new = User.objects.get_or_create(
            username=username,
            defaults={
                "first_name": first,
                "last_name": last,
                "email": f"{username}@askwell.example",
                "is_staff": True,
                "is_superuser": is_superuser,
            },
        )
        if is_new:
            user.groups.set(Group.objects.filter(name__in=groups))
        if is_new or not user.check_password(password):
            user.set_password(password)
            user.save(update_fields=["password"])
