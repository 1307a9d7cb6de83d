"""What this room writes into the journal, as people read it."""

EVENTS = {
    "report.changed": "修改报表",
    "report.drafted": "编制报表",
    "report.entry_added": "名册补一条",
    "report.entry_filled": "填写名册",
    "report.entry_restored": "恢复名册中的一条",
    "report.entry_struck": "从名册剔除",
    "report.filled": "填报",
    "report.issued": "下发报表",
    "report.listed": "列入名册",
    "report.opened": "开始一期报表",
    "report.recounted": "重新汇总",
    "report.refused": "拦下重复报表",
    "report.renewed": "更新已取来的值",
    "report.returned": "传回工作簿",
    "report.roster_read": "打开名册",
    "report.withdrawn": "停用报表",
}
