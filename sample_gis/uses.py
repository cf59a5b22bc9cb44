"""What every grid and every block of the city is for. Pure data, metres of the local frame."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Block:
    """A piece of land between streets: a point in it, its use, and its name.

    ``use`` is a key of `sample_gis.builders.BUILDERS`.
    """

    at: tuple[float, float]
    use: str
    name: str
    name_en: str


@dataclass(frozen=True)
class Face:
    """A grid as planned: community 1–6, kind, a point in each of its faces, its blocks."""

    community: int
    kind: str
    name: str
    at: tuple[tuple[float, float], ...]
    blocks: tuple[Block, ...]
    small: bool = False


def _basic(community, *blocks, at=None, small=False):
    made = tuple(Block(*block) for block in blocks)
    return Face(community, "basic", made[0].name, at or (made[0].at,), made, small)


def _special(community, name, *blocks, at=None):
    made = tuple(Block(*block) for block in blocks)
    return Face(community, "special", name, at or (made[0].at,), made)


FACES = (
    # 学府社区: the north-west, around the college
    _basic(1, ((-1329, 915), "slab11", "学府雅苑", "Xuefu Garden")),
    _special(1, "望江职业学院", ((-898, 1003), "college", "望江职业学院", "Wangjiang Vocational College")),
    _basic(1, ((-546, 1019), "slab6", "育才新村", "Yucai Village"),
           ((-335, 1025), "tech", "学府科技园", "Xuefu Science Park")),
    _basic(1, ((-1467, 705), "slab6", "梧桐苑", "Wutong Court"),
           ((-1214, 722), "primary", "学府小学", "Xuefu Primary School")),
    _basic(1, ((-870, 824), "slab5", "文华新村", "Wenhua Village"),
           ((-854, 693), "slab11", "文华花园", "Wenhua Garden")),
    _basic(1, ((-308, 743), "tower", "翰林府", "Hanlin Mansion"),
           ((-534, 784), "park", "书香公园", "Shuxiang Park")),
    # 青山社区: the north-east, at the foot of the hill
    _basic(2, ((-96, 1019), "slab6", "青松小区", "Qingsong Estate"),
           ((106, 1020), "slab5", "青竹小区", "Qingzhu Estate")),
    _basic(2, ((305, 1004), "slab11", "丁香苑", "Dingxiang Court"),
           ((463, 1008), "park", "松涛园", "Songtao Garden")),
    _basic(2, ((-62, 745), "tower", "翠屏公馆", "Cuiping Residence"),
           ((137, 755), "tech", "丁香软件园", "Dingxiang Software Park")),
    _basic(2, ((331, 796), "slab11", "松涛花园", "Songtao Estate"),
           ((504, 796), "business", "松涛商务中心", "Songtao Business Centre")),
    _special(2, "青螺山公园", ((1135, 1058), "hill", "青螺山公园", "Qingluo Hill Park")),
    _basic(2, ((750, 890), "villa", "云岭山庄", "Yunling Villas"),
           ((1080, 900), "villa", "枫林山庄", "Fenglin Villas"),
           ((780, 775), "tower", "望山公馆", "Wangshan Residence"),
           ((1080, 785), "middle", "青山中学", "Qingshan Middle School")),
    _basic(2, ((1551, 780), "tower", "青山国际", "Qingshan International"),
           ((1341, 823), "centre", "青山邻里中心", "Qingshan Neighbourhood Centre"), small=True),
    _basic(2, ((800, 560), "tower", "碧波湾", "Bibo Bay"),
           ((1060, 570), "tech", "沙河数字产业园", "Sha River Digital Park")),
    _basic(2, ((1423, 587), "slab6", "晴川新村", "Qingchuan Village"), small=True),
    _basic(2, ((1506, 300), "slab11", "晴川雅苑", "Qingchuan Court"), small=True),
    # 镜湖社区: the middle, between the avenue and the river
    _basic(3, ((-1204, 354), "slab6", "安康新村", "Ankang Village"),
           ((-1477, 450), "centre", "安康邻里中心", "Ankang Neighbourhood Centre")),
    _special(3, "望江区人民医院",
             ((-835, 408), "hospital", "望江区人民医院", "Wangjiang District People's Hospital")),
    _special(3, "镜湖公园", ((-387, 370), "lake", "镜湖公园", "Jing Lake Park")),
    _basic(3, ((-760, 78), "slab11", "水岸花园", "Shui'an Garden"),
           ((-950, 110), "tower", "水岸名邸", "Shui'an Residence")),
    _basic(3, ((-520, 57), "tower", "镜湖湾", "Jinghu Bay"),
           ((-290, 57), "business", "湖滨商务区", "Lakeside Business Quarter")),
    _special(3, "金融城", ((-25, 426), "office", "望江金融城", "Wangjiang Financial Centre"),
             ((174, 458), "office", "沙河国际中心", "Sha River International Centre")),
    _basic(3, ((69, 170), "tower", "江景华府", "Jiangjing Mansion")),
    _basic(3, ((381, 486), "slab6", "双桥新村", "Shuangqiao Village"),
           ((571, 515), "primary", "双桥小学", "Shuangqiao Primary School"),
           ((320, 249), "park", "双桥游园", "Shuangqiao Garden"), at=((381, 486), (399, 222))),
    # 老街社区: the old town south of the river
    _special(4, "荷塘体育公园", ((-1486, -60), "sports", "荷塘体育公园", "Lotus Pond Sports Park")),
    _basic(4, ((-1558, -297), "slab6", "莲花新村", "Lianhua Village"),
           ((-1230, -311), "creative", "同心文创园", "Tongxin Creative Park")),
    _basic(4, ((-1543, -578), "slab5", "建设新村", "Jianshe Village"),
           ((-1247, -623), "middle", "望江第二中学", "Wangjiang No. 2 Middle School")),
    _basic(4, ((-953, -421), "lanes", "当铺巷", "Dangpu Lanes"), ((-955, -235), "lanes", "河沿里", "Heyan Lanes"),
           ((-737, -289), "lanes", "船坞里", "Chuanwu Lanes"), ((-716, -422), "slab5", "横街小区", "Hengjie Estate")),
    _basic(4, ((-474, -477), "lanes", "钟楼里", "Zhonglou Lanes"), ((-482, -319), "lanes", "望河里", "Wanghe Lanes"),
           ((-207, -298), "lanes", "鼓楼里", "Gulou Lanes"), ((-245, -452), "market", "老街菜市场",
                                                              "Old Street Market")),
    _basic(4, ((-964, -666), "slab5", "友谊新村", "Youyi Village"),
           ((-722, -690), "slab6", "友谊小区", "Youyi Estate")),
    _basic(4, ((-472, -721), "slab5", "和平里", "Hepingli"),
           ((-252, -700), "slab6", "和平花园", "Heping Garden")),
    # 河湾社区: inside the bend of the river
    _special(5, "市民中心", ((16, -324), "civic", "沙盘街道市民中心", "Shapan Civic Centre"),
             ((211, -264), "mall", "沙盘天地", "Shapan Plaza")),
    _basic(5, ((-20, -640), "slab6", "团结新村", "Tuanjie Village"),
           ((190, -620), "slab6", "市府小区", "Shifu Estate")),
    _basic(5, ((568, 5), "tower", "河湾一品", "Hewan One")),
    _basic(5, ((525, -287), "slab6", "柳荫小区", "Liuyin Estate")),
    _basic(5, ((408, -571), "slab6", "朝阳新村", "Chaoyang Village"),
           ((611, -548), "primary", "朝阳小学", "Chaoyang Primary School")),
    _basic(5, ((851, 110), "slab11", "樱花园", "Yinghua Garden"),
           ((1096, 107), "tower", "樱花里", "Yinghua Residence")),
    _basic(5, ((851, -186), "slab6", "海棠苑", "Haitang Court"),
           ((1078, -190), "park", "海棠公园", "Haitang Park")),
    _basic(5, ((820, -540), "slab6", "金桂苑", "Jingui Court"),
           ((1050, -540), "slab11", "金桂花园", "Jingui Garden")),
    _basic(5, ((1391, -345), "slab11", "紫薇园", "Ziwei Garden"),
           ((1350, -54), "site", "河湾二期工地", "Hewan Phase II Site")),
    _basic(5, ((1238, -565), "slab6", "长青小区", "Changqing Estate"),
           ((1436, -595), "tower", "长青国际", "Changqing International")),
    # 工新社区: works and workers' villages in the south
    _special(6, "望江机械工业园", ((-1532, -857), "factory", "望江机械厂", "Wangjiang Machine Works"),
             ((-1256, -920), "factory", "望江机械厂", "Wangjiang Machine Works"),
             ((-964, -966), "factory", "沙河纺织厂", "Sha River Textile Mill"),
             ((-709, -965), "factory", "新源电子厂", "Xinyuan Electronics"), at=((-1370, -887), (-840, -970))),
    _basic(6, ((-346, -1008), "slab6", "工新新村", "Gongxin Village")),
    _basic(6, ((-3, -984), "slab5", "机修一村", "Jixiu First Village"),
           ((183, -872), "slab5", "机修二村", "Jixiu Second Village")),
    _special(6, "农副产品批发市场",
             ((377, -915), "depot", "望江农副产品批发市场", "Wangjiang Wholesale Market"),
             ((573, -877), "depot", "望江物流园", "Wangjiang Logistics Park")),
    _basic(6, ((790, -870), "slab6", "明珠新村", "Mingzhu Village"),
           ((1000, -880), "middle", "工新中学", "Gongxin Middle School")),
    _basic(6, ((1278, -867), "tower", "南苑国际", "Nanyuan International")),
)
"""The 47 grids. Those with ``small=True`` are the city of ``--size small``."""
