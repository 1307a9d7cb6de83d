"""The stages of the first run, in order: one datum through the whole county."""

from yiwang.boot.demo.journey import Stage
from yiwang.boot.demo.stages import benefit, flood, foundation, resources, sharing, sight

STAGES = (
    Stage("departments", "部门系统（合成数据）", foundation.departments),
    Stage("packs", "场景包、机构与账户", foundation.packs),
    Stage("collect", "归集、质检与隔离", resources.collect),
    Stage("publish", "基础库与主题表", resources.publish),
    Stage("catalogue", "目录与分级", resources.catalogue),
    Stage("files", "一人一档", resources.files),
    Stage("demand", "数据需求与授权", sharing.demand),
    Stage("calls", "接口调用、脱敏与计量", sharing.calls),
    Stage("judge", "免申即享：按规则判定", benefit.judge),
    Stage("confirm", "免申即享：村级核实", benefit.confirm),
    Stage("decide", "免申即享：认定与凭证", benefit.decide),
    Stage("messages", "感知报文与预警", flood.messages),
    Stage("incident", "事件派遣、处置与评价", flood.incident),
    Stage("indicators", "指标与下钻", sight.indicators),
    Stage("screen", "大屏与地图", sight.screen),
    Stage("sealed", "留痕存证", sight.sealed),
)
