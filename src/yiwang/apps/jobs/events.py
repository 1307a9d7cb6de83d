"""What this room writes into the journal, as people read it."""

EVENTS = {
    "jobs.asked": "发起后台作业",
    "jobs.run_again": "重新执行作业",
    "jobs.stop_asked": "停止作业",
}
