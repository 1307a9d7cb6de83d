"""The data resource system at work: a census answered by workbook, a signed entry, a scan."""

from datetime import datetime, timedelta
from io import BytesIO

from openpyxl import load_workbook

from yiwang.apps.catalog import public as catalog
from yiwang.apps.identity import public as identity
from yiwang.boot.demo import cast
from yiwang.boot.demo.journey import Balance, Journey, Told

ASKED = ("civil-affairs", "public-security", "health", "market", "water", "human-resources")
SYSTEMS = (
    {
        "title": "社会救助与养老服务系统",
        "abstract": "办理高龄津贴、低保、特困供养。",
        "status": "在用",
        "hosting": "政务云",
        "network": "政务外网",
        "protection": "第三级",
        "source": "civil-affairs",
        "items": "高龄津贴",
        "resources": "城乡低保对象",
    },
    {
        "title": "殡葬服务系统",
        "abstract": "殡仪馆预约和火化登记。",
        "status": "在用",
        "hosting": "部门机房",
        "network": "业务专网",
        "protection": "第二级",
    },
    {
        "title": "老年人能力评估工具",
        "abstract": "入户评估老年人的自理能力。",
        "status": "试试看",
        "hosting": "政务云",
        "network": "政务外网",
        "protection": "未定级",
    },
)
ENTERPRISE = "water-supply"
WATER_USERS = {
    "title": "居民用水户信息",
    "abstract": "供水范围内居民户的户号、地址和抄表水量。",
    "class": "部门信息资源",
    "format": "数据库",
    "items": "用水户号，字符型，12\n户主姓名，字符型，50\n用水地址，字符型，200\n抄表日期，日期型",
    "share": "2",
    "share_condition": "用于核对住房、养老等事项，按需申请",
    "share_mode": "1",
    "open": "3",
    "cycle": "每月",
}


def registers(journey: Journey) -> Told:
    """清单与普查: answers by workbook, one entry signed by its chief, one system scanned."""
    bureau, civil = cast.officer(journey, "shuju"), cast.officer(journey, cast.CHIEF)
    at = journey.begun_at + timedelta(hours=2)
    number = _census(journey, bureau, civil, at)
    answers = catalog.answers(number, actor=bureau, state="given")
    if answers:  # not yet judged by a run that was killed
        catalog.judge_answers(
            number=number,
            answers=[one.id for one in answers[:1]],
            accept=True,
            note="",
            officer=bureau,
            at=at,
        )
    accepted = catalog.answers(number, actor=bureau, state="accepted")[0]
    _sign(accepted.entry, bureau, civil, cast.officer(journey, cast.CHIEF), at)
    if ENTERPRISE in journey.library.organs():
        _enterprise(journey, bureau, at)
    catalog.remind_organs(number=number, officer=bureau, at=at + timedelta(days=1))
    scanned = [
        catalog.scan_source(name, by="shuju", at=journey.told_at) for name in catalog.sources()
    ]
    taken = catalog.imports(number, actor=bureau)[0]
    return Told(
        counts={
            "普查机构": len(ASKED),
            "答卷": taken.read,
            "收录": taken.accepted,
            "退回": taken.rejected,
            "扫描的表": sum(one.found for one in scanned),
            "其中已编目": sum(one.catalogued for one in scanned),
        },
        balances=[Balance("读取 = 收录 + 退回", taken.read, taken.accepted + taken.rejected)],
        page=("steward:campaign", number),
    )


def _census(
    journey: Journey, bureau: identity.Officer, civil: identity.Officer, at: datetime
) -> str:
    earlier = catalog.campaigns(actor=bureau)  # of a run that was killed
    if earlier and catalog.imports(earlier[0].number, actor=bureau):
        return earlier[0].number
    number = (
        earlier[0].number
        if earlier
        else catalog.open_campaign(
            title=f"{at.year}年信息系统和数据需求普查",
            lists=["system", "demand"],
            organs=ASKED,
            due_on=(at + timedelta(days=30)).date(),
            officer=bureau,
            at=at,
        )
    )
    catalog.import_answers(
        number=number,
        list_name="system",
        name="民政局信息系统.xlsx",
        content=_filled(),
        officer=civil,
        at=at,
    )
    catalog.report_nil(
        number=number, list_name="demand", reason="需求已在平台提出。", officer=civil, at=at
    )
    return number


def _filled() -> bytes:
    """The template as civil affairs filled it in, with one value no code table knows."""
    kind = catalog.list_kind("system")
    book = load_workbook(BytesIO(catalog.template(kind, catalog.codes())))
    sheet = book.active
    assert sheet is not None
    for row in SYSTEMS:
        sheet.append([row.get(field.name, "") for field in kind.fields])
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _enterprise(journey: Journey, bureau: identity.Officer, at: datetime) -> None:
    """A public enterprise keeps its data list under the same metadata and signs it itself."""
    own = cast.officer(journey, "gongshui")
    drafts = catalog.list_entries("data", actor=own, organ=own.organ, limit=1)  # of a killed run
    number = (
        drafts[0].number
        if drafts
        else catalog.draft_entry(
            list_name="data", organ=own.organ, given=WATER_USERS, officer=own, at=at
        )
    )
    _sign(number, bureau, own, own, at)


def _sign(
    number: str,
    bureau: identity.Officer,
    drafter: identity.Officer,
    chief: identity.Officer,
    at: datetime,
) -> None:
    catalog.set_duty(
        organ=chief.organ, duty="chief", username=chief.username, officer=bureau, at=at
    )
    entry = catalog.list_entry(number, actor=bureau)
    if entry.state == "draft":
        catalog.submit_entry(number=number, officer=drafter, at=at)
    if entry.state in ("draft", "checking"):
        catalog.check_entry(number=number, passes=True, reason="", officer=bureau, at=at)
    if entry.state != "published":
        catalog.publish_entry(number=number, officer=chief, at=at + timedelta(hours=3))
