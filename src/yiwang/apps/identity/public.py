"""The door of identity: who acts, what they may do and why, and the accounts they act with."""

from yiwang.apps.identity.access import (
    Explanation,
    RightMissing,
    explain,
    known_rights,
    may,
    register_rights,
    require,
)
from yiwang.apps.identity.actions.accounts import (
    begin_totp,
    change_password,
    confirm_totp,
    create_account,
    end_totp,
    stop_account,
    totp_address,
    unlock_account,
)
from yiwang.apps.identity.actions.loans import end_loans, lend_roles
from yiwang.apps.identity.actions.organs import (
    Installed,
    assign_post,
    end_post,
    install,
    set_limit,
)
from yiwang.apps.identity.actions.sessions import (
    PASSWORD_IS_DUE,
    AccountLockedOut,
    CodeNeeded,
    Session,
    SignInRefused,
    act_in,
    actor_of,
    clear_sessions,
    sign_in,
    sign_out,
)
from yiwang.apps.identity.actor import (
    Actor,
    Applicant,
    Officer,
    is_within,
    register_divisions,
)
from yiwang.apps.identity.events import EVENTS
from yiwang.apps.identity.limits import LimitView, limits
from yiwang.apps.identity.published import published
from yiwang.apps.identity.queries import (
    AccountUnknown,
    AccountView,
    OrganView,
    account,
    accounts,
    applicant,
    officer,
    officers_with,
    organ,
    organs,
    posts,
)
from yiwang.kernel.errors import NotAllowed

RIGHTS = {
    "identity.account.manage": "建立、停用账户",
    "identity.organ.manage": "登记机构和岗位",
    "identity.post.assign": "授予、免去任职",
    "identity.limit.set": "设置安全限值",
    "identity.account.unlock": "解锁账户",
    "identity.explain": "查看他人的权限说明",
}
TIMETABLE = (("identity.sessions", "清除过期会话", "every 1h", clear_sessions),)
"""Plain lines, since jobs stand above identity."""

__all__ = [
    "EVENTS",
    "PASSWORD_IS_DUE",
    "RIGHTS",
    "TIMETABLE",
    "AccountLockedOut",
    "AccountUnknown",
    "AccountView",
    "Actor",
    "Applicant",
    "CodeNeeded",
    "Explanation",
    "Installed",
    "LimitView",
    "NotAllowed",
    "Officer",
    "OrganView",
    "RightMissing",
    "Session",
    "SignInRefused",
    "account",
    "accounts",
    "act_in",
    "actor_of",
    "applicant",
    "assign_post",
    "begin_totp",
    "change_password",
    "clear_sessions",
    "confirm_totp",
    "create_account",
    "end_loans",
    "end_post",
    "end_totp",
    "explain",
    "install",
    "is_within",
    "known_rights",
    "lend_roles",
    "limits",
    "may",
    "officer",
    "officers_with",
    "organ",
    "organs",
    "posts",
    "published",
    "register_divisions",
    "register_rights",
    "require",
    "set_limit",
    "sign_in",
    "sign_out",
    "stop_account",
    "totp_address",
    "unlock_account",
]
