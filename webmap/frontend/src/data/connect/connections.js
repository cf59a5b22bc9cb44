/** 接入: addresses for other programs, and files of connections as QGIS saves and loads them. Pure. */

/** A text inside an attribute in quotes. */
const attribute = (text) => String(text).replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/**
 * A file for QGIS's "Load connections": what QgsManageConnectionsDialog of QGIS 3 writes under "Save connections". Names of users
 * and passwords stand in it empty: QGIS expects the attributes, and a secret has no place in a file.
 */
function connections(root, version, element, entries) {
  const lines = entries.map((values) => `  <${element} ${Object.entries(values).map(([name, value]) => `${name}="${attribute(value)}"`).join(' ')}/>`);
  return `<!DOCTYPE connections>\n<${root} version="${version}">\n${lines.join('\n')}\n</${root}>\n`;
}

/** OGC API – Features: one connection, whose layers QGIS lists by itself. */
export const featuresFile = (title, origin) => connections('qgsWFSConnections', '1.1', 'wfs', [{
  name: title, url: `${origin}/ogc`, version: 'OGC_API_FEATURES', maxnumfeatures: '', pagesize: '1000', pagingenabled: 'default',
  ignoreAxisOrientation: 'false', invertAxisOrientation: 'false', username: '', password: '',
}]);

/** Vector tiles: one connection for each layer. `layers`: `{ name, title }`. */
export const vectorTilesFile = (title, origin, layers) => connections('qgsVectorTileConnections', '1.0', 'vectortile', layers.map((layer) => ({
  name: `${title} ${layer.title}`, url: vectorTiles(origin, layer.name), zmin: '0', zmax: '16', serviceType: '', authcfg: '', username: '',
  password: '', referer: '', styleUrl: '',
})));

/** Pictures: one connection for each on record. `sources`: `{ name, minzoom, maxzoom }`. */
export const xyzFile = (title, origin, sources) => connections('qgsXYZTilesConnections', '1.0', 'xyztiles', sources.map(({ name, minzoom, maxzoom }) => ({
  name: `${title} ${name}`, url: xyz(origin, name), zmin: minzoom, zmax: maxzoom, tilePixelRatio: '0', authcfg: '', username: '', password: '', referer: '',
})));

export const vectorTiles = (origin, name) => `${origin}/tiles/${name}/{z}/{x}/{y}.mvt`;
export const ogcTiles = (origin, name) => `${origin}/ogc/collections/${name}/tiles/WebMercatorQuad`;
export const tileJson = (origin, name) => `${origin}/tiles/${name}.json`;
export const xyz = (origin, name) => `${origin}/raster/${encodeURIComponent(name)}/{z}/{x}/{y}.png`;
export const terrain = (origin, name) => `${origin}/terrain/${encodeURIComponent(name)}/{z}/{x}/{y}.png`;
export const tileset = (origin, name) => `${origin}/models/${encodeURIComponent(name)}/tileset.json`;
