"""The plan of the city as a planner would draw it: control points, uses, names.

Pure data. Coordinates are metres of the local frame (x east, y north; see `frame`).
Nothing here is random: the seed changes houses and people, not the streets.
"""

from dataclasses import dataclass

COUNTY = ("999001000000", "望江区", "Wangjiang District")
STREET = ("999001001000", "沙盘街道", "Shapan Street")
COMMUNITIES = (
    ("999001001001", "学府社区", "Xuefu Community"),
    ("999001001002", "青山社区", "Qingshan Community"),
    ("999001001003", "镜湖社区", "Jinghu Community"),
    ("999001001004", "老街社区", "Laojie Community"),
    ("999001001005", "河湾社区", "Hewan Community"),
    ("999001001006", "工新社区", "Gongxin Community"),
)

RIVER = ("沙河", "Sha River", [
    (-3200, 330), (-2500, 420), (-1900, 375), (-1330, 160), (-800, -130), (-280, -175), (250, 40),
    (650, 290), (1090, 320), (1480, 80), (1900, -230), (2500, -360), (3200, -300),
])
RIVER_HALF_WIDTH = 42.0
BANK_OFFSET = 108.0
"""Distance in metres from the river's centre line to each bank road."""

LAKE = ("镜湖", "Jing Lake", [
    (-545, 435), (-480, 512), (-380, 520), (-300, 470), (-235, 480), (-205, 415), (-262, 350),
    (-300, 285), (-400, 268), (-455, 320), (-530, 345),
])
LAKE_ISLAND = [(-372, 395), (-340, 412), (-318, 390), (-345, 368)]
PONDS = (
    ("荷塘", [(-1585, 1), (-1530, 40), (-1470, 22), (-1465, -30), (-1530, -48), (-1580, -35)]),
    ("海棠池", [(1050, -215), (1085, -195), (1125, -205), (1120, -245), (1070, -255)]),
    ("砚池", [(-985, 985), (-945, 1003), (-900, 985), (-912, 950), (-965, 946)]),
)


@dataclass(frozen=True)
class Road:
    """A road as drawn: control points of its centre line, metres.

    ``boundary`` roads bound faces of the city (grids follow them). ``trim_start`` and
    ``trim_end`` cut the line at its first or last junction (it was drawn a little too long).
    """

    name: str
    name_en: str
    kind: str
    width_m: float
    points: list
    boundary: bool = True
    trim_start: bool = True
    trim_end: bool = True
    frame: bool = False


def _ring(name, name_en, kind, width, points):
    return Road(name, name_en, kind, width, points, trim_start=False, trim_end=False, frame=True)


def _through(name, name_en, width, points, kind="arterial"):
    return Road(name, name_en, kind, width, points, trim_start=False, trim_end=False)


def _inner(name, name_en, points, width=12, boundary=True):
    return Road(name, name_en, "inner", width, points, boundary=boundary)


def _secondary(name, name_en, points, width=24):
    return Road(name, name_en, "secondary", width, points)


