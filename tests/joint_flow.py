"""A flow with everything the kernel can do: window, joint approval of three organs, signing."""

from cast import OFFICE, OTHER_OFFICE

from yiwang.packkit.kinds.work import Flow, Member, Move, Pause, Step

PERMIT = Flow(
    title="联合审批",
    start="window",
    limit="10wd",
    legal_limit="20wd",
    parties={"partner": "会办部门"},
    pauses={
        "supplement": Pause(title="补正材料", stops=("legal", "promised"), most="5wd", basis="law"),
        "publicity": Pause(title="公示", stops=("legal",), most="5d", basis="law"),
    },
    steps={
        "window": Step(
            title="窗口受理",
            role="work.checker",
            limit="1wd",
            may=("transfer",),
            pauses=("supplement",),
            moves=(Move(verb="accept", to="joint"), Move(verb="withdraw", to="withdrawn")),
        ),
        "joint": Step(
            title="联合会签",
            role="work.checker",
            limit="5wd",
            may=("return",),
            members={
                "own": Member(title="主办"),
                "partner": Member(title="会办", organ="partner"),
            },
            late="approve",
            pauses=("publicity",),
            moves=(
                Move(verb="approve", to="decide"),
                Move(verb="refuse", to="refused", needs=("reason",)),
            ),
        ),
        "decide": Step(
            title="审定",
            role="work.checker",
            limit="2wd",
            may=("return", "sign", "delegate", "transfer"),
            moves=(
                Move(verb="approve", to="granted"),
                Move(verb="refuse", to="refused", needs=("reason",)),
            ),
        ),
    },
    ends={"granted": "准予", "refused": "不予", "withdrawn": "已撤回"},
)
NEW = {
    "subject": "firm-1",
    "title": "临时占道许可",
    "organ": OFFICE,
    "facts": {},
    "parties": {"partner": OTHER_OFFICE},
    "actor": "services",
}
