from django.contrib import admin
from django.urls import include, path

from portal import health, metrics
from portal.views import asking, errors, machines, reading, requests, searching, telling

pages = [
    path("", reading.home, name="home"),
    path("search/", searching.search, name="search"),
    path("search/suggest/", searching.suggest, name="suggest"),
    path("faq/", reading.faq, name="faq"),
    path("categories/<str:slug>/", reading.category, name="category"),
    path("articles/<str:slug>/", reading.article, name="article"),
    path("articles/<str:slug>/print/", reading.article_print, name="article_print"),
    path("articles/<str:slug>/vote/", reading.vote, name="vote"),
    path("ask/", asking.ask, name="ask"),
    path("ask/thank-you/<str:token>/", asking.acknowledgement, name="acknowledgement"),
    path("ask/answered/", asking.answered, name="answered"),
    path("requests/find/", requests.find_request, name="find_request"),
    path("requests/<str:token>/", requests.ticket, name="ticket"),
    path("requests/<str:token>/messages/", requests.add_message, name="add_message"),
    path("requests/<str:token>/need/", requests.need, name="need"),
    path("requests/<str:token>/plan/", requests.plan, name="plan"),
    path("requests/<str:token>/confirm/", requests.confirm, name="confirm"),
    path("requests/<str:token>/not-yet/", requests.not_yet, name="not_yet"),
    path("requests/<str:token>/manager/", requests.manager, name="manager"),
    path("requests/<str:token>/told-already/", requests.told_already, name="told_already"),
    path("requests/<str:token>/withdraw/", requests.withdraw, name="withdraw"),
    path("requests/<str:token>/survey/", requests.survey, name="survey"),
    path("requests/<str:token>/reach/", requests.reach, name="reach"),
    path("requests/<str:token>/files/<int:pk>/", requests.attachment, name="attachment"),
    path("known-issues/<int:pk>/", telling.known_issue, name="known_issue"),
    path("contact/", telling.contact, name="contact"),
    path("privacy/", telling.privacy, name="privacy"),
    path("accessibility/", telling.accessibility, name="accessibility"),
    path("favicon.ico", machines.favicon, name="favicon"),
    path("sitemap.xml", machines.sitemap, name="sitemap"),
    path("robots.txt", machines.robots, name="robots"),
    path("opensearch.xml", machines.opensearch, name="opensearch"),
    path("feed/", machines.feed, name="feed"),
    path(".well-known/security.txt", machines.security_txt, name="security_txt"),
]

urlpatterns = [
    path("", include((pages, "portal"))),
    path("admin/", include("portal.signin.urls")),
    path("admin/measures/", include("portal.analytics.urls")),
    path("admin/", admin.site.urls),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", metrics.metrics),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
