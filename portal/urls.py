"""Every address of the portal."""

from django.contrib import admin
from django.contrib.auth.views import LogoutView
from django.urls import path

from portal.decisions import DECISIONS
from portal.views import (
    bundles,
    comparisons,
    dictionary,
    downloads,
    extracts,
    health,
    lives,
    login,
    pages,
    parts,
    profiles,
    trail,
    versions,
)

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("accounts/login/", login.Login.as_view(), name="login"),
    path("accounts/logout/", LogoutView.as_view(), name="logout"),
    path("", bundles.home, name="home"),
    path("bundles/new/", bundles.compose, name="compose"),
    path("bundles/new/plan/", bundles.plan, name="compose-plan"),
    path("bundles/new/preview/", bundles.preview, name="compose-preview"),
    path("bundles/<uuid:id>/", bundles.show, name="bundle"),
    path("bundles/<uuid:id>/progress/", bundles.progress, name="bundle-progress"),
    path("bundles/<uuid:id>/figures/", bundles.figures, name="bundle-figures"),
    path("bundles/<uuid:id>/cancel/", bundles.cancel, name="bundle-cancel"),
    path("bundles/<uuid:id>/retry/", bundles.retry, name="bundle-retry"),
    path("bundles/<uuid:id>/delete/", bundles.delete, name="bundle-delete"),
    path("bundles/<uuid:id>/lives/", lives.index, name="bundle-lives"),
    path("bundles/<uuid:id>/lives/<slug:kind>/<str:key>/", lives.show, name="bundle-life"),
    path("bundles/<uuid:id>/dictionary/", dictionary.of_bundle, name="bundle-dictionary"),
    path("bundles/<uuid:id>/diagram.svg", dictionary.diagram_of_bundle, name="bundle-diagram"),
    path("bundles/<uuid:id>/comparison.html", comparisons.of_bundle, name="bundle-comparison"),
    path("bundles/<uuid:id>/zip", downloads.bundle_zip, name="bundle-zip"),
    path("bundles/<uuid:id>/files/<path:path>", downloads.bundle_file, name="bundle-file"),
    path("profiles/", profiles.index, name="profiles"),
    path("profiles/new/", extracts.new, name="upload"),
    path("profiles/new/begin/", parts.begin, name="upload-begin"),
    path("profiles/new/part/", parts.part, name="upload-part"),
    path("profiles/new/end/", parts.end, name="upload-end"),
    path("profiles/extracts/<uuid:id>/", extracts.show, name="extract"),
    path("profiles/extracts/<uuid:id>/progress/", extracts.progress, name="extract-progress"),
    path("profiles/extracts/<uuid:id>/again/", extracts.again, name="extract-again"),
    path("profiles/extracts/<uuid:id>/copy/", extracts.copy, name="extract-copy"),
    path("profiles/extracts/<uuid:id>/discard/", extracts.discard, name="extract-discard"),
    path("profiles/<int:id>/", profiles.show, name="profile"),
    path("profiles/<int:id>/dictionary/", dictionary.of_profile, name="profile-dictionary"),
    path("profiles/<int:id>/diagram.svg", dictionary.diagram_of_profile, name="profile-diagram"),
    path("profiles/<int:id>/figures/", profiles.figures, name="profile-figures"),
    path("profiles/<int:id>/progress/", profiles.progress, name="profile-progress"),
    path("profiles/<int:id>/comparison.html", comparisons.of_profile, name="profile-comparison"),
    path(
        "profiles/<int:id>/difference/<int:other>/", versions.difference, name="profile-difference"
    ),
    path(
        "profiles/<int:id>/difference/<int:other>/figures/",
        versions.figures,
        name="profile-difference-figures",
    ),
    path("profiles/<int:id>/file", downloads.profile_file, name="profile-file"),
    path("profiles/<int:id>/cancel/", profiles.cancel, name="profile-cancel"),
    path("profiles/<int:id>/delete/", profiles.delete, name="profile-delete"),
    path("profiles/<int:id>/refit/", profiles.refit, name="profile-refit"),
    *(
        path(
            f"profiles/<int:id>/{decision.address}/",
            profiles.decide,
            {"decision": decision.name},
            name=f"profile-{decision.address}",
        )
        for decision in DECISIONS
    ),
    path("trail/", trail.index, name="trail"),
    path("trail/trail.csv", trail.as_csv, name="trail-csv"),
    path("trail/trail.jsonl", trail.as_jsonl, name="trail-jsonl"),
    path("admin/login/", login.AdminLogin.as_view(), name="admin-login"),
    path("admin/", admin.site.urls),
]

handler400 = pages.bad_request
handler403 = pages.forbidden
handler404 = pages.not_found
handler500 = pages.failed
