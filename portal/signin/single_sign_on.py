"""Single sign-on opens accounts that exist, on the provider's signed word; it makes none.

allauth carries the exchange. Beyond it we ask that the word be the provider's own (issuer and
signature), meant for us (audience) and given for this very sign-in (nonce).
"""

import base64
import hashlib
import logging

import jwt
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from requests import RequestException

from portal import audit
from portal.limits import limited

logger = logging.getLogger(__name__)

# Made with a key the provider keeps to itself; none with a secret that two know.
SIGNATURES = [
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA"),
]
CLOCKS_DIFFER = 60


class Unbelieved(OAuth2Error):
    """What came back is not the word of the provider we know, to us, about this sign-in."""


class InvitedOnly(DefaultSocialAccountAdapter):
    def is_open_for_signup(self, request, sociallogin):
        return False

    def get_requests_session(self):
        """Only the addresses the provider names are asked, and none it would lead us on to."""
        session = super().get_requests_session()
        session.max_redirects = 0
        return session

    def on_authentication_error(self, request, provider, exception=None, **kwargs):
        """Written down where somebody had begun to sign in; what anybody sends unasked is not."""
        if exception is not None:
            words = exception if isinstance(exception, Unbelieved) else type(exception).__name__
            logger.warning("Single sign-on was refused: %s", words)
            audit.record("sign-in", request=request, outcome="refused")


class Provider(OpenIDConnectProvider):
    """Where a colleague is sent to, and what is asked there."""

    def get_oauth2_adapter(self, request):
        return Exchange(request, self.app.provider_id)

    def get_redirect_from_request_kwargs(self, request):
        """What is asked is ours to say, whatever stands in the address of the press."""
        ours = {"scope": self.get_scope(), "auth_params": {}}
        return super().get_redirect_from_request_kwargs(request) | ours

    def get_pkce_params(self):
        """These go last into the address, so that nobody gives a nonce of theirs."""
        params = super().get_pkce_params()
        return params | {"nonce": nonce_of(params["code_verifier"])}


class Exchange(OpenIDConnectOAuth2Adapter):
    """What is fetched from the provider, and how far it is believed."""

    @property
    def openid_config(self):
        config = super().openid_config
        if config.get("issuer") != settings.OIDC_SERVER:
            raise Unbelieved(
                f"OIDC_SERVER is {settings.OIDC_SERVER!r}, and who answers there calls itself "
                f"{config.get('issuer')!r}"
            )
        return config

    def get_callback_url(self, request, app):
        return settings.SITE_URL + self.get_provider().get_callback_url()

    def get_access_token_data(self, request, app, client, pkce_code_verifier=None):
        self.nonce = nonce_of(pkce_code_verifier)
        return super().get_access_token_data(request, app, client, pkce_code_verifier)

    def complete_login(self, request, app, token, response, **kwargs):
        said = self.believed(response.get("id_token"), app.client_id)
        person = self.fetch(self.profile_url, Authorization=f"Bearer {token.token}")
        if person.get("sub") != said["sub"]:
            raise Unbelieved("the token and the description are of two people")
        # Some providers write "false" as a word, which would count as yes.
        person["email_verified"] = person.get("email_verified") in (True, "true")
        words = {"userinfo": person, "id_token": said}
        return self.get_provider().sociallogin_from_response(request, words)

    def believed(self, id_token, client_id):
        """What an ID token says, by the rules of OpenID Connect Core 3.1.3.7, none left out."""
        try:
            said = jwt.decode(
                id_token,
                self.key_of(id_token),
                algorithms=SIGNATURES,
                issuer=settings.OIDC_SERVER,
                audience=client_id,
                leeway=CLOCKS_DIFFER,
                options={"require": ["iss", "sub", "aud", "exp", "iat", "nonce"]},
            )
        except jwt.PyJWTError as error:
            raise Unbelieved(type(error).__name__) from error
        if said["aud"] not in (client_id, [client_id]) or said.get("azp", client_id) != client_id:
            raise Unbelieved("the token is meant for others too")
        if said["nonce"] != self.nonce:
            raise Unbelieved("the token was given for another sign-in")
        return said

    def key_of(self, id_token):
        number = jwt.get_unverified_header(id_token).get("kid")
        keys = jwt.PyJWKSet.from_dict(self.fetch(self.openid_config["jwks_uri"])).keys
        for key in keys:
            if number in (None, key.key_id) and key.public_key_use in (None, "sig"):
                return key
        raise Unbelieved("the provider has no such key")

    def fetch(self, address, **headers):
        with get_adapter().get_requests_session() as session:
            answer = session.get(address, headers=headers)
            answer.raise_for_status()
            return answer.json()


def nonce_of(code_verifier):
    """Bound to the secret that never leaves this session before the answer is there."""
    digest = hashlib.sha256(b"portal.signin nonce" + code_verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _kept_whole(view):
    """A provider that is away, or another than we know, is answered like a refusal."""

    def answer(request, provider_id):
        exchange = Exchange(request, provider_id)
        try:
            return view.adapter_view(exchange)(request)
        except (OAuth2Error, RequestException) as error:
            provider = exchange.get_provider()
            return render_authentication_error(request, provider, exception=error)

    return answer


login = limited("sign-in")(_kept_whole(OAuth2LoginView))
callback = _kept_whole(OAuth2CallbackView)
