"""The door of the sharing gate: demand → decision → grant → key → metered, masked call."""

RIGHTS = {
    "exchange.read": "查看数据需求、授权与调用",
    "exchange.demand": "提出数据需求、申领密钥",
    "exchange.decide": "审定对本机构数据的需求、撤回授权",
    "exchange.watch": "查看全部授权与调用（数据主管部门）",
}
