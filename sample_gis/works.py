"""Builders of work and trade: factory, depot, market, offices, mall, construction site."""

import numpy as np
from shapely import affinity

from sample_gis import shapes
from sample_gis.layout import Plot


def factory(plot: Plot, rng: np.random.Generator) -> None:
    """Build a works: long halls, a chimney with its boiler house, office, dormitory, tanks."""
    hall = {"use": "industrial", "kind": "hall"}
    plot.put(shapes.disc(3.2, 16), (0.97, 0.9), 4, use="industrial", kind="landmark", floors=1, storey_m=55,
             label="烟囱")
    plot.put(shapes.rect(26, 18), (0.97, 0.8), 5, floors=2, storey_m=6, label="锅炉房", **hall)
    plot.put(shapes.bar(48, 16, 3), (0.5, 0.0), 10, use="office", kind="block", floors=5, storey_m=3.6,
             label="厂部办公楼",
             rooms=(10, 32))
    plot.put(shapes.slab(4, 12, 13, "plain"), (0.02, 0.02), 9, use="residential", kind="dorm", floors=5, storey_m=3.2,
             label="职工宿舍", rooms=(4, 26))
    for at in [(0.9, 0.5), (0.97, 0.55)]:
        plot.put(shapes.disc(7, 20), at, 4, use="industrial", kind="landmark", floors=1, storey_m=11, label="储罐")
    plot.lay_at(shapes.rect(40, 28), (0.5, 0.2), 4, "parking", "厂区停车场")
    x0, y0, x1, y1 = plot.free.bounds
    long = float(rng.uniform(70, 105))
    count = 0
    for _ in range(40):
        width, depth = (long, float(rng.choice([24, 30, 36]))) if count < 12 else (36.0, 20.0)
        done = plot.put(shapes.rect(width, depth), (0.3, 0.6), 9, floors=1, storey_m=float(rng.choice([9.5, 11, 13])),
                        label=f"{count + 1}号车间" if width > 40 else f"{count + 1}号库房", **hall)
        if done is None:
            if count >= 12 or long < 45:
                break
            long *= 0.7
            continue
        done.floors = 1 if width > 40 else 2
        done.storey_m = done.storey_m if width > 40 else 5.0
        count += 1
    for _ in range(8):
        plot.put(shapes.rect(14, 9), (float(rng.random()), float(rng.random())), 5, use="other", kind="small", floors=1,
                 storey_m=4, label="附属用房")


def depot(plot: Plot, rng: np.random.Generator) -> None:
    """Build the wholesale market and logistics park: rows of sheds with yards between."""
    plot.put(shapes.bar(54, 18, 4), (0.5, 0.0), 12, use="office", kind="block", floors=7, storey_m=3.8,
             label="交易服务中心",
             rooms=(10, 40), below=1)
    plot.lay_at(shapes.rect(60, 30), (0.5, 0.12), 5, "parking", "货车停车场")
    _, y0, _, y1 = plot.free.bounds
    depth = 24.0
    for row, south in enumerate(np.arange(y0 + 4, y1 - depth - 3, depth + 19)):
        for start, end in plot.spans(south - 0.5, south + depth + 0.5):
            if end - start < 40:
                continue
            count = max(1, round((end - start) / 75))
            width = (end - start - 2 - (count - 1) * 12) / count
            for i in range(count):
                x = start + 1 + width / 2 + i * (width + 12)
                shape = affinity.translate(shapes.rect(width, depth), x, south + depth / 2)
                if plot.free.contains_properly(shape):
                    plot.add(shape, None, use="market", kind="hall", floors=2 if row % 3 == 0 else 1, storey_m=7.5,
                             label=f"{'蔬菜水果粮油水产冷链'[(row * 2) % 10:][:2]}{'ABCDEFGH'[row % 8]}{i + 1}区",
                             rooms=(10, 90))
    plot.islands(5, rng)


