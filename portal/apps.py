from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = "Proving Ground"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from portal import rights, signing_in  # noqa: F401 - their receivers come with them
