"""Credit applications, payment methods, money in."""

from generator.domains.graph import Domain
from generator.domains.payment.credit_application import CREDIT_APPLICATION
from generator.domains.payment.credit_authorization import CREDIT_AUTHORIZATION
from generator.domains.payment.payment import PAYMENT
from generator.domains.payment.payment_event import PAYMENT_EVENT
from generator.domains.payment.payment_method import PAYMENT_METHOD

DOMAIN = Domain(
    "payment",
    "Credit & payments",
    "Credit applications, payment methods, money in",
    (
        CREDIT_APPLICATION,
        PAYMENT_METHOD,
        PAYMENT,
        PAYMENT_EVENT,
        CREDIT_AUTHORIZATION,
    ),
)
