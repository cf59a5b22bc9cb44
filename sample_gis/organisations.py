"""Organisations (组织/法人): companies, traders and institutions in the city's buildings."""

import numpy as np
import shapely

from sample_gis import chance, codes, frame
from sample_gis.blocks import Built
from sample_gis.housing import Housing
from sample_gis.layer import Layer, text
from sample_gis.people import People

TRADES = {
    # use of the building → (credit code kind, industry of GB/T 4754, endings of the name, share of rooms taken)
    "commercial": (("92", "批发和零售业", ("便利店", "烟酒店", "五金店", "服装店", "文具店", "药房", "水果店"), 0.34),
                   ("92", "住宿和餐饮业", ("面馆", "小吃店", "火锅店", "茶餐厅", "早餐店", "烧烤店"), 0.2),
                   ("92", "居民服务业", ("理发店", "洗衣店", "修理铺", "足浴店", "照相馆"), 0.12)),
    "office": (("91", "信息传输、软件和信息技术服务业", ("科技有限公司", "信息技术有限公司", "软件有限公司"), 0.1),
               ("91", "租赁和商务服务业", ("商务服务有限公司", "咨询有限公司", "人力资源有限公司"), 0.08),
               ("91", "金融业", ("投资管理有限公司", "保险代理有限公司"), 0.04),
               ("91", "建筑业", ("建筑工程有限公司", "装饰工程有限公司"), 0.05)),
    "market": (("92", "批发和零售业", ("蔬菜摊", "水产行", "肉铺", "粮油行", "干货行", "水果批发部"), 0.5),),
    "industrial": (("91", "制造业", ("机械有限公司", "五金制品有限公司", "电子有限公司"), 0.6),),
}
INSTITUTIONS = {
    # words in the name of a building → (kind, industry)
    "教学楼": ("12", "教育"), "幼儿园": ("52", "教育"), "门诊医技楼": ("12", "卫生和社会工作"),
    "办事处": ("11", "公共管理和社会组织"), "派出所": ("11", "公共管理和社会组织"),
    "卫生服务中心": ("12", "卫生和社会工作"), "颐养中心": ("52", "卫生和社会工作"),
    "文化馆": ("12", "文化、体育和娱乐业"),
    "体育场": ("12", "文化、体育和娱乐业"), "党群服务站": ("52", "公共管理和社会组织"),
}
_FIRST = "华鑫恒瑞盛宏嘉新永德安泰福祥锦云江沙望湖青螺镜晨星海天金玉百佳顺和众诚博雅"
_SECOND = "达通源盛泰丰隆兴顺康宁安美佳和信诚昌茂瑞欣悦翔腾远航拓智汇"


def organise(built: Built, housing: Housing, people: People, seed: int) -> Layer:
    """Return ``organisations``: code (18, GB 32100), name, industry, building_code; Point, EPSG:4490.

    Traders stand in rooms that are not vacant, institutions in the buildings named for them.
    """
    rng = chance.stream(seed, "organisations")
    use = housing.rooms["use"].astype("U12")
    taken = people.rooms["tenure"].astype("U8") != "vacant"
    rows, names = [], set()
    for kind_of_room, trades in TRADES.items():
        rooms = np.flatnonzero((use == kind_of_room) & taken)
        draw = rng.random(len(rooms))
        low = 0.0
        for kind, industry, endings, share in trades:
            for room in rooms[(draw >= low) & (draw < low + share)]:
                name = _trade_name(rng, endings, names, kind)
                rows.append((kind, name, industry, int(housing.room_building[room])))
            low += share
    for building, label in enumerate(housing.buildings["name"]):
        for word, (kind, industry) in INSTITUTIONS.items():
            site = built.sites[housing.building_site[building]].name
            name = f"{site}{word}" if word in ("党群服务站", "幼儿园", "颐养中心") else \
                (label if kind == "11" or "中心" in word or "馆" in word or "场" in word else site)
            if word in label and name not in names:
                names.add(name)
                rows.append((kind, name, industry, building))
    rows.sort(key=lambda row: row[3])
    first = int(rng.integers(10_000_000, 40_000_000))
    building = np.array([row[3] for row in rows], int)
    points = frame.to_degrees(housing.anchor[building] + rng.uniform(-1.5, 1.5, (len(rows), 2)))
    return Layer("organisations", {
        "code": text(codes.credit_code(row[0], first + 7 * i) for i, row in enumerate(rows)),
        "name": text(row[1] for row in rows), "industry": text(row[2] for row in rows),
        "building_code": housing.buildings["code"][building],
    }, shapely.points(points), "Point")


def _trade_name(rng, endings, names, kind) -> str:
    """Return a name that nobody in the city has."""
    while True:
        brand = _FIRST[int(rng.integers(len(_FIRST)))] + _SECOND[int(rng.integers(len(_SECOND)))]
        ending = endings[int(rng.integers(len(endings)))]
        name = f"望江区{brand}{ending}" if kind == "92" else f"望江{brand}{ending}"
        if name not in names:
            names.add(name)
            return name
        brand_number = int(rng.integers(2, 99))
        name = f"{name}（{brand_number}店）" if kind == "92" else f"{name}第{brand_number}分公司"
        if name not in names:
            names.add(name)
            return name
