"""The accounts of the demo county: one for every part, all with one generated password."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from yiwang.apps.boards import public as boards
from yiwang.apps.identity import public as identity
from yiwang.boot.demo.journey import Journey
from yiwang.boot.secret_files import kept_secret
from yiwang.kernel.clock import system_clock
from yiwang.kernel.divisions import Division
from yiwang.packkit.kinds.pack import Organ


@dataclass(frozen=True)
class Part:
    """An account and what to look at with it."""

    username: str
    name: str
    look: str
    organ: str = ""
    post: str = ""
    divisions: tuple[str, ...] = ()
    duty: str = ""
    also: tuple[str, ...] = ()
    """Further posts of the same organ."""

    @property
    def posts(self) -> list[str]:
        """The posts that the account is given."""
        return [one for one in (self.post, *self.also) if one]


OFFICERS = (
    Part("shuju", "陈数据", "县数据局：目录、归集、质量、指标", "data-bureau", "数据管理员"),
    Part("gongan", "周户籍", "县公安局：审核数据需求", "public-security", "数据专员"),
    Part("minzheng", "吴民政", "县民政局：津贴名单、复核、一人一档", "civil-affairs", "民政经办"),
    Part("fuhe", "郑复核", "县民政局：复核发放清单、发布政策文件", "civil-affairs", "民政复核"),
    Part(
        "minzhengcdo",
        "郑首席",
        "县民政局首席数据官：签名发布清单条目",
        "civil-affairs",
        "首席数据官",
    ),
    Part(
        "shichang", "孙市场", "县市场监管局：另一部门的人，看不到别人的办件", "market", "数据专员"
    ),
    Part(
        "gongshui",
        "方供水",
        "县供水公司（公共企业）：编制、签名发布本单位的清单条目",
        "water-supply",
        "数据专员",
        also=("首席数据官",),
    ),
    Part("shuiwu", "朱税务", "县税务局：来源不一致、分级决定", "tax", "数据专员"),
    Part("dangan", "何档案", "县档案馆：扫描、著录档案批次", "archives", "档案数字化"),
    Part("hedui", "马核对", "县档案馆：核对、挂接档案批次", "archives", "档案核对"),
    Part("zhihui", "韩指挥", "指挥中心：派遣水位事件、大屏", "command-center", "指挥中心值班员"),
    Part("chengguan", "尤城管", "县住建局：处置派遣来的城管事件", "housing", "城管经办"),
    Part("yingji", "石应急", "县应急管理局：检查、隐患、火警、险情", "emergency", "应急经办"),
    Part("wangguan", "宋网格", "网格管理员：网格、指派、上报密钥", "command-center", "网格管理员"),
    Part("shipin", "骆视频", "指挥中心：视频点位审批、算法绑定", "command-center", "视频管理"),
    Part("shuili", "蒋水利", "县水利局：核查结案、感知设备", "water", "水利值班员"),
    Part("mzkaifang", "郑开放", "县民政局：提出开放、答复反馈", "civil-affairs", "数据专员"),
    Part("slkaifang", "何开放", "县水利局：提出开放", "water", "数据专员"),
    Part(
        "minzhengshuju",
        "许专员",
        "县民政局数据专员：确认提供、提请议事协调",
        "civil-affairs",
        "数据专员",
    ),
    Part("zhengzhao", "尤证照", "县市场监管局：颁发、变更、撤销证照", "market", "证照管理"),
    Part("jiandu", "许监督", "好差评监督：核实差评、回访", "approval", "政务服务监督"),
    Part("shenhe", "秦审核", "好差评审核：整改归档", "approval", "监督审核"),
    Part("chuangkou", "沈窗口", "综合窗口：特别授权（超级管理员）查询", "approval", "综合窗口"),
    Part(
        "anquanyuan", "高安全", "数据安全员：用数预警、泄露追查、审批", "data-bureau", "数据安全员"
    ),
    Part("qiantou", "林牵头", "县行政审批局：事项管理、减了多少", "approval", "一件事牵头"),
    Part("lingdao", "程领导", "分管领导：指标和大屏", "command-center", "分管领导"),
    Part("xitong", "系统管理员", "系统管理：账户与机构", duty="system"),
    Part("anquan", "安全管理员", "安全管理：限值与解锁", duty="security"),
    Part("shenji", "审计管理员", "审计管理：全部留痕", duty="audit"),
)

BUILDER = Part(
    "xiangmu", "余项目", "县住建局：申报政府投资项目、报进度、申请付款", "housing", "项目单位"
)
"""Answers for the projects of the story in a place that has them."""

BY_ROLE = {
    "government_investment.planning": (
        "touzi",
        "曹投资",
        "发展改革部门：政府投资项目出库、审批、批准开工、验收",
    ),
    "government_investment.audit": ("juesuan", "章审计", "审计局：竣工决算审计"),
    "data_revenue.operator": ("yunying", "丰运营", "运营公司：数据产品、申报收入、缴款、争议"),
}
"""Accounts in the organ whose post has the role; a place without that pack has none of them."""

DATA_OFFICER = "数据专员"
PUBLISHERS = ("方开放", "段开放", "龙开放", "万开放", "邱开放", "侯开放", "江开放", "史开放")
REVIEWS, DECIDES, LEADS = "事项经办", "事项审批", "一件事牵头"
BOTH = (REVIEWS, (), "", (DECIDES,))
ITEM_DESKS = (
    Part("weijian", "乔卫健", "县卫健委：受理并决定本部门事项", "health", *BOTH),
    Part(
        "huzheng",
        "田户政",
        "县公安局：受理并决定户籍、公章事项",
        "public-security",
        REVIEWS,
        also=(DECIDES,),
    ),
    Part("renshe", "胡人社", "县人社局：受理、审核事项", "human-resources", REVIEWS),
    Part("renshesp", "石审批", "县人社局：决定事项", "human-resources", DECIDES),
    Part(
        "yibao",
        "贺医保",
        "县医保局：受理并决定事项，撤回联办结果",
        "medical-security",
        REVIEWS,
        also=(DECIDES,),
    ),
    Part(
        "canlian",
        "白残联",
        "县残联：受理并决定事项，一件事牵头",
        "disability",
        REVIEWS,
        also=(DECIDES, LEADS),
    ),
    Part(
        "mzshixiang",
        "孔事项",
        "县民政局：受理并决定事项",
        "civil-affairs",
        REVIEWS,
        also=(DECIDES,),
    ),
    Part("gongjijin", "常公积", "县住建局：受理并决定公积金事项", "housing", *BOTH),
    Part("dengji", "康登记", "县市场监管局：受理并决定设立登记", "market", *BOTH),
    Part("bansui", "伍办税", "县税务局：受理并决定税务事项", "tax", *BOTH),
    Part("shenpi", "毛审批", "县行政审批局：受理并决定事项", "approval", *BOTH),
)
"""Who handles items in the organs that the one-things of the packs go through."""

RESIDENTS = {
    "birth.newborn": ("baoma", "新生儿母亲本人：出生一件事的进展"),
    "disability_help.disability_help": ("zhuzhu", "残疾人本人：扶残助困一件事的进展"),
    "retirement.retirement": ("tuixiu", "将退休的人：退休一件事的进展"),
    "business_start.start": ("kaidian", "开店的人：企业开办一件事的进展"),
}
"""Residents with accounts of their own, by the one-thing that they file at the portal."""

ACCOUNTS = (
    len(OFFICERS)
    + len(ITEM_DESKS)
    + len(RESIDENTS)
    + len(("desk", "reviewer", "village clerk", "patrol", "resident of the story"))
)
"""How many accounts a place has that has every post."""

CHIEF = "minzhengcdo"
"""Signs the entries of civil affairs."""

REVIEWER = "caizheng"
"""Reviews the budget of projects."""

VILLAGES = 5
"""How many villages the clerk of the story looks after."""

SETTLED = 450
"""Villages that the synthetic people live in: those of a large county, or a part of a city."""

VILLAGE_CLERK, PATROL, TOWN_DESK, RESIDENT = "cunwu", "xuncha", "jiedao", "jumin"
"""Made where the story takes place: the village with most candidates, the flooded gauge's town."""


