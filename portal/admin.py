"""The rows, to look at.  States change through the pages and the jobs, never by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.db import models
from django.http import HttpRequest

from portal.models import Bundle, Extract, Profile, Work

admin.site.site_header = admin.site.site_title = "Proving Ground"
admin.site.index_title = "Rows and queues"


if TYPE_CHECKING:
    Admin = admin.ModelAdmin[Work]
    Users = UserAdmin[User]
else:
    Admin, Users = admin.ModelAdmin, UserAdmin


class LookOnly(Admin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Work | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Work | None = None) -> bool:
        return False


admin.site.unregister(User)


@admin.register(User)
class People(Users):
    """Says who changed whose rights, for the audit trail."""

    def save_model(self, request: HttpRequest, obj: User, *args: Any, **named: Any) -> None:
        obj.changed_by = request.user  # type: ignore[attr-defined]
        super().save_model(request, obj, *args, **named)

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        obj.changed_by = request.user  # type: ignore[attr-defined]
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[User]) -> None:
        for user in queryset:
            self.delete_model(request, user)


@admin.register(Bundle)
class BundleAdmin(LookOnly):
    list_display = ("name", "owner", "profile", "state", "rows", "attempt", "created_at")
    list_filter = ("state",)
    search_fields = ("name", "owner__username", "receipt")


@admin.register(Profile)
class ProfileAdmin(LookOnly):
    list_display = ("name", "version", "kind", "state", "created_by", "published_at")
    list_filter = ("state", "kind")


@admin.register(Extract)
class ExtractAdmin(LookOnly):
    list_display = ("name", "owner", "state", "rows", "columns", "bytes", "created_at")
    list_filter = ("state",)
    exclude = ("inferred", "confirmed", "claim")
