from django.contrib import admin
from django.urls import path

from portal.analytics import views

app_name = "measures"
guarded = admin.site.admin_view
urlpatterns = [
    path("", guarded(views.section), name="overview"),
    path("rows/<slug:number>/", guarded(views.rows), name="rows"),
    path("rows/<slug:number>.csv", guarded(views.export), name="export"),
    path("<slug:name>/", guarded(views.section), name="section"),
]
