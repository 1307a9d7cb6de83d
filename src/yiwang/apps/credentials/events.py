"""What this room writes into the journal, as people read it."""

EVENTS = {
    "code.made": "生成二维码",
    "code.read": "读取二维码",
    "code.refused": "二维码读取被拒",
    "license.issued": "颁发证照",
    "license.printed": "打印证照",
    "license.replaced": "变更证照",
    "license.resumed": "恢复证照",
    "license.revoked": "撤销证照",
    "license.shown": "出示证照",
    "license.suspended": "暂停证照",
    "license.used": "使用证照",
    "license.verified": "核验证照",
}
