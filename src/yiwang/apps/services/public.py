"""Services' door: items people ask for, policies that find their people, and what decisions bring.

``act_on_case`` is how a page acts on a case: it is casework's ``act`` and, when the case ends,
what its end means (a licence, a line of the payment list), in one transaction.
"""

from yiwang.apps.services.actions.applying import (
    AlreadyHeld,
    ApplicationRefused,
    file_application,
    save_draft,
)
from yiwang.apps.services.actions.deciding import act_on_case, conclude
from yiwang.apps.services.actions.installing import install
from yiwang.apps.services.actions.policies import (
    PolicyNotInForce,
    PopulationMissing,
    open_confirmations,
    run_policy,
)
from yiwang.apps.services.applications import (
    ApplicationPage,
    ApplicationUnknown,
    ApplicationView,
    Given,
    NotForYou,
    Standing,
    application,
    application_page,
    is_filed,
)
from yiwang.apps.services.materials import MaterialView
from yiwang.apps.services.published import published
from yiwang.apps.services.queries import (
    CandidateExplanation,
    CandidateUnknown,
    CandidateView,
    ItemUnknown,
    ItemView,
    PolicyUnknown,
    PolicyView,
    ReasonView,
    RunUnknown,
    RunView,
    candidate,
    candidates,
    explain_candidate,
    item,
    items,
    payments,
    policies,
    policy_run,
    policy_runs,
)

RIGHTS = {
    "services.see": "查看本部门政策的运行结果和发放清单",
    "services.run": "运行本部门的政策，开展认定",
}

__all__ = [
    "RIGHTS",
    "AlreadyHeld",
    "ApplicationPage",
    "ApplicationRefused",
    "ApplicationUnknown",
    "ApplicationView",
    "CandidateExplanation",
    "CandidateUnknown",
    "CandidateView",
    "Given",
    "ItemUnknown",
    "ItemView",
    "MaterialView",
    "NotForYou",
    "PolicyNotInForce",
    "PolicyUnknown",
    "PolicyView",
    "PopulationMissing",
    "ReasonView",
    "RunUnknown",
    "RunView",
    "Standing",
    "act_on_case",
    "application",
    "application_page",
    "candidate",
    "candidates",
    "conclude",
    "explain_candidate",
    "file_application",
    "install",
    "is_filed",
    "item",
    "items",
    "open_confirmations",
    "payments",
    "policies",
    "policy_run",
    "policy_runs",
    "published",
    "run_policy",
    "save_draft",
]
