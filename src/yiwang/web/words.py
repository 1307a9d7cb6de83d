"""Words of catalogues that more than one face shows: cycles and types as people call them."""

from django.utils.translation import gettext_lazy as _

CYCLES = {
    "PT0S": _("实时"),
    "P1D": _("每日"),
    "P7D": _("每周"),
    "P1W": _("每周"),
    "P1M": _("每月"),
    "P3M": _("每季"),
    "P1Y": _("每年"),
}
TYPES = {
    "text": _("文字"),
    "integer": _("整数"),
    "decimal": _("小数"),
    "boolean": _("是否"),
    "date": _("日期"),
    "instant": _("时刻"),
    "json": _("结构"),
}