def parts(journey: Journey) -> list[Part]:
    """Every part, with the village clerk and the patrol in their divisions."""
    villages, gauge = story_villages(journey), flooded_gauge(journey)
    place = villages[0]
    town = journey.library.divisions.get(str(gauge["division"]))
    organs, own = journey.library.organs(), _organ_of(journey, town.code)
    standing = [one for one in (*OFFICERS, *ITEM_DESKS) if _is_there(organs, one)]
    desk = Part(TOWN_DESK, "顾街道", f"{town.name}指挥：受理、派遣、结案", own, "综合指挥员")
    finance = boards.reviewers(journey.library)["finance"]
    return [
        *standing,
        *(one for one in (BUILDER, desk) if _is_there(organs, one)),
        *_publishers(journey, standing),
        *_by_role(organs),
        Part(REVIEWER, "秦财政", "财政局：审核项目预算、运维经费", finance, "项目审核"),
        Part(
            VILLAGE_CLERK,
            "钱村务",
            f"{place.name}等{len(villages)}个村（居）的村务员：核实津贴名单（手机）",
            _organ_of(journey, place.parent),
            "村务员",
            tuple(one.code for one in villages),
        ),
        Part(
            PATROL,
            "赵巡查",
            f"{town.name}巡查员：现场处置、拍照（手机）",
            own,
            "巡查员",
            (town.code,),
        ),
    ]


