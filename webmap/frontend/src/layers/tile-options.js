/** How loaders.gl reads our vector tiles. */

/** Each worker begins by reading a large script: on two processors the second and third one only delay the first. */
const WORKERS = Math.max(1, Math.min(3, (globalThis.navigator?.hardwareConcurrency ?? 4) - 1));

/** Load options of an MVTLayer that takes only the named parts of its tiles. */
export function tileOptions(layer, parts) {
  // Beside this script; relative to the server, or loaders.gl would wrap it in a blob.
  const workerUrl = new URL(MVT_WORKER, import.meta.url).pathname;
  return {
    ...layer.props.loadOptions, core: { maxConcurrency: WORKERS, maxMobileConcurrency: WORKERS }, mvt: { workerUrl, layers: parts },
  };
}
