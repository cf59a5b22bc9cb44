"""Builders of public ground: civic centre, sports park, gardens, the lake park, the hill."""

import numpy as np
import shapely
from shapely import affinity
from shapely.geometry import LineString

from sample_gis import shapes
from sample_gis.layout import Plot


def civic(plot: Plot, rng: np.random.Generator) -> None:
    """Build the street office, service hall, police and fire stations, culture centre."""
    public = {"use": "public", "kind": "block", "storey_m": 3.9}
    plot.lay_at(shapes.rect(76, 44), (0.5, 0.02), 5, "plaza", "市民广场")
    plot.put(shapes.court(78, 34, 15, "south"), (0.5, 0.35), 11, floors=8, label="沙盘街道办事处", rooms=(20, 30),
             below=1, **public)
    plot.put(shapes.ell(50, 38, 20, "ne"), (0.05, 0.6), 10, floors=3, label="便民服务中心", rooms=(8, 90), **public)
    plot.put(affinity.rotate(shapes.disc(21, 12), 15), (0.95, 0.6), 10, floors=4, label="文化馆", rooms=(6, 120),
             **public)
    plot.put(shapes.rect(42, 17), (0.1, 0.98), 9, floors=5, label="沙盘派出所", rooms=(9, 30), **public)
    plot.put(shapes.ell(36, 24, 12, "se"), (0.9, 0.98), 9, floors=3, label="沙盘消防救援站", rooms=(5, 50), **public)
    plot.put(shapes.rect(30, 15), (0.5, 0.98), 8, floors=4, label="社区卫生服务中心", rooms=(7, 32), **public)
    plot.lay_at(shapes.rect(40, 22), (0.98, 0.1), 4, "parking", "市民中心停车场")
    plot.islands(10, rng)


def neighbourhood(plot: Plot, rng: np.random.Generator) -> None:
    """Build a neighbourhood centre: kindergarten, community house, care home, shops, courts."""
    name = plot.site.name
    plot.lay_at(shapes.rect(44, 30), (0.5, 0.1), 5, "plaza", f"{name}广场")
    plot.put(shapes.court(46, 32, 11, "south"), (0.1, 0.9), 16, use="school", kind="block", floors=3, storey_m=3.6,
             label="实验幼儿园", rooms=(6, 62))
    public = {"use": "public", "kind": "block", "storey_m": 3.8}
    plot.put(shapes.ell(44, 34, 14, "sw"), (0.9, 0.9), 11, floors=4, label="社区服务中心", rooms=(8, 55), **public)
    plot.put(shapes.court(40, 28, 11, "south"), (0.9, 0.4), 10, floors=5, label="颐养中心", rooms=(10, 32), **public)
    for i in range(5):
        plot.put(shapes.rect(30, 13), (0.05, 0.1 + 0.15 * i), 6, use="commercial", kind="shop", floors=2, storey_m=4.2,
                 label=f"邻里商铺{i + 1}栋", rooms=(4, 75))
    for _ in range(3):
        plot.lay_at(shapes.rect(17, 30), (0.5, 0.5), 3, "court", "社区球场")
    plot.lay_at(shapes.ellipse(36, 28), (0.5, 0.7), 4, "garden", f"{name}花园")


def sports(plot: Plot, rng: np.random.Generator) -> None:
    """Build the sports park: a stadium, a gymnasium, a pool, courts, and gardens around."""
    stadium = plot.find(shapes.track(176, 112), (0.45, 0.35))
    if stadium is not None:
        inner = stadium.buffer(-15)
        plot.add(stadium.difference(inner), None, use="public", kind="landmark", floors=3, storey_m=6.5,
                 label="望江体育场", rooms=(10, 120))
        plot.lay(inner.buffer(-1.5), "track", "体育场田径场")
        plot.lay(inner.buffer(-11), "pitch", "体育场足球场")
        plot.reserve(stadium, 14)
    plot.put(shapes.ellipse(78, 58), (0.95, 0.3), 12, use="public", kind="landmark", floors=2, storey_m=10,
             label="体育馆",
             rooms=(4, 400))
    plot.put(shapes.rect(62, 34), (0.2, 0.3), 12, use="public", kind="hall", floors=2, storey_m=7, label="游泳馆",
             rooms=(3, 300))
    for _ in range(8):
        plot.lay_at(shapes.rect(18, 32), (0.9, 0.6), 3, "court", "球场")
    plot.lay_at(shapes.rect(60, 34), (0.5, 0.0), 4, "parking", "体育公园停车场")
    _trails(plot, 4)
    _pavilions(plot, rng, 3)


