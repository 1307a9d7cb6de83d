"""三员分立: system, security and audit administration lie in three hands.

The rights of a duty come with the duty only, never with a role; an account has at most one duty,
because the duty is one column. (GB/T 22239-2019 8.1.5: 系统管理、审计管理、安全管理.)
"""

SYSTEM, SECURITY, AUDIT = "system", "security", "audit"

TITLES = {SYSTEM: "系统管理员", SECURITY: "安全管理员", AUDIT: "审计管理员"}

DUTY_RIGHTS: dict[str, frozenset[str]] = {
    SYSTEM: frozenset({"identity.account.manage", "identity.organ.manage"}),
    SECURITY: frozenset({"identity.post.assign", "identity.limit.set", "identity.account.unlock"}),
    AUDIT: frozenset({"journal.read", "journal.export", "identity.explain", "exchange.review"}),
}

RESERVED = frozenset().union(*DUTY_RIGHTS.values())
"""Rights that no role can bring."""
