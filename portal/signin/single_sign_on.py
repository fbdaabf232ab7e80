"""Single sign-on opens accounts that exist; it makes none."""

from allauth.socialaccount.adapter import DefaultSocialAccountAdapter


class InvitedOnly(DefaultSocialAccountAdapter):
    def is_open_for_signup(self, request, sociallogin):
        return False