def park(plot: Plot, rng: np.random.Generator) -> None:
    """Lay a neighbourhood garden (游园): paths, a small square, pavilion and lavatory."""
    plot.lay_at(shapes.ellipse(34, 26), (0.5, 0.5), 3, "plaza", plot.site.name)
    _trails(plot, 3)
    _pavilions(plot, rng, 2)
    plot.put(shapes.rect(12, 6), (0.05, 0.05), 3, use="public", kind="small", floors=1, storey_m=3.6, label="公共厕所")


def lake_park(plot: Plot, rng: np.random.Generator) -> None:
    """Lay the park around the lake: tea house, gallery, pavilions, entrance squares."""
    plot.lay_at(shapes.rect(54, 26), (0.4, 0.99), 4, "plaza", "镜湖公园北广场")
    plot.lay_at(shapes.ellipse(44, 30), (0.98, 0.1), 4, "plaza", "镜湖公园东广场")
    public = {"use": "public", "kind": "landmark"}
    plot.put(shapes.court(30, 22, 7, "south"), (0.2, 0.2), 8, floors=2, storey_m=4, label="听雨茶楼",
             rooms=(2, 120), **public)
    plot.put(shapes.ell(46, 26, 11, "se"), (0.85, 0.85), 8, floors=2, storey_m=4.5, label="镜湖美术馆",
             rooms=(4, 140), **public)
    plot.put(shapes.rect(26, 12), (0.05, 0.9), 6, floors=1, storey_m=4, label="游客中心", **public)
    plot.put(shapes.rect(12, 6), (0.98, 0.5), 3, use="public", kind="small", floors=1, storey_m=3.6, label="公共厕所")
    plot.lay_at(shapes.rect(48, 30), (0.02, 0.02), 3, "parking", "镜湖公园停车场")
    _trails(plot, 6)
    _pavilions(plot, rng, 5)


def hill(plot: Plot, rng: np.random.Generator) -> None:
    """Lay the wooded hill: a pagoda on top, a temple court, a television mast, pavilions."""
    plot.put(shapes.disc(8, 8), (0.46, 0.55), 10, use="public", kind="landmark", floors=7, storey_m=5.2, label="青螺塔")
    public = {"use": "public", "kind": "landmark"}
    plot.put(shapes.court(40, 32, 8, "south"), (0.3, 0.45), 8, floors=1, storey_m=6, label="云岭禅院",
             rooms=(3, 120), **public)
    plot.put(shapes.disc(3, 12), (0.8, 0.6), 6, use="other", kind="landmark", floors=1, storey_m=68, label="电视发射塔")
    plot.put(shapes.rect(28, 14), (0.1, 0.05), 6, floors=2, storey_m=4, label="公园管理处", rooms=(4, 40), **public)
    plot.lay_at(shapes.rect(60, 30), (0.12, 0.0), 4, "parking", "青螺山停车场")
    plot.lay_at(shapes.ellipse(46, 34), (0.45, 0.03), 4, "plaza", "青螺山南门广场")
    _trails(plot, 7)
    _pavilions(plot, rng, 6)


def _pavilions(plot: Plot, rng, count: int) -> None:
    for _ in range(count):
        at = (float(rng.uniform(0.05, 0.95)), float(rng.uniform(0.05, 0.95)))
        shape = shapes.disc(float(rng.choice([3.2, 4.0])), int(rng.choice([6, 8])))
        plot.put(shape, at, 4, use="public", kind="small", floors=1, storey_m=5.5, label="观景亭")


def _trails(plot: Plot, count: int) -> None:
    """Lay winding paths from side to side of the ground that is still free."""
    x0, y0, x1, y1 = plot.shape.bounds
    for i in range(count):
        share = (i + 0.5) / count
        if i % 2:
            ends = (x0, y0 + share * (y1 - y0)), (x1, y0 + (share * 0.8 + 0.1) * (y1 - y0))
        else:
            ends = (x0 + share * (x1 - x0), y0), (x0 + (share * 0.7 + 0.22) * (x1 - x0), y1)
        path = winding_path(*ends, sway=min(22, (y1 - y0) / 9), width=3.0)
        path = shapely.intersection(path, plot.free)
        if path.area > 30:
            plot.lay(path, "trail")
            plot.reserve(path, 1.0)


def winding_path(start, end, sway: float, width: float) -> shapely.Polygon:
    """Return a path of a given width that sways between two points, metres."""
    a, b = np.asarray(start, float), np.asarray(end, float)
    t = np.linspace(0, 1, 24)
    normal = np.array([-(b - a)[1], (b - a)[0]]) / max(1.0, np.hypot(*(b - a)))
    line = a + (b - a) * t[:, None] + normal * (np.sin(t * 2.6 * np.pi) * sway)[:, None]
    return LineString(line).buffer(width / 2)
