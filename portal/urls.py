"""Every address of the portal."""

from django.contrib import admin
from django.contrib.auth.views import LogoutView
from django.urls import path

from portal.views import downloads, health, login

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("accounts/login/", login.Login.as_view(), name="login"),
    path("accounts/logout/", LogoutView.as_view(), name="logout"),
    path("bundles/<uuid:id>/zip", downloads.bundle_zip, name="bundle-zip"),
    path("bundles/<uuid:id>/files/<path:path>", downloads.bundle_file, name="bundle-file"),
    path("admin/", admin.site.urls),
]