ROADS = (
    _ring("北环路", "North Ring Road", "arterial", 36, [
        (-3200, 700), (-2300, 800), (-1640, 905), (-1150, 1060), (-600, 1165), (0, 1150), (480, 1110), (900, 1160),
        (1350, 1210), (1900, 1130), (2600, 1060), (3200, 1080)]),
    _ring("东环路", "East Ring Road", "arterial", 36, [
        (1990, 2500), (1900, 1750), (1770, 1130), (1660, 640), (1650, 60), (1590, -480), (1420, -1000),
        (1310, -1600), (1250, -2500)]),
    _ring("南环路", "South Ring Road", "secondary", 26, [
        (-3200, -880), (-2400, -930), (-1650, -960), (-1100, -1090), (-400, -1130), (300, -1060), (900, -1050),
        (1400, -1010), (2300, -1130), (3200, -1100)]),
    _ring("西江路", "Xijiang Road", "secondary", 26, [
        (-1900, 2500), (-1730, 1500), (-1650, 905), (-1600, 600), (-1660, 270), (-1740, -200), (-1690, -600),
        (-1660, -980), (-1740, -1700), (-1800, -2500)]),
    _through("人民路", "Renmin Road", 42, [
        (-420, 2500), (-290, 1600), (-230, 1150), (-160, 640), (-120, 100), (-95, -300), (-140, -640), (-90, -1120),
        (-30, -1700), (40, -2500)]),
    _through("迎宾大道", "Yingbin Avenue", 40, [
        (-3200, 380), (-2500, 560), (-1620, 575), (-1060, 610), (-600, 640), (-160, 600), (300, 640), (700, 700),
        (1150, 735), (1670, 640), (2400, 560), (3200, 600)]),
    _through("沙盘大道", "Shapan Avenue", 44, [
        (-3200, -260), (-2400, -400), (-1720, -400), (-1080, -500), (-600, -555), (-120, -520), (350, -420),
        (760, -360),
        (1160, -380), (1590, -480), (2300, -560), (3200, -500)]),
    _secondary("科学路", "Kexue Road", [
        (-1260, 1110), (-1150, 1000), (-1075, 620), (-1040, 150), (-1060, -220), (-1085, -520), (-1090, -800),
        (-1110, -1140)]),
    _secondary("文昌路", "Wenchang Road", [
        (500, 1170), (560, 900), (640, 640), (700, 290), (735, -60), (740, -400), (690, -760), (670, -1100)]),
    _secondary("东湖路", "Donghu Road", [
        (1300, 1000), (1225, 740), (1190, 480), (1215, 240), (1225, -60), (1165, -400), (1120, -700),
        (1085, -1090)], 22),
    _secondary("学府路", "Xuefu Road", [
        (-1680, 790), (-1180, 835), (-650, 905), (-190, 890), (250, 900), (560, 925), (900, 960), (1240, 940),
        (1500, 900), (1790, 925)], 22),
    _secondary("工农路", "Gongnong Road", [
        (-1740, -700), (-1090, -790), (-600, -845), (-120, -835), (300, -740), (700, -700), (1120, -705),
        (1560, -770)], 22),
    _secondary("镜湖路", "Jinghu Road", [(-1100, 225), (-820, 195), (-480, 190), (-80, 215)], 20),
    _inner("育才路", "Yucai Road", [(-650, 1180), (-648, 900), (-625, 640), (-622, 400), (-660, 190), (-655, -220)],
           16),
    _inner("钟楼街", "Zhonglou Street", [(-655, -220), (-598, -330), (-600, -560), (-590, -845), (-560, -1150)], 16),
    _inner("桃源路", "Taoyuan Road", [(195, 1160), (222, 900), (262, 630), (280, 300), (262, 20)], 16),
    _inner("市府路", "Shifu Road", [(262, 20), (300, -180), (318, -430), (295, -740), (270, -1080)], 16),
    _inner("桥南路", "Qiaonan Road", [(-150, 255), (90, 300), (300, 330), (480, 290), (720, 330)], 16),
    _inner("东兴路", "Dongxing Road", [(700, -20), (960, -45), (1250, -30)], 16),
    _inner("柳荫路", "Liuyin Road", [(290, -180), (520, -150), (760, -170)], 14),
    _inner("莲花路", "Lianhua Road", [(-1780, -190), (-1400, -180), (-1240, -150), (-1040, -170)], 16),
)

