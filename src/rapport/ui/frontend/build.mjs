// Builds what the browser loads: `node build.mjs OUTPUT_FOLDER [--dev]`.
//
//   ts/main.ts        -> rapport.js            the first bundle, htmx included
//   ts/lazy/*.ts      -> lazy/NAME-HASH.js     loaded when a screen needs them
//   css/lazy/*.css    -> NAME.css              linked by the screens that need them
//   css/rapport.css   -> rapport.css           with the faces of "Inter Variable" in front
//   icons.txt         -> icons.svg             one <symbol> per Lucide icon named there
//   world.mjs         -> world.svg, world.json: the outlines of countries, for maps
//   public/*          -> as it is
//   manifest.json     logical name -> file or file?v=hash, so that every address may be cached for ever
//
// Nothing of other people's work is kept in the repository: all of it comes from npm at build time.
import { createHash } from "node:crypto";
import { cp, mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import { buildWorld } from "./world.mjs";

const here = import.meta.dirname;
const target = path.resolve(process.argv[2] ?? path.join(here, "../static/ui"));
const dev = process.argv.includes("--dev");
const out = `${target}.building`;
const limits = { "rapport.js": 35_000, "rapport.css": 30_000 };
const modules = path.join(here, "node_modules");
const bundled = ["htmx.org", "sortablejs", "lucide-static", "@fontsource-variable/inter", "world-atlas"];

const read = (...parts) => readFile(path.join(here, ...parts), "utf8");
const shortHash = (data) => createHash("sha256").update(data).digest("hex").slice(0, 10);
const slashes = (name) => name.split(path.sep).join("/");

function fail(message) {
  console.error(`front end: ${message}`);
  process.exit(1);
}

async function listed(folder) {
  const where = path.join(here, folder);
  if (!existsSync(where)) return [];
  return (await readdir(where, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(where, path.join(entry.parentPath, entry.name)));
}

const common = {
  absWorkingDir: here,
  outdir: out,
  bundle: true,
  metafile: true,
  minify: !dev,
  sourcemap: dev ? "linked" : false,
  target: ["es2022", "chrome111", "firefox114", "safari16.4"],
  legalComments: "none",
  logLevel: "warning",
};

// The first bundle has a fixed name; what it loads later carries its hash in the name.
async function buildScripts() {
  const lazy = (await listed("ts/lazy")).filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"));
  const result = await esbuild.build({
    ...common,
    entryPoints: {
      rapport: "ts/main.ts",
      ...Object.fromEntries(lazy.map((name) => [`lazy/${slashes(name).slice(0, -3)}`, `ts/lazy/${name}`])),
    },
    format: "esm",
    splitting: true,
    entryNames: "[dir]/[name]-[hash]",
    chunkNames: "chunks/[name]-[hash]",
  });
  const files = {};
  let first = [];
  for (const [file, { entryPoint }] of Object.entries(result.metafile.outputs)) {
    const name = slashes(path.relative(out, path.resolve(here, file)));
    if (name.endsWith(".map") || !entryPoint) continue;
    if (entryPoint === "ts/main.ts") {
      first = [file, ...staticImports(result.metafile.outputs, file)];
      await rename(path.join(out, name), path.join(out, "rapport.js"));
      first[0] = path.relative(here, path.join(out, "rapport.js"));
    } else if (entryPoint.startsWith("ts/lazy/")) {
      files[`${entryPoint.slice("ts/".length, -".ts".length)}.js`] = name;
    }
  }
  return { files, first: first.map((file) => path.resolve(here, file)) };
}

// What the browser fetches together with a file: its plain imports, theirs, and so on.
function staticImports(outputs, file, seen = new Set()) {
  for (const { path: name, kind } of outputs[file].imports) {
    if (kind !== "import-statement" || seen.has(name)) continue;
    seen.add(name);
    staticImports(outputs, name, seen);
  }
  return [...seen];
}

// One @font-face per alphabet, so that a browser fetches only those a page uses.
async function fontFaces() {
  const folder = "@fontsource-variable/inter";
  const css = await read("node_modules", folder, "index.css");
  const wanted = ["latin", "latin-ext", "cyrillic", "cyrillic-ext"];
  return wanted
    .map((subset) => {
      const face = css.match(new RegExp(`@font-face\\s*{[^}]*inter-${subset}-wght-normal\\.woff2[^}]*}`))?.[0];
      const range = face?.match(/unicode-range:\s*([^;}]+)/)?.[1];
      if (!range) fail(`no unicode-range for Inter ${subset}; has ${folder} changed its files?`);
      return `@font-face{font-family:"Inter Variable";font-style:normal;font-display:swap;font-weight:100 900;
        src:url("${folder}/files/inter-${subset}-wght-normal.woff2") format("woff2");unicode-range:${range.trim()}}`;
    })
    .join("\n");
}

async function buildStyles() {
  const result = await esbuild.build({
    ...common,
    stdin: {
      contents: '@import "./fonts.generated.css";\n@import "./css/rapport.css";',
      resolveDir: here,
      loader: "css",
      sourcefile: "rapport.css",
    },
    entryNames: "rapport",
    assetNames: "fonts/[name]-[hash]",
    loader: { ".woff2": "file", ".svg": "dataurl" },
    plugins: [
      {
        name: "faces",
        setup(build) {
          build.onResolve({ filter: /\/fonts\.generated\.css$/ }, () => ({ path: "inter", namespace: "faces" }));
          build.onLoad({ filter: /.*/, namespace: "faces" }, async () => ({
            contents: await fontFaces(),
            loader: "css",
            resolveDir: modules,
          }));
        },
      },
    ],
  });
  const files = {};
  for (const file of Object.keys(result.metafile.outputs)) {
    const name = slashes(path.relative(out, path.resolve(here, file)));
    const font = name.match(/^fonts\/(.+)-wght-normal-[A-Z0-9]+\.woff2$/);
    if (font) files[`fonts/${font[1]}.woff2`] = name;
  }
  return files;
}

async function buildLazyStyles() {
  const names = (await listed("css/lazy")).filter((name) => name.endsWith(".css"));
  await esbuild.build({ ...common, entryPoints: names.map((name) => `css/lazy/${name}`), entryNames: "[name]" });
  return names;
}

async function buildIcons() {
  const names = (await read("icons.txt"))
    .split("\n")
    .map((line) => line.replace(/#.*/, "").trim())
    .filter(Boolean);
  const symbols = [...new Set(names)].sort().map(async (name) => {
    const file = path.join(modules, "lucide-static/icons", `${name}.svg`);
    if (!existsSync(file)) fail(`icons.txt names "${name}", which Lucide does not have`);
    const inner = (await readFile(file, "utf8")).match(/<svg[^>]*>([\s\S]*)<\/svg>/)[1].replace(/\s*\n\s*/g, "");
    return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">${inner}</symbol>`;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg">\n${(await Promise.all(symbols)).join("\n")}\n</svg>\n`;
  await writeFile(path.join(out, "icons.svg"), svg);
}

async function writeLicences() {
  const texts = bundled.map(async (name) => {
    const folder = path.join(modules, name);
    const { version, license } = JSON.parse(await readFile(path.join(folder, "package.json"), "utf8"));
    const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file ? await readFile(path.join(folder, file), "utf8") : "";
    return `${name} ${version} (${license})\n\n${text.trim()}\n`;
  });
  await writeFile(path.join(out, "licences.txt"), (await Promise.all(texts)).join(`\n${"-".repeat(78)}\n\n`));
}

async function checkSize(name, files) {
  const sizes = await Promise.all(files.map(async (file) => gzipSync(await readFile(file), { level: 9 }).length));
  const size = sizes.reduce((sum, each) => sum + each, 0);
  console.error(`front end: ${name} ${(size / 1000).toFixed(1)} kB gzipped (at most ${limits[name] / 1000})`);
  if (size > limits[name] && !dev) fail(`${name} is too large; load some of it lazily`);
}

async function versioned(names) {
  const pairs = names.map(async (name) => [name, `${name}?v=${shortHash(await readFile(path.join(out, name)))}`]);
  return Object.fromEntries(await Promise.all(pairs));
}

for (const needed of ["ts/main.ts", "css/rapport.css", "icons.txt"]) {
  if (!existsSync(path.join(here, needed))) fail(`${needed} is missing`);
}
await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
const { files: lazy, first } = await buildScripts();
const fonts = await buildStyles();
const sheets = await buildLazyStyles();
await buildIcons();
const world = await buildWorld(modules, out);
await writeLicences();
const plain = await listed("public");
if (plain.length) await cp(path.join(here, "public"), out, { recursive: true });
await checkSize("rapport.js", first);
await checkSize("rapport.css", [path.join(out, "rapport.css")]);
const fixed = await versioned(["rapport.js", "rapport.css", "icons.svg", ...world, ...sheets, ...plain.map(slashes)]);
const manifest = Object.entries({ ...fixed, ...lazy, ...fonts }).sort(([a], [b]) => (a < b ? -1 : 1));
await writeFile(path.join(out, "manifest.json"), JSON.stringify(Object.fromEntries(manifest), null, 1) + "\n");
await rm(target, { recursive: true, force: true });
await mkdir(path.dirname(target), { recursive: true });
await rename(out, target);
