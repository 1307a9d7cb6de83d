"""The stages of the first run, in order: one datum through the whole county."""

from collections.abc import Collection

from yiwang.boot.demo.journey import Stage
from yiwang.boot.demo.stages import (
    applying,
    begun,
    benefit,
    building,
    civic,
    conduct,
    finding,
    flood,
    foundation,
    funds,
    governing,
    objections,
    opening,
    registers,
    reports,
    resources,
    sharing,
    sight,
    stations,
)

STAGES = (
    Stage("departments", "部门系统（合成数据）", foundation.departments),
    Stage("packs", "场景包、机构与账户", foundation.packs),
    Stage("collect", "归集、质检与隔离", resources.collect),
    Stage("publish", "基础库与主题表", resources.publish),
    Stage("catalogue", "目录与分级", resources.catalogue),
    Stage("registers", "四张清单、普查与扫描", registers.registers),
    Stage("files", "一人一档", resources.files),
    Stage("demand", "数据需求与授权", sharing.demand),
    Stage("calls", "接口调用、脱敏与计量", sharing.calls),
    Stage("pushed", "数据库推送：送进使用部门自己的库", sharing.pushed),
    Stage("opening", "数据开放与 k-匿名检查", opening.releases),
    Stage("objection", "数据异议：从本人到来源，更正送达", objections.objection),
    Stage("scenario", "场景清单与议事协调", objections.scenario),
    Stage("special", "特别授权与用数预警", objections.special),
    Stage("judge", "免申即享：按规则判定", benefit.judge),
    Stage("confirm", "免申即享：村级核实", benefit.confirm),
    Stage("decide", "免申即享：认定与凭证", benefit.decide),
    Stage("find", "政策找人：全部政策匹配与试算", finding.find),
    Stage("pay", "发放清单：编制、复核与回盘", finding.pay),
    Stage("reports", "基层报表：取数、只问没有的、逐级汇总", reports.reports),
    Stage("licenses", "证照颁发、变更与亮码", civic.licenses),
    Stage("applied", "一件事与事项：居民网上办、窗口代办", applying.applied),
    Stage("decided", "受理与决定：一项未办成，已发的结果撤回", applying.decided),
    Stage("conduct", "行为监察：黄牌、红牌与核查", conduct.conduct),
    Stage("ratings", "好差评与差评整改", civic.ratings),
    Stage("messages", "感知报文与预警", flood.messages),
    Stage("incident", "事件派遣、处置与评价", flood.incident),
    Stage("stations", "遥测站：SL 651 与 HJ 212", stations.stations),
    Stage("grids", "网格、巡查与网格员", governing.grids),
    Stage("reported", "居民上报、热线与并案", governing.reported),
    Stage("handled", "派遣、处置、核查、结案与回访", governing.handled),
    Stage("command", "值班、险情、会商与指令", governing.command),
    Stage("begun", "会议、议定事项与视频调阅", begun.begun),
    Stage("indicators", "指标与下钻", sight.indicators),
    Stage("assessment", "考核评估与申诉", sight.assessment),
    Stage("projects", "信息化项目：没有共享清单交不上来", building.projects),
    Stage("plan", "规划台账", sight.plan),
    Stage("screen", "大屏与地图", sight.screen),
    Stage("sealed", "留痕存证", sight.sealed),
)

FURTHER = {
    "government_investment": Stage(
        "invested", "政府投资项目：超概算的不批、超产值的不付", funds.invested
    ),
    "data_revenue": Stage("revenue", "数据运营收益：少报、少缴的不办结", funds.revenue),
}
"""Stages of packs that some places alone have, told before the indicators are taken."""


def stages_of(packs: Collection[str]) -> list[Stage]:
    """The stages of a place that has these packs."""
    at = next(number for number, one in enumerate(STAGES) if one.id == "indicators")
    further = [stage for pack, stage in FURTHER.items() if pack in packs]
    return [*STAGES[:at], *further, *STAGES[at:]]
