"""allauth's pages, those we use, where Django's admin would have its own."""

from allauth.account import views
from allauth.account.decorators import reauthentication_required
from allauth.mfa.webauthn.views import login_webauthn
from allauth.usersessions.views import list_usersessions
from django.conf import settings
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from portal.limits import limited

ending_asks_again = reauthentication_required(allow_get=True)

urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("password_change/", RedirectView.as_view(pattern_name="account_change_password")),
    path("password/change/", views.password_change, name="account_change_password"),
    path("password/set/", views.password_set, name="account_set_password"),
    path("password/reset/", limited("reset")(views.password_reset), name="account_reset_password"),
    path("password/reset/done/", views.password_reset_done, name="account_reset_password_done"),
    path(
        "password/reset/key/done/",
        views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    # Whoever asks for a passkey's riddle gets a session to keep it in.
    path("2fa/webauthn/login/", limited("sign-in", methods=("GET", "HEAD"))(login_webauthn)),
    path("2fa/", include("allauth.mfa.urls")),
    path("sessions/", ending_asks_again(list_usersessions), name="usersessions_list"),
]

if settings.OIDC_SERVER:
    from portal.signin import single_sign_on

    urlpatterns += [
        re_path(
            r"^oidc/(?P<provider_id>staff)/login/$",
            single_sign_on.login,
            name="openid_connect_login",
        ),
        re_path(
            r"^oidc/(?P<provider_id>staff)/login/callback/$",
            single_sign_on.callback,
            name="openid_connect_callback",
        ),
        path("3rdparty/", include("allauth.socialaccount.urls")),
    ]
