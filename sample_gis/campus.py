"""Builders of schools, the college and the hospital: buildings around grounds."""

import numpy as np
from shapely import affinity

from sample_gis import shapes
from sample_gis.layout import Plot


def _track(plot: Plot, length: float, width: float, at) -> None:
    """Lay a running track with a lawn inside, long side north to south as the rules want."""
    oval = plot.lay_at(shapes.track(length, width), at, 6, "track", f"{plot.site.name}田径场")
    if oval is not None:
        plot.lay(oval.buffer(-width * 0.105), "pitch", f"{plot.site.name}足球场")


def _courts(plot: Plot, count: int, at) -> None:
    for _ in range(count):
        plot.lay_at(shapes.rect(17, 30), at, 2.5, "court", "篮球场")


def primary(plot: Plot, rng: np.random.Generator) -> None:
    """Build a primary school: teaching wings, a hall, a canteen, a 200 m track."""
    west = bool(rng.random() < 0.5)
    side = 0.02 if west else 0.98
    other = 1 - side
    _track(plot, 118, 62, (side, 0.4))
    block = {"use": "school", "kind": "block", "storey_m": 3.7}
    plot.put(shapes.comb(52, 76, 10, 3, 12), (other, 0.6), 9, floors=4, label="教学楼", rooms=(12, 68), **block)
    plot.put(shapes.ell(40, 26, 12, "ne"), (other, 0.02), 8, floors=3, label="综合楼", rooms=(6, 60), **block)
    plot.put(shapes.rect(34, 22), (side, 0.98), 7, floors=2, label="风雨操场", rooms=(2, 300), **block)
    plot.put(shapes.rect(30, 17), (0.5, 0.98), 6, floors=2, label="食堂", rooms=(2, 220), **block)
    plot.put(shapes.rect(7, 5), (0.5, 0.0), 4, use="other", kind="small", floors=1, storey_m=3.3, label="门卫室")
    _courts(plot, 3, (0.5, 0.4))


def middle(plot: Plot, rng: np.random.Generator) -> None:
    """Build a middle school: two teaching blocks, laboratory, dormitory, a 300 or 400 m track."""
    big = plot.site.geom.area > 45_000
    side = 0.02 if rng.random() < 0.5 else 0.98
    _track(plot, *((172, 86) if big else (132, 72)), (side, 0.35))
    block = {"use": "school", "kind": "block", "storey_m": 3.8}
    other = 1 - side
    plot.put(shapes.court(66, 44, 12, "south"), (other, 0.55), 9, floors=5, label="教学楼", rooms=(12, 72), **block)
    plot.put(shapes.ell(54, 30, 13, "sw"), (other, 0.05), 9, floors=5, label="实验楼", rooms=(8, 85), **block)
    plot.put(shapes.bar(58, 16, 4), (other, 0.98), 8, floors=5, label="行政楼", rooms=(8, 60), **block)
    plot.put(shapes.rect(44, 30), (side, 0.98), 8, floors=2, label="体育馆", rooms=(2, 500), **block)
    plot.put(shapes.rect(36, 20), (0.5, 0.98), 8, floors=3, label="食堂", rooms=(2, 300), **block)
    if big:
        plot.put(shapes.slab(4, 14, 15, "plain"), (0.5, 0.9), 8, floors=6, label="学生宿舍", rooms=(3, 30), **block)
    plot.put(shapes.rect(8, 5), (0.5, 0.0), 4, use="other", kind="small", floors=1, storey_m=3.3, label="门卫室")
    _courts(plot, 6, (0.5, 0.4))


def college(plot: Plot, rng: np.random.Generator) -> None:
    """Build the college: library on an axis, teaching halls, dormitories, a 400 m track."""
    block = {"use": "school", "kind": "block", "storey_m": 3.9}
    _track(plot, 176, 92, (0.98, 0.3))
    plot.lay_at(shapes.rect(44, 30), (0.42, 0.02), 6, "plaza", "校前广场")
    plot.put(affinity.rotate(shapes.disc(30, 8), 22.5), (0.42, 0.42), 14, floors=8, label="图书馆", rooms=(10, 180),
             **block)
    for i, at in enumerate([(0.1, 0.1), (0.1, 0.5), (0.62, 0.1), (0.62, 0.5), (0.24, 0.2)]):
        shape = shapes.court(54, 40, 12, "south") if i % 2 else shapes.ell(52, 36, 13, "se")
        plot.put(shape, at, 11, floors=5 + i % 2, label=f"第{'一二三四五'[i]}教学楼", rooms=(10, 90), **block)
    plot.put(shapes.bar(50, 20, 3), (0.3, 0.98), 9, floors=6, label="实训中心", rooms=(8, 110), **block)
    plot.put(shapes.rect(46, 28), (0.55, 0.98), 9, floors=3, label="学生食堂", rooms=(3, 350), **block)
    for i in range(6):
        plot.put(shapes.slab(4, 13, 14, "stairs"), (0.98, 0.98), 10, use="school", kind="block", storey_m=3.4,
                 floors=6, label=f"学生公寓{i + 1}号楼", rooms=(5, 28))
    _courts(plot, 6, (0.8, 0.6))


def hospital(plot: Plot, rng: np.random.Generator) -> None:
    """Build the hospital: outpatients on a podium, two ward towers, laboratories, a helipad lawn."""
    block = {"use": "hospital", "kind": "block", "storey_m": 4.1}
    plot.lay_at(shapes.rect(110, 34), (0.5, 0.02), 5, "plaza", "急诊广场")
    plot.put(shapes.comb(96, 88, 22, 3, 18), (0.35, 0.28), 12, floors=5, label="门诊医技楼", rooms=(30, 45),
             below=1, **block)
    plot.put(shapes.bar(78, 22, 5), (0.3, 0.8), 12, floors=16, label="第一住院楼", rooms=(18, 38), below=2, **block)
    plot.put(shapes.ell(70, 44, 20, "sw"), (0.75, 0.75), 12, floors=19, label="第二住院楼", rooms=(20, 38), below=2,
             **block)
    plot.put(shapes.court(58, 46, 15, "west"), (0.85, 0.25), 12, floors=6, label="妇幼保健楼", rooms=(14, 40), **block)
    plot.put(shapes.rect(56, 20), (0.98, 0.98), 10, floors=5, label="行政科研楼", rooms=(12, 40), **block)
    plot.put(shapes.rect(36, 24), (0.02, 0.5), 10, floors=4, label="感染科楼", rooms=(8, 35), **block)
    plot.put(shapes.slab(3, 15, 13, "plain"), (0.02, 0.98), 9, floors=6, label="职工宿舍", rooms=(4, 40), **block)
    plot.put(shapes.rect(28, 16), (0.98, 0.5), 8, floors=2, label="营养食堂", rooms=(2, 180), **block)
    plot.put(shapes.rect(20, 12), (0.6, 0.98), 7, use="other", kind="small", floors=1, storey_m=5, label="动力中心")
    plot.lay_at(shapes.ellipse(70, 44), (0.6, 0.5), 6, "garden", "康复花园")
    for at in [(0.02, 0.05), (0.98, 0.05), (0.6, 0.9)]:
        plot.lay_at(shapes.rect(52, 34), at, 4, "parking", "停车场")
    plot.islands(16, rng)
