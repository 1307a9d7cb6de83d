"""What this room writes into the journal, as people read it."""

EVENTS = {
    "device.broker_files_written": "写出消息服务器账户",
    "device.maintenance_ended": "结束维护",
    "device.maintenance_planned": "安排维护",
    "device.retired": "停用设备",
    "device.token_issued": "发放设备令牌",
    "device.wire_passwords_issued": "发放站点口令",
    "sensing.entity_changed": "变更传感实体",
    "sensing.entity_described": "登记传感实体",
    "sensing.entity_removed": "删除传感实体",
    "sensing.installed": "安装设备和数据流",
    "sensing.key_issued": "发放物联接口密钥",
    "sensing.point_changed": "变更测点",
    "sensing.point_described": "登记测点",
    "sensing.thing_changed": "变更物",
    "sensing.thing_described": "登记物",
    "sensing.thing_removed": "删除物",
    "drill.begun": "开始演练",
    "drill.ended": "结束演练",
}
