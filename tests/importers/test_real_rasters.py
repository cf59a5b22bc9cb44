"""Real rasters and tilesets of other people, where they lie beside the checkout."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import rasterio

from importers.filed_report import IMAGERY, TERRAIN
from importers.models3d import run as models3d
from importers.models3d import tileset
from importers.rasters import run as rasters
from spatial.errors import SourceError
from spatial.queries import imagery, terrain

SHARED = Path(__file__).parents[3] / "shared" / "data"
RASTERS, TILES = SHARED / "raster", SHARED / "city3d"

pytestmark = [pytest.mark.shared_data,
              pytest.mark.skipif(not SHARED.is_dir(), reason="the real data sets do not lie beside the checkout")]


def test_each_of_four_real_rasters_becomes_what_it_is_and_is_refused_as_anything_else(database):
    def run(kind, name):
        return rasters.run(kind, rasters.Request(RASTERS / name, "test"), database.settings)

    for name in ("rasterio_RGB.byte.tif", "riotiler_pix4d_ortho_alpha.tif"):
        assert run(IMAGERY, name).outcome == "inserted"
        with pytest.raises(SourceError, match="an elevation model has one"):
            run(TERRAIN, name)
    for name in ("r5r_poa_elevation.tif", "spdatalarge_srtm_zion.tif"):
        assert run(TERRAIN, name).outcome == "inserted"
        with pytest.raises(SourceError, match="has 1 band; imagery has"):
            run(IMAGERY, name)
    connection = database.connect()
    pix4d = imagery.find(connection, "riotiler_pix4d_ortho_alpha")
    assert (pix4d.crs, pix4d.bands[-1], pix4d.maxzoom) == ("EPSG:32750", "mask", 19)
    # Indonesia, Sumbawa Besar's longitude is 117°E, Bali ends at 115.7°E: the drone flew on Bali.
    assert (115.1 < pix4d.west < pix4d.east < 115.2, -8.6 < pix4d.south < pix4d.north < -8.5) == (True, True)
    bahamas = imagery.find(connection, "rasterio_RGB.byte")
    assert (round(bahamas.resolution_m), bahamas.bands[-1]) == (301, "mask")
    zion = terrain.find(connection, "spdatalarge_srtm_zion")
    assert (zion.lowest_m, zion.highest_m) == (1024, 2892)
    for row in (pix4d, bahamas, zion, terrain.find(connection, "r5r_poa_elevation")):
        with rasterio.open(database.settings.home / row.path) as kept, rasterio.open(RASTERS / row.file_name) as file:
            assert (kept.dataset_mask() > 0).tolist() == (file.dataset_mask() > 0).tolist()
            there = file.dataset_mask() > 0
            bands = [1, 2, 3] if file.count > 1 else [1]
            apart = np.abs(kept.read(bands).astype(int) - file.read(bands).astype(int))[:, there]
            assert apart.mean() < 4 if file.count > 1 else (apart == 0).all()


@pytest.mark.parametrize("name", ["TilesetWithRequestVolume", "TilesetWithTreeBillboards"])
def test_real_tilesets_that_are_whole_and_placed_are_kept(database, name):
    report = models3d.run(models3d.Request(TILES / "3dtiles-1.0" / name, "test"), database.settings)
    west, south, east, north = report.facts_of_row["box"]
    assert -75.62 < west < east < -75.60
    assert 40.04 < south < north < 40.05


@pytest.mark.parametrize(("name", "words"), [
    ("3dtiles-1.0/TilesetWithDiscreteLOD", "'dragon_high.b3dm', which is not there"),
    *((f"3dtiles-1.1/{name}", "km from the centre of the Earth") for name in (
        "MetadataGranularities", "MultipleContents", "SparseImplicitOctree", "SparseImplicitQuadtree",
        "TilesetWithFullMetadata")),
])
def test_real_tilesets_that_are_not_are_refused_for_their_one_reason(name, words):
    with pytest.raises(SourceError) as caught:
        tileset.read(TILES / name)
    assert words in caught.value.what
    assert ";" not in caught.value.what


@pytest.mark.parametrize("name", ["MetadataGranularities", "MultipleContents", "SparseImplicitOctree",
                                  "SparseImplicitQuadtree", "TilesetWithFullMetadata"])
def test_real_tilesets_of_version_1_1_are_whole_once_they_have_a_place(tmp_path, name):
    folder = tmp_path / name
    shutil.copytree(TILES / "3dtiles-1.1" / name, folder, copy_function=shutil.copyfile)
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755)
    document = json.loads((folder / "tileset.json").read_text())
    document["root"]["transform"] = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 6_378_137, 0, 0, 1]
    (folder / "tileset.json").write_text(json.dumps(document))
    found = tileset.read(folder)
    contents = {path.relative_to(folder).as_posix() for path in folder.rglob("*")
                if path.suffix in (".glb", ".subtree", ".json", ".b3dm", ".gltf", ".bin")}
    assert found.version == "1.1"
    assert set(found.files) <= contents
    assert abs(found.footprint.centroid.y) < 0.1
