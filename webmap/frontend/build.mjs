/**
 * Build the pages' scripts, styles, fonts and workers into webmap/static/dist.
 *
 *   node build.mjs              minified, no source maps
 *   node build.mjs --sourcemap  the same with linked source maps, for a debugger
 *
 * Every file name carries a hash of its content, so the server may cache it for ever; manifest.json maps the
 * plain name that a template asks for ("sandbox.js") to the hashed one, and under "shared" a page's script to those that it
 * imports. What a page loads only when it is wanted, by `import()`, is a file of its own and outside of its budget. The build fails when the JavaScript of a
 * page outgrows its budget.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const root = dirname(fileURLToPath(import.meta.url));
const outdir = join(root, '..', 'static', 'dist');
const BUDGET_GZIP_BYTES = 800_000;

/** Of a page that telephones load over a street's network. */
const OWN_BUDGETS = { 'survey.js': 120_000 };

/** One bundle for each page; the pages of open layers have a style and no script. */
const PAGES = {
  sandbox: 'src/main.js', wall: 'src/wall/main.js', data: 'src/data/main.js', handover: 'src/handover/main.js',
  planner: 'src/planner/main.js', survey: 'src/survey/main.js', refused: 'src/refused.js', ogc: 'src/ogc/ogc.css',
};

/** Our own worker, of all tabs. */
const STREAM_WORKER = { 'stream-worker': 'src/live/stream-worker.js' };

/** What keeps the survey page while there is no network (webmap/views/survey_page.py puts its list of files before it). */
const SURVEY_WORKER = { 'survey-worker': 'src/survey/worker.js' };

/** Other workers are loaded by URL, not imported: copy each under a hashed name. */
const WORKERS = {
  'maplibre-worker.mjs': 'node_modules/maplibre-gl/dist/maplibre-gl-worker.mjs',
  'mvt-worker.js': 'node_modules/@loaders.gl/mvt/dist/mvt-worker.js',
  'survey-icon.svg': 'src/survey/icon.svg',
};

/**
 * loaders.gl keeps the numbers of a tile in arrays that begin as zeros, so that a feature without a number would have
 * a zero: here it has none (NaN). Checked by the browser test of buildings without storeys.
 */
const NO_NUMBER = {
  worker: 'mvt-worker.js',
  was: 'object.numericProps[propName] = new T(object.positions.length / coordLength);',
  is: 'object.numericProps[propName] = new T(object.positions.length / coordLength).fill(NaN);',
};

/** By the name of its package it would come with all else that is wanted of that, in a file that each page loads. */
const INSTEAD = {
  'tile-3d-layer': join(root, 'node_modules/@deck.gl/geo-layers/dist/tile-3d-layer/tile-3d-layer.js'),
  // Files of packages that have no name outside of them.
  'draco-libs': join(root, 'node_modules/@loaders.gl/draco/dist/libs'),
  'basis-libs': join(root, 'node_modules/@loaders.gl/textures/dist/libs'),
};

/**
 * esbuild puts a file that the list of a package names into the part that imports the list, whoever wants it. What draws 3D
 * models therefore has its own copy of luma.gl's shaders: the others of them, half as much again, would burden each page.
 */
const OWN_SHADERS = {
  name: 'own-shaders',
  setup({ onResolve, onLoad, resolve }) {
    const PACKAGE = '@luma.gl/shadertools';
    const WANTS = /node_modules\/@(luma\.gl\/gltf|deck\.gl\/mesh-layers|deck\.gl\/geo-layers\/dist\/)/;
    onResolve({ filter: /./ }, async ({ path, importer, namespace, resolveDir, kind }) => {
      const inCopy = namespace === 'own-shaders' && path.startsWith('.');
      if (!inCopy && !(path === PACKAGE && WANTS.test(importer))) return undefined;
      const found = await resolve(path, { resolveDir, kind, namespace: 'file' });
      return { path: found.path, namespace: 'own-shaders', sideEffects: false };
    });
    onLoad({ filter: /./, namespace: 'own-shaders' }, ({ path }) => (
      { contents: readFileSync(path, 'utf8'), resolveDir: dirname(path), loader: 'js' }));
  },
};

/**
 * Emscripten's scripts by the variable that each fills: they stand in packages of modules, and export nothing as a module does.
 * Where they run in Node they ask for its files; in a browser they never come that far.
 */
const EMSCRIPTEN = { 'draco_wasm_wrapper.js': 'DracoDecoderModule', 'basis_transcoder.js': 'BASIS' };
const UNPACKERS = {
  name: 'unpackers',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(fs|path)$/ }, ({ path, importer }) => (
      basename(importer) in EMSCRIPTEN ? { path, namespace: 'not-node' } : undefined));
    onLoad({ filter: /./, namespace: 'not-node' }, () => ({ contents: '' }));
    onLoad({ filter: /libs\/(draco_wasm_wrapper|basis_transcoder)\.js$/ }, ({ path }) => (
      { contents: `${readFileSync(path, 'utf8')}\nexport default ${EMSCRIPTEN[basename(path)]};`, loader: 'js' }));
  },
};

