// Bundles the page into ../static, with the licences of what is bundled and a digest of the sources.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { build } from "esbuild";

const STATIC = "../static";
const DATA = ["emoji-datasource"]; // read by the plugin below
const EMBEDDED = "licences/yozora.txt"; // the parser inside the renderer's own bundle

// Emoji by the names that Slack knows them by.
const emoji = {
  name: "emoji",
  setup(build) {
    build.onResolve({ filter: /^slack-emoji$/ }, () => ({ path: "slack-emoji", namespace: "emoji" }));
    build.onLoad({ filter: /.*/, namespace: "emoji" }, () => {
      const rows = JSON.parse(readFileSync("node_modules/emoji-datasource/emoji.json", "utf8"));
      const native = (row) => String.fromCodePoint(...row.unified.split("-").map((code) => Number.parseInt(code, 16)));
      const names = rows.flatMap((row) => row.short_names.map((name) => [name, native(row)]));
      return { contents: JSON.stringify(Object.fromEntries(names)), loader: "json" };
    });
  },
};
const result = await build({
  entryPoints: ["src/main.tsx"],
  bundle: true,
  minify: true,
  charset: "utf8",
  target: "es2022",
  legalComments: "none",
  sourcemap: false,
  define: { "process.env.NODE_ENV": '"production"' },
  plugins: [emoji],
  outfile: `${STATIC}/face.js`,
  metafile: true,
  logLevel: "warning",
});

const packageOf = (input) => {
  const parts = input.split("node_modules/").at(-1).split("/");
  return parts[0].startsWith("@") ? `${parts[0]}/${parts[1]}` : parts[0];
};
const bundled = new Set([...DATA, ...Object.keys(result.metafile.inputs).filter((one) => one.includes("node_modules/")).map(packageOf)]);
const licences = [...bundled].sort().map((name) => {
  const folder = join("node_modules", name);
  const about = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((one) => /^licen[sc]e/i.test(one));
  const text = file ? readFileSync(join(folder, file), "utf8").trim() : `No licence file; package.json says: ${about.license}`;
  return `${name} ${about.version} (${about.license})\n\n${text}\n`;
});
licences.push(`@yozora/* (MIT), inside slack-blocks-to-jsx\n\n${readFileSync(EMBEDDED, "utf8").trim()}\n`);
writeFileSync(`${STATIC}/LICENSES.txt`, `face.js and face.css contain these packages.\n\n${licences.join(`\n${"-".repeat(80)}\n\n`)}`);
writeFileSync(`${STATIC}/index.html`, readFileSync("index.html"));

// The same walk as in the test that asks whether the bundle was made from these sources.
const walk = (folder) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((one) =>
    one.isDirectory() ? walk(join(folder, one.name)) : [join(folder, one.name)],
  );
const sources = [...walk("src"), EMBEDDED, "build.mjs", "index.html", "package.json", "tsconfig.json"].filter(existsSync).sort();
const digest = createHash("sha256");
for (const path of sources) digest.update(`${path}\0`).update(readFileSync(path)).update("\0");
writeFileSync(`${STATIC}/SOURCES.sha256`, `${digest.digest("hex")}\n`);
console.log(`${dirname(`${STATIC}/x`)}: ${Object.values(result.metafile.outputs).map((one) => one.bytes).join(" + ")} bytes`);
