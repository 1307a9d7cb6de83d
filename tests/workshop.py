"""A small pack of work for tests: a confirmation and an incident, and the officers who do them."""

from pathlib import Path

from cast import OFFICE, OTHER_OFFICE

from yiwang.apps.identity.public import Officer
from yiwang.packkit import Library, Pack
from yiwang.packkit.kinds.incidents import Incident
from yiwang.packkit.kinds.pack import Manifest, Organ, Place
from yiwang.packkit.kinds.work import Flow, Move, Step

COUNTY, TOWN, VILLAGE = "321323000000", "321323001000", "321323001001"
OTHER_VILLAGE = "321323003201"

CONFIRMATION = Flow(
    title="高龄津贴村级确认",
    start="village",
    limit="10wd",
    steps={
        "village": Step(
            title="村级确认",
            role="work.village_clerk",
            limit="5wd",
            moves=(
                Move(verb="confirm", to="check", title="确认符合"),
                Move(verb="deny", to="refused", title="不符合", needs=("reason",)),
                Move(verb="pause", to="village", needs=("reason",)),
                Move(verb="transfer", to="village", needs=("reason",)),
                Move(verb="withdraw", to="withdrawn"),
            ),
        ),
        "check": Step(
            title="民政复核",
            role="work.checker",
            limit="3wd",
            moves=(
                Move(verb="approve", to="granted", title="同意发放"),
                Move(verb="return", to="village", title="退回核实", needs=("reason",)),
            ),
        ),
    },
    ends={"granted": "已确认", "refused": "不符合", "withdrawn": "已撤回"},
)
RISING = Flow(
    title="水位超限处置",
    profile="incident",
    start="dispatch",
    limit="4h",
    steps={
        "dispatch": Step(
            title="派遣",
            role="work.dispatcher",
            limit="15m",
            moves=(Move(verb="dispatch", to="handle"),),
        ),
        "handle": Step(
            title="现场处置",
            role="work.grid_worker",
            limit="2h",
            moves=(Move(verb="handle", to="check", needs=("photo", "reading_normal")),),
        ),
        "check": Step(
            title="核查结案",
            role="work.dispatcher",
            limit="1h",
            moves=(
                Move(verb="close", to="closed"),
                Move(verb="return", to="handle", needs=("reason",)),
            ),
        ),
    },
    ends={"closed": "已结案"},
)
OVERFLOW = Incident(
    title="河道水位超限",
    flow="work.rising",
    grade=2,
    merge_within="2h",
    merge_metres=300,
    organ="command-center",
)
PLACE = Place(
    title="泗阳县",
    brand="我的泗阳",
    division=COUNTY,
    packs=("work",),
    number_prefix="SY",
    organs={
        OFFICE: Organ(title="县民政局", division=COUNTY, roles={"窗口": ("work.checker",)}),
        OTHER_OFFICE: Organ(
            title="县市场监督管理局", division=COUNTY, roles={"窗口": ("work.checker",)}
        ),
        "command-center": Organ(
            title="县社会治理现代化指挥中心", division=COUNTY, roles={"值班": ("work.dispatcher",)}
        ),
        "town-321323001": Organ(
            title="众兴街道",
            division=TOWN,
            roles={"村务": ("work.village_clerk",), "网格": ("work.grid_worker",)},
        ),
    },
)


def library(**things: dict[str, object]) -> Library:
    """A library with one pack, ``work``; ``things`` add or replace whole kinds."""
    kinds: dict = {
        "flows": {"confirmation": CONFIRMATION, "rising": RISING},
        "incidents": {"overflow": OVERFLOW},
        **things,
    }
    manifest = Manifest(title="工作", owner=OFFICE)
    pack = Pack(id="work", folder=Path("work"), manifest=manifest, digest="0", **kinds)
    return Library("siyang", PLACE, {"work": pack})


RIGHTS = frozenset({"case.see", "case.handle", "case.open", "incident.see", "incident.report"})

LI = Officer(
    username="li", name="李芳", organ=OFFICE, roles=("work.checker",), rights=RIGHTS,
    divisions=(COUNTY,),
)  # fmt: skip
"""窗口李芳, who checks."""

ZHAO = Officer(
    username="zhao", name="赵敏", organ=OFFICE, roles=("work.checker",), rights=RIGHTS,
    divisions=(COUNTY,),
)  # fmt: skip
"""Her colleague of the same organ and role."""

SUN = Officer(
    username="sun", name="孙强", organ=OTHER_OFFICE, roles=("work.checker",), rights=RIGHTS,
    divisions=(COUNTY,),
)  # fmt: skip
"""The stranger: every right and Li's own role, county-wide, but of another organ."""

CLERK = Officer(
    username="clerk", name="周村", organ="town-321323001", roles=("work.village_clerk",),
    rights=RIGHTS, divisions=(VILLAGE,),
)  # fmt: skip
"""The village clerk of VILLAGE."""

OTHER_CLERK = Officer(
    username="clerk2", name="钱村", organ="town-321323002", roles=("work.village_clerk",),
    rights=RIGHTS, divisions=(OTHER_VILLAGE,),
)  # fmt: skip
"""The same role in another village."""

DISPATCHER = Officer(
    username="duty", name="吴调", organ="command-center", roles=("work.dispatcher",),
    rights=RIGHTS, divisions=(COUNTY,),
)  # fmt: skip

GRID = Officer(
    username="grid", name="郑格", organ="town-321323001", roles=("work.grid_worker",),
    rights=RIGHTS, divisions=(TOWN,),
)  # fmt: skip
