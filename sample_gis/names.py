"""Names of people and organisations, drawn from common characters.

Surname frequencies follow the order of the most frequent ones published by the Ministry
of Public Security; any likeness to a person is chance.
"""

import numpy as np

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万钱严赖洪武莫孔"
)
_COMPOUND = ("欧阳", "司马", "上官", "诸葛")
_RARE_WEIGHT = 0.05

_GIVEN = {
    # (sex, cohort): cohort 0 born before 1965, 1 before 1990, 2 later
    ("M", 0): ("国建志德永福金明文华根兴富贵荣宝庆祥发长春生林海山成义忠",
               "民国华明林生根发荣祥福贵海山安平全成林军昌旺喜"),
    ("M", 1): ("伟强勇军磊涛斌鹏杰俊峰超建志海东晓文永振宏庆", "伟强勇军磊涛斌鹏杰峰超辉波刚平华明亮飞龙林东海"),
    ("M", 2): ("子浩宇俊梓一嘉思明天泽铭奕博家承睿星", "轩宇涵豪泽睿辰阳浩然杰凯瑞博洋晨霖航毅恒"),
    ("F", 0): ("秀桂玉淑美凤兰素翠月金彩爱慧惠雪", "英兰珍芳华珠莲梅香云凤琴娥玲芬花仙妹"),
    ("F", 1): ("丽敏静艳娟霞芳燕红晓海春秀小玉文雪冬", "丽敏静艳娟霞芳燕红萍玲梅琴云莉婷娜洁颖华"),
    ("F", 2): ("梓欣雨诗思佳子一语嘉可若依心梦紫", "涵萱怡彤琪妍婷瑶悦雯欣然菲琳馨桐宁月"),
}
_SINGLE_SHARE = (0.22, 0.42, 0.15)


def surnames(rng: np.random.Generator, count: int) -> np.ndarray:
    """Return surnames, the common ones more often."""
    rank = np.arange(1, len(_SURNAMES) + 1)
    weight = np.r_[1 / (rank + 4.0), np.full(len(_COMPOUND), 1 / (len(rank) + 4.0) * _RARE_WEIGHT)]
    return rng.choice(np.array([*_SURNAMES, *_COMPOUND]), size=count, p=weight / weight.sum())


def given_names(rng: np.random.Generator, male: np.ndarray, birth_year: np.ndarray) -> np.ndarray:
    """Return given names of one or two characters that suit sex and cohort.

    Args:
        male: bool (n,); birth_year: int (n,).
    """
    cohort = np.digitize(birth_year, (1965, 1990))
    out = np.empty(len(male), dtype="U2")
    for (sex, group), (first, last) in _GIVEN.items():
        here = np.flatnonzero((male == (sex == "M")) & (cohort == group))
        one = rng.choice(np.array(list(first)), size=len(here))
        two = rng.choice(np.array(list(last)), size=len(here))
        single = (rng.random(len(here)) < _SINGLE_SHARE[group]) | (one == two)
        out[here] = np.where(single, two, np.char.add(one, two))
    return out


def people(rng: np.random.Generator, family: np.ndarray, male: np.ndarray, birth_year: np.ndarray) -> np.ndarray:
    """Return full names: surname as given, given name by sex and cohort."""
    return np.char.add(family, given_names(rng, male, birth_year))
