"""What this room writes into the journal, as people read it."""

EVENTS = {
    "identity.absence_ended": "提前结束离岗",
    "identity.account_created": "开户",
    "identity.account_locked": "锁定账户",
    "identity.account_stopped": "停用账户",
    "identity.account_unlocked": "解锁账户",
    "identity.deputy_named": "指定代办人",
    "identity.installed": "安装机构和角色",
    "identity.limit_set": "设定安全限值",
    "identity.loans_ended": "收回临时角色",
    "identity.password_changed": "更改口令",
    "identity.post_assigned": "授予岗位",
    "identity.post_ended": "收回岗位",
    "identity.roles_lent": "临时授予角色",
    "identity.sign_in_refused": "登录被拒",
    "identity.signed_in": "登录",
    "identity.signed_out": "退出",
    "identity.totp_ended": "停用动态口令",
    "identity.totp_enrolled": "启用动态口令",
}
