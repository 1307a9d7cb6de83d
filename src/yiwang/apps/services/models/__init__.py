"""What services remembers, by noun."""

from yiwang.apps.services.models.adoption import ItemAdoption, ItemVersion
from yiwang.apps.services.models.answers import AskedQuestion, PolicyAnswer
from yiwang.apps.services.models.bundles import (
    BundleFiling,
    BundlePart,
    ServiceBundle,
    ServiceGuide,
)
from yiwang.apps.services.models.items import Application, Draft, ServiceItem
from yiwang.apps.services.models.library import DocumentClause, DocumentRelation, PolicyDocument
from yiwang.apps.services.models.matching import (
    DryRun,
    EligibilityChange,
    OptOut,
    PolicyNotice,
)
from yiwang.apps.services.models.payments import (
    Payment,
    PaymentBatch,
    PaymentLine,
    PaymentStop,
    Recovery,
)
from yiwang.apps.services.models.policies import (
    Candidate,
    Confirmation,
    PolicyBatch,
    PolicyRun,
    PolicyVersion,
)
from yiwang.apps.services.models.proxies import Proxy

__all__ = [
    "Application",
    "AskedQuestion",
    "BundleFiling",
    "BundlePart",
    "Candidate",
    "Confirmation",
    "DocumentClause",
    "DocumentRelation",
    "Draft",
    "DryRun",
    "EligibilityChange",
    "ItemAdoption",
    "ItemVersion",
    "OptOut",
    "Payment",
    "PaymentBatch",
    "PaymentLine",
    "PaymentStop",
    "PolicyAnswer",
    "PolicyBatch",
    "PolicyDocument",
    "PolicyNotice",
    "PolicyRun",
    "PolicyVersion",
    "Proxy",
    "Recovery",
    "ServiceBundle",
    "ServiceGuide",
    "ServiceItem",
]
