"""The tables of the domain payment and how their rows are made."""

from generator.domains.payment import credit_application, payment, payment_method
from generator.domains.payment.rules import RULES
from generator.domains.payment.tables import CREDIT_APPLICATION as CREDIT_APPLICATION_TABLE
from generator.domains.payment.tables import PAYMENT as PAYMENT_TABLE
from generator.domains.payment.tables import PAYMENT_METHOD as PAYMENT_METHOD_TABLE
from generator.domains.table import Declaration

CREDIT_APPLICATION = Declaration(
    CREDIT_APPLICATION_TABLE,
    stages=(credit_application.FIRST_STAGE, credit_application.SECOND_STAGE),
)
PAYMENT_METHOD = Declaration(PAYMENT_METHOD_TABLE, stages=(payment_method.STEPS,))
PAYMENT = Declaration(PAYMENT_TABLE, stages=(payment.STEPS,), rules=RULES)