INNER_CUTS = (
    # Streets inside a face: they divide it into blocks but bound no grid.
    _inner("书香路", "Shuxiang Road", [(-445, 1180), (-440, 900), (-415, 600)], boundary=False),
    _inner("梧桐路", "Wutong Road", [(-1380, 830), (-1330, 700), (-1350, 570)], boundary=False),
    _inner("文华街", "Wenhua Street", [(-1110, 735), (-880, 745), (-630, 790)], boundary=False),
    _inner("松涛路", "Songtao Road", [(395, 1150), (405, 900), (455, 640)], boundary=False),
    _inner("丁香路", "Dingxiang Road", [(5, 1180), (10, 900), (60, 600)], boundary=False),
    _inner("望山街", "Wangshan Street", [(530, 812), (900, 840), (1290, 835)], boundary=False),
    _inner("枫林路", "Fenglin Road", [(932, 1010), (915, 830), (905, 660)], boundary=False),
    _inner("云岭路", "Yunling Road", [(1440, 920), (1430, 800), (1440, 640)], boundary=False),
    _inner("安康路", "Ankang Road", [(-1330, 600), (-1345, 420), (-1390, 130)], boundary=False),
    _inner("水岸街", "Shui'an Street", [(-858, 260), (-870, 60), (-880, -60)], boundary=False),
    _inner("金融街", "Jinrong Street", [(55, 640), (75, 450), (90, 300)], boundary=False),
    _inner("双桥路", "Shuangqiao Road", [(460, 690), (485, 500), (490, 280)], boundary=False),
    _inner("碧波路", "Bibo Road", [(942, 790), (935, 540), (950, 330)], boundary=False),
    _inner("晴川街", "Qingchuan Street", [(1190, 480), (1430, 455), (1680, 470)]),
    _inner("同心路", "Tongxin Road", [(-1400, -180), (-1385, -320), (-1370, -470)], boundary=False),
    _inner("当铺巷", "Dangpu Lane", [(-850, -60), (-840, -300), (-830, -550)], 9, boundary=False),
    _inner("鼓楼巷", "Gulou Lane", [(-380, -170), (-365, -330), (-350, -560)], 9, boundary=False),
    _inner("横街", "Heng Street", [(-1080, -330), (-840, -325), (-600, -340), (-360, -345), (-80, -320)], 10,
           boundary=False),
    _inner("市民路", "Shimin Road", [(110, -60), (115, -280), (105, -500)], boundary=False),
    _inner("樱花路", "Yinghua Road", [(985, 320), (975, 150), (970, -60)], boundary=False),
    _inner("海棠路", "Haitang Road", [(965, -30), (955, -200), (960, -390)], boundary=False),
    _inner("紫薇路", "Ziwei Road", [(1200, -220), (1420, -215), (1650, -230)], boundary=False),
    _inner("建设街", "Jianshe Street", [(-1395, -420), (-1400, -600), (-1390, -770)], boundary=False),
    _inner("友谊街", "Youyi Street", [(-840, -510), (-845, -680), (-835, -840)], boundary=False),
    _inner("和平街", "Heping Street", [(-355, -540), (-350, -700), (-345, -860)], boundary=False),
    _inner("团结街", "Tuanjie Street", [(88, -400), (80, -640), (75, -800)], boundary=False),
    _inner("朝阳路", "Chaoyang Road", [(520, -380), (505, -560), (495, -740)], boundary=False),
    _inner("金桂路", "Jingui Road", [(938, -300), (915, -540), (900, -720)], boundary=False),
    _inner("长青路", "Changqing Road", [(1360, -420), (1330, -580), (1290, -750)], boundary=False),
    _inner("前进路", "Qianjin Road", [(-1400, -740), (-1410, -900), (-1410, -1060)], boundary=False),
    _inner("纺织路", "Fangzhi Road", [(-840, -820), (-835, -980), (-820, -1140)], boundary=False),
    _inner("机修路", "Jixiu Road", [(80, -780), (85, -940), (90, -1110)], boundary=False),
    _inner("仓储路", "Cangchu Road", [(480, -710), (470, -880), (465, -1080)], boundary=False),
    _inner("湖滨路", "Hubin Road", [(-392, 250), (-388, 60), (-385, -120)], boundary=False),
    _inner("明珠路", "Mingzhu Road", [(900, -640), (895, -860), (880, -1110)], boundary=False),
)
