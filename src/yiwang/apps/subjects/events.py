"""What this room writes into the journal, as people read it."""

EVENTS = {
    "subjects.file_read": "查看档案",
    "subjects.link_confirmed": "确认号码关联",
    "subjects.link_dropped": "不采纳号码关联",
    "subjects.link_same": "认定为同一主体",
    "subjects.link_undone": "撤销号码关联",
    "subjects.own_file_read": "查看本人档案",
}
