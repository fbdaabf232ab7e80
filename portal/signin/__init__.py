"""How the staff come in: password or passkey, a second factor, sessions that end.

The pages are django-allauth's, under /admin/; here is what we ask of them beyond their own rules.
"""
