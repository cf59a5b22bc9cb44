/** How loaders.gl reads our vector tiles. */

/** Load options of an MVTLayer that takes only the named parts of its tiles. */
export function tileOptions(layer, parts) {
  // Beside this script; relative to the server, or loaders.gl would wrap it in a blob.
  const workerUrl = new URL(MVT_WORKER, import.meta.url).pathname;
  return { ...layer.props.loadOptions, mvt: { workerUrl, layers: parts } };
}
