"""Open layers of /ogc in QGIS and save their map: run by Debian's Python, which has QGIS, not by ours.

    /usr/bin/python3 qgis_map.py http://127.0.0.1:8700/ogc map.png grids buildings events

Prints one JSON object: for each layer whether QGIS takes it as valid, how many features it read, and their fields.
The first layer lies at the bottom. A connection is made from the address alone, as in QGIS's own dialogue.
"""

import json
import os
import sys

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsProject,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

COLOURS = {"grids": "#e8e4da", "buildings": "#4477aa", "events": "#cc3311"}


def main(url: str, picture: str, names: list[str]) -> None:
    QgsApplication.setPrefixPath("/usr", True)
    application = QgsApplication([], False)
    application.initQgis()
    layers, found = [], {}
    for name in names:
        layer = QgsVectorLayer(f"pagingEnabled='true' typename='{name}' url='{url}'", name, "OAPIF")
        found[name] = {"valid": layer.isValid(), "features": sum(1 for _ in layer.getFeatures()),
                       "fields": [field.name() for field in layer.fields()]}
        layer.renderer().symbol().setColor(QColor(COLOURS[name]))
        layers.insert(0, layer)
    settings = QgsMapSettings()
    settings.setLayers(layers)
    settings.setOutputSize(QSize(1200, 900))
    settings.setBackgroundColor(QColor("white"))
    settings.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    drawn = QgsCoordinateTransform(layers[-1].crs(), settings.destinationCrs(), QgsProject.instance())
    settings.setExtent(drawn.transformBoundingBox(layers[-1].extent()))
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    image = job.renderedImage()
    image.save(picture)
    counted = dict.fromkeys(names, 0)
    colours = {QColor(COLOURS[name]).rgb(): name for name in names}
    for x in range(image.width()):
        for y in range(image.height()):
            if (name := colours.get(image.pixel(x, y))) is not None:
                counted[name] += 1
    for name in names:
        found[name]["pixels"] = counted[name]
    print(json.dumps(found), flush=True)
    # Layers that outlive the application crash when Python takes them down, after all is done.
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