def _by_role(organs: Mapping[str, Organ]) -> list[Part]:
    """The accounts of ``BY_ROLE`` where the place has such a post: the first that has."""
    found: dict[str, Part] = {}
    for organ, one in organs.items():
        for post, roles in one.roles.items():
            for role in BY_ROLE.keys() & {*roles}:
                found.setdefault(role, Part(*BY_ROLE[role], organ, post))
    return [found[role] for role in BY_ROLE if role in found]


def _publishers(journey: Journey, standing: Sequence[Part]) -> list[Part]:
    """Who proposes what a pack opens, in the organs where nobody above does."""
    tables = (journey.library.table(one.table) for one in journey.library.releases().values())
    organs = journey.library.organs()
    there = {one.organ for one in standing if DATA_OFFICER in one.posts}
    owners = dict.fromkeys(one.owner for one in tables if one.owner not in there)
    without = (one for one in owners if DATA_OFFICER in organs[one].roles)
    return [
        Part(f"kaifang-{organ}", name, f"{organs[organ].title}：提出开放", organ, DATA_OFFICER)
        for name, organ in zip(PUBLISHERS, without, strict=False)
    ]


def _is_there(organs: Mapping[str, Organ], part: Part) -> bool:
    """Whether the place has the part's post; another place has other towns."""
    return not part.organ or (part.organ in organs and {*part.posts} <= {*organs[part.organ].roles})


def story_villages(journey: Journey) -> list[Division]:
    """The villages whose lists are confirmed in the story: the first of the first township."""
    first = all_villages(journey)[0]
    return [one for one in all_villages(journey) if one.parent == first.parent][:VILLAGES]


def all_villages(journey: Journey) -> list[Division]:
    """The lowest divisions of the place, where households live; of a city the first ones."""
    tree = journey.library.divisions
    within = tree.descendants(journey.library.place.division)
    return [division for division in within if not tree.children(division.code)][:SETTLED]


def towns(journey: Journey) -> tuple[Division, ...]:
    """What lies directly below the place: townships of a county, counties of a city."""
    return journey.library.divisions.children(journey.library.place.division)


def flooded_gauge(journey: Journey) -> Mapping[str, object]:
    """The gauge that rises over its warning level."""
    return journey.library.entries("water_level.gauges")[0]


def resident(journey: Journey) -> dict[str, str]:
    """The resident whose file is opened: the oldest of the story's villages with a good account.

    In a county of few people perhaps one without: then the oldest.
    """
    found = journey.lake.rows(
        "SELECT id_number, name, division FROM elder_allowance.candidate_base "
        "WHERE is_alive AND phone IS NOT NULL AND birth_on < $born ORDER BY "
        "CASE WHEN account_status = '1' AND account_holders = 1 THEN 0 ELSE 1 END, birth_on",
        values={"born": journey.begun_at.date() - timedelta(days=366 * 70)},
    )
    villages = {one.code for one in story_villages(journey)}
    return next(one for one in found if one["division"] in villages)


def _organ_of(journey: Journey, division: str) -> str:
    return next(
        name
        for name, organ in journey.library.organs().items()
        if organ.division == division and name.startswith("town-")
    )


def demo_password(home: Path) -> str:
    """The password of all demo accounts: made once, kept readable by the owner only."""
    return kept_secret(
        home / "secrets" / "demo_password", make=lambda: f"Yw-{secrets.token_urlsafe(9)}-7a"
    )


def create(journey: Journey, part: Part) -> None:
    """Make the account unless a killed run made it before."""
    try:
        identity.account(part.username, at=journey.begun_at)
    except identity.AccountUnknown:
        identity.create_account(
            username=part.username,
            name=part.name,
            password=journey.password(),
            password_at=system_clock(),  # the story may lie months back, its passwords do not
            at=journey.begun_at,
            organ=part.organ,
            posts=part.posts,
            divisions=part.divisions,
            duty=part.duty,
        )


def create_resident(
    journey: Journey, person: Mapping[str, str], *, username: str = RESIDENT
) -> None:
    """A resident's own account, for ``person`` of the golden table."""
    try:
        identity.account(username, at=journey.begun_at)
    except identity.AccountUnknown:
        identity.create_account(
            username=username,
            name=person["name"],
            password=journey.password(),
            password_at=system_clock(),  # the story may lie months back, its passwords do not
            at=journey.begun_at,
            kind="person",
            subject=person["id_number"],
        )


def officer(journey: Journey, username: str) -> identity.Officer:
    """The officer behind a part."""
    return identity.officer(username, at=journey.begun_at)


def item_officer(journey: Journey, organ: str, step: str) -> identity.Officer | None:
    """Who handles a step of an item at an organ, where the demo has somebody there."""
    post = DECIDES if step in ("decide", "undo") else REVIEWS
    held = [one for one in ITEM_DESKS if one.organ == organ and post in one.posts]
    return officer(journey, held[0].username) if held else None