def market(plot: Plot, rng: np.random.Generator) -> None:
    """Build the wet market (菜市场): a hall, stalls, shops around it."""
    plot.put(shapes.ell(74, 58, 34, "ne"), (0.45, 0.5), 8, use="market", kind="hall", floors=2, storey_m=5.6,
             label="农贸大厅", rooms=(16, 60))
    for i, at in enumerate([(0.02, 0.98), (0.98, 0.98), (0.02, 0.02), (0.98, 0.02), (0.5, 0.0), (0.02, 0.5),
                            (0.98, 0.5)]):
        plot.put(shapes.rect(34, 11), at, 4.5, use="commercial", kind="shop", floors=2, storey_m=3.8,
                 label=f"市场商铺{i + 1}栋", rooms=(4, 70))
    for i in range(6):
        plot.put(shapes.rect(11, 24), (i / 5, 0.55), 4, use="commercial", kind="shop", floors=2, storey_m=3.6,
                 label=f"市场商铺{i + 8}栋", rooms=(3, 70))
    plot.lay_at(shapes.rect(30, 20), (0.5, 0.1), 3, "parking", "市场停车场")
    plot.islands(4, rng)


def office(plot: Plot, rng: np.random.Generator) -> None:
    """Build offices: high towers in the notch of a podium, a square, lower blocks behind."""
    block = {"use": "office", "kind": "block"}
    plot.lay_at(shapes.rect(50, 36), (0.5, 0.5), 4, "plaza", f"{plot.site.name}广场")
    for i, at in enumerate([(0.05, 0.95), (0.95, 0.95), (0.5, 0.05)]):
        lot = plot.find(shapes.rect(64, 48), at)
        if lot is None:
            continue
        x, y = lot.centroid.coords[0]
        podium = affinity.translate(shapes.ell(64, 48, 20, "ne"), x, y)
        plot.add(podium, None, use="commercial", kind="block", floors=4, storey_m=5.0, label=f"{'ABC'[i]}座裙楼",
                 rooms=(12, 110), below=3)
        # The tower stands clear of the podium by a movement joint, so that no two footprints touch.
        width, depth = 43.6, 27.6
        body = shapes.rect(width - 8, depth - 2) if i % 2 else shapes.tower(width - 6, depth - 1, "h")
        body = affinity.translate(body, x + 10.2, y + 10.2)
        plot.add(body, None, floors=int([34, 26, 30][i] + rng.integers(-3, 5)), storey_m=4.1, label=f"{'ABC'[i]}座",
                 rooms=(10, 85), below=3, **block)
        plot.reserve(lot, 11)
    for i in range(3):
        plot.put(shapes.bar(44, 18, 3), (rng.random(), 0.5), 10, floors=int(rng.integers(8, 16)), storey_m=3.9,
                 label=f"{'DEF'[i]}座", rooms=(9, 70), below=1, **block)
    plot.put(shapes.ell(30, 20, 10, "sw"), (0.5, 0.5), 6, use="commercial", kind="shop", floors=3, storey_m=4.5,
             label="商业街", rooms=(5, 70))
    plot.islands(10, rng)


def business(plot: Plot, rng: np.random.Generator) -> None:
    """Build a small business block: hotel, offices, a street of shops."""
    plot.put(shapes.ell(44, 34, 17, "sw"), (0.1, 0.1), 11, use="commercial", kind="block", floors=15, storey_m=3.7,
             label="酒店", rooms=(16, 36), below=1)
    plot.put(shapes.tower(34, 26, "h"), (0.9, 0.9), 11, use="office", kind="block", floors=18, storey_m=3.9,
             label="A座",
             rooms=(8, 75), below=2)
    plot.put(shapes.bar(40, 17, 3), (0.9, 0.1), 9, use="office", kind="block", floors=8, storey_m=3.9, label="B座",
             rooms=(8, 60), below=1)
    for i in range(4):
        plot.put(shapes.rect(30, 13), (0.02, 0.3 + 0.2 * i), 6, use="commercial", kind="shop", floors=3, storey_m=4,
                 label=f"商铺{i + 1}栋", rooms=(4, 80))
    for i in range(7):
        form = shapes.ell(36, 26, 13, "se") if i % 2 else shapes.bar(38, 17, 3)
        plot.put(form, (0.3 + 0.4 * (i % 2), i / 6), 13, use="office", kind="block", floors=int(rng.integers(4, 10)),
                 storey_m=3.9, label=f"{'CDEFGHI'[i]}座", rooms=(6, 70), below=1)
    plot.islands(8, rng)