rmSync(outdir, { recursive: true, force: true });
mkdirSync(outdir, { recursive: true });

const manifest = {};
for (const [name, source] of Object.entries(WORKERS)) {
  // The copies would otherwise point at source maps that are not served.
  let text = readFileSync(join(root, source), 'utf8').replace(/\n?\/\/# sourceMappingURL=\S+\s*$/, '\n');
  if (name === NO_NUMBER.worker) {
    if (text.split(NO_NUMBER.was).length !== 2) throw new Error(`${name} is another one: see NO_NUMBER.`);
    text = text.replace(NO_NUMBER.was, NO_NUMBER.is);
  }
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8).toUpperCase();
  manifest[name] = name.replace(/\.(m?js|svg)$/, `-${hash}.$1`);
  writeFileSync(join(outdir, manifest[name]), text);
}

/** Parts that a page loads by `import()` become files of their own; what page and part share is a file that both ask for. */
async function buildOne(name, source, { splitting }) {
  const { metafile, warnings } = await build({
    absWorkingDir: root,
    entryPoints: { [name]: source },
    outdir,
    bundle: true,
    splitting,
    format: 'esm',
    // deck.gl's build without its WebGPU shaders: MapLibre draws with WebGL 2 only.
    conditions: ['visgl:webgl-only'],
    alias: INSTEAD,
    plugins: [OWN_SHADERS, UNPACKERS],
    target: ['chrome117', 'firefox121', 'safari17.4'],
    minify: !process.argv.includes('--plain'),
    metafile: true,
    sourcemap: process.argv.includes('--sourcemap') ? 'linked' : false,
    legalComments: 'linked',
    entryNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    chunkNames: `${name}.[name]-[hash]`,
    loader: { '.svg': 'text', '.woff2': 'file', '.wasm': 'file' },
    define: {
      'process.env.NODE_ENV': '"production"',
      MAPLIBRE_WORKER: JSON.stringify(manifest['maplibre-worker.mjs']),
      MVT_WORKER: JSON.stringify(manifest['mvt-worker.js']),
    },
    logLevel: 'warning',
  });
  if (warnings.length > 0) process.exit(1); // esbuild has said them
  return metafile.outputs;
}

/** What luma.gl loads by `import()` and no map can do without. */
const NEEDED = /webgl-device/;

/** Scripts that a page asks for before it can begin, its own not among them: those that it imports, and what they import. */
function importedBy(file, outputs, found = new Set()) {
  for (const { path, kind } of outputs[file].imports) {
    if (found.has(path) || !(kind === 'import-statement' || NEEDED.test(path))) continue;
    found.add(path);
    importedBy(path, outputs, found);
  }
  return found;
}

const shared = {};
for (const [name, source] of Object.entries({ ...PAGES, ...STREAM_WORKER, ...SURVEY_WORKER })) {
  const outputs = await buildOne(name, source, { splitting: name in PAGES });
  for (const file of Object.keys(outputs)) {
    const plain = basename(file).replace(/-[0-9A-Z]{8}(\.[a-z0-9]+)$/, '$1');
    if (plain === basename(file)) continue;
    // Shared files have no name of their own.
    manifest[plain === `${name}.chunk.js` ? basename(file) : plain] = basename(file);
    if (plain === `${name}.js`) shared[plain] = [...importedBy(file, outputs)].map((path) => basename(path));
  }
}
writeFileSync(join(outdir, 'manifest.json'), `${JSON.stringify({ ...manifest, shared }, null, 2)}\n`);

/** As small as gzip makes it: packed once here, and served as it is to whoever takes gzip (webmap/compression.py). */
const zip = (bytes) => gzipSync(bytes, { level: 9 });

const over = [];
console.log('file                                        bytes      gzip');
for (const [plain, name] of Object.entries(manifest).sort()) {
  const bytes = readFileSync(join(outdir, name));
  const zipped = zip(bytes).length;
  if (/\.(m?js|css|wasm)$/.test(name)) writeFileSync(join(outdir, `${name}.gz`), zip(bytes));
  console.log(`${name.padEnd(38)}${String(bytes.length).padStart(11)}${String(zipped).padStart(10)}`);
  const page = plain in shared && plain.replace(/\.js$/, '') in PAGES;
  if (!page) continue;
  const all = shared[plain].reduce((sum, each) => sum + zip(readFileSync(join(outdir, each))).length, zipped);
  if (all > (OWN_BUDGETS[plain] ?? BUDGET_GZIP_BYTES)) over.push(`${plain} (${all} bytes gzip with what it imports)`);
}
if (over.length) {
  console.error(`${over.join(', ')} is over its budget. Load the new part lazily.`);
  process.exit(1);
}
