from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = "Proving Ground"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from portal import signing_in  # noqa: F401 - its receivers come with it
