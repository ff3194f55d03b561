"""The rows behind the pages.  The database row is the truth; the queue only carries work."""

from portal.models.act import Act, TrailHead
from portal.models.bundle import Bundle, BundleFile
from portal.models.extract import Extract
from portal.models.profile import Profile
from portal.models.spending import Source, Spending
from portal.models.tries import Tries
from portal.models.work import ATTEMPTS, Work

__all__ = [
    "ATTEMPTS",
    "Act",
    "Bundle",
    "BundleFile",
    "Extract",
    "Profile",
    "Source",
    "Spending",
    "TrailHead",
    "Tries",
    "Work",
]
