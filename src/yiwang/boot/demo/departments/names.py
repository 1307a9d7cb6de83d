"""Names as a county's registers show them: by cohort, with rare and traditional characters."""

from datetime import date
from random import Random

SURNAMES = (
    "王 李 张 刘 陈 杨 徐 孙 朱 吴 周 赵 胡 高 葛 庄 仓 席 倪 史 卢 蔡 丁 沈 陆 汤 谢 唐 韩 曹 "
    "许 邓 萧 冯 曾 程 蒋 潘 袁 于 董 余 苏 叶 吕 魏 杜 戴 夏 钟 汪 田 任 姜 范 方 石 姚 谭 廖 "
    "欧阳 司马 诸葛 尉迟"
).split()

_GIVEN = {
    (1, 1960): "国强 建国 永福 德才 长贵 学文 振华 兆林 怀玉 广田 士俊 传英 继昌 守业 保田 福生",
    (2, 1960): "秀英 桂兰 玉兰 桂英 素珍 凤英 秀兰 兰英 淑珍 翠英 巧云 二妮 小兰 月娥 金凤 素云",
    (1, 1985): "伟 军 勇 强 磊 涛 斌 波 建军 海涛 志强 卫东 立新 红兵 国庆 明 刚 超 峰 鹏",
    (2, 1985): "芳 敏 静 丽 艳 娟 霞 燕 红梅 海燕 春梅 丽娟 爱华 红 琴 玲 萍 慧 颖 雪梅",
    (1, 2005): "浩 杰 俊杰 宇 鑫 帅 志豪 文博 天宇 子豪 家豪 凯 旭东 晨 龙 冠宇 子健 明轩",
    (2, 2005): "婷 雪 倩 欣怡 雨婷 思雨 佳怡 梦婷 悦 婷婷 雅琪 静怡 诗涵 梦瑶 佳慧 晓彤",
    (1, 2100): "浩然 子轩 宇轩 沐辰 奕辰 宇泽 一诺 俊熙 梓睿 铭泽 星睿 亦宸 泽宇 锦程 昊天 承恩",
    (2, 2100): "梓涵 欣妍 若汐 语桐 一诺 诗雨 可馨 梓萱 依诺 沐晴 芷若 书瑶 雨桐 清妍 奕瑶 安然",
}

RARE = ("𬭎", "𬎆", "𣸣", "喆", "堃", "芃", "𠅤", "䶮", "彧", "鑫")
"""Characters at the edge of the code tables; four lie outside the basic plane."""


def surname(random: Random) -> str:
    """A surname; the front of the list is commoner, as in the county."""
    return SURNAMES[min(int(random.expovariate(1 / 14)), len(SURNAMES) - 1)]


def given_name(random: Random, *, sex: int, born: date) -> str:
    """A given name of the cohort; one in 300 has a rare character."""
    latest = next(year for (of, year) in _GIVEN if of == sex and born.year < year)
    name = random.choice(_GIVEN[sex, latest].split())
    if random.random() < 1 / 300:
        return name[:-1] + random.choice(RARE)
    return name