def mall(plot: Plot, rng: np.random.Generator) -> None:
    """Build the shopping centre: a big irregular block, two towers, shops on a square."""
    x0, y0, x1, y1 = plot.free.bounds
    plot.lay_at(shapes.ellipse(60, 44), (0.4, 0.1), 5, "plaza", "沙盘天地广场")
    plot.put(shapes.court(118, 92, 36, "south"), (0.5, 0.55), 13, use="commercial", kind="block", floors=6,
             storey_m=5.2,
             label="购物中心", rooms=(40, 120), below=2)
    plot.put(shapes.tower(38, 30, "butterfly"), (0.9, 0.95), 12, use="office", kind="block", floors=28, storey_m=4.0,
             label="写字楼", rooms=(10, 85), below=3)
    plot.put(shapes.tower(32, 26, "h"), (0.9, 0.05), 10, use="commercial", kind="block", floors=20, storey_m=3.6,
             label="酒店", rooms=(14, 38), below=2)
    for i in range(5):
        plot.put(shapes.ell(28, 20, 10, "ne" if i % 2 else "sw"), (0.02, i / 4), 7, use="commercial", kind="shop",
                 floors=3, storey_m=4.4, label=f"风情街{i + 1}栋", rooms=(4, 80))
    plot.islands(8, rng)


def building_site(plot: Plot, rng: np.random.Generator) -> None:
    """Lay a construction site: bare soil, site offices, one finished tower of the next phase."""
    plot.lay(plot.free, "soil", plot.site.name)
    for i in range(4):
        plot.put(shapes.rect(26, 7), (0.02, 0.1 + 0.1 * i), 4, use="other", kind="small", floors=2, storey_m=2.9,
                 label=f"项目部{i + 1}栋")
    plot.put(shapes.court(34, 22, 8, "south"), (0.3, 0.5), 8, use="commercial", kind="block", floors=2, storey_m=4.5,
             label="营销中心", rooms=(3, 150))


def tech(plot: Plot, rng: np.random.Generator) -> None:
    """Build a science park: one tower, middling blocks around a green, a canteen."""
    block = {"use": "office", "kind": "block", "storey_m": 4.0}
    plot.lay_at(shapes.ellipse(60, 40), (0.5, 0.5), 5, "garden", f"{plot.site.name}中央绿地")
    plot.put(shapes.tower(34, 28, "h"), (0.95, 0.05), 12, floors=int(rng.integers(16, 23)), label="创新大厦",
             rooms=(8, 90), below=2, **block)
    forms = [shapes.ell(42, 32, 16, "se"), shapes.bar(44, 18, 3), shapes.court(46, 34, 14, "east"),
             shapes.ell(38, 30, 15, "nw")]
    for i, at in enumerate([(0.05, 0.05), (0.05, 0.95), (0.95, 0.95), (0.05, 0.5), (0.95, 0.5), (0.5, 0.95)]):
        plot.put(forms[i % 4], at, 11, floors=int(rng.integers(5, 10)), label=f"{i + 1}号楼", rooms=(8, 85),
                 below=1, **block)
    plot.put(shapes.rect(30, 18), (0.5, 0.98), 8, use="commercial", kind="block", floors=2, storey_m=4.4,
             label="配套食堂",
             rooms=(3, 140))
    plot.lay_at(shapes.rect(44, 18), (0.5, 0.02), 3, "parking", "园区停车场")
    plot.islands(12, rng)


def creative(plot: Plot, rng: np.random.Generator) -> None:
    """Build a creative park: an old works whose halls became studios, an old chimney kept."""
    plot.put(shapes.disc(2.4, 16), (0.5, 0.6), 5, use="industrial", kind="landmark", floors=1, storey_m=42,
             label="老烟囱")
    plot.lay_at(shapes.rect(46, 30), (0.5, 0.45), 5, "plaza", f"{plot.site.name}广场")
    for i in range(12):
        width, depth = float(rng.uniform(44, 66)), float(rng.uniform(18, 26))
        plot.put(shapes.bar(round(width), round(depth), int(rng.integers(2, 5))), (i % 3 / 2, i // 3 / 3), 11,
                 use="office" if i % 3 else "commercial", kind="hall", floors=int(rng.integers(2, 4)), storey_m=4.8,
                 label=f"{i + 1}号工坊", rooms=(6, 120))
    plot.lay_at(shapes.rect(46, 20), (0.9, 0.1), 3, "parking", "文创园停车场")
    plot.islands(10, rng)
