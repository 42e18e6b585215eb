// Our player beside niconicomments in headless Chromium: layout of samples on a fresh page, and pictures of a crowded second.
//
//   node benches/overlay/browser.mjs NICO PLAYER BUNDLE.js CROWDED.json SAMPLE.json…
//
// NICO is the program, PLAYER the folder of scripts/build-player.sh, BUNDLE.js the script of the npm package @xpadev-net/niconicomments
// (dist/bundle.js); CROWDED.json and samples are comments in the shape that it calls "formatted" (`dense.py` and `nico convert` make
// others so). In turn, ROUNDS (5) times, each on a page of its own:
//
// - layout: theirs from parsed JSON until its constructor returns, with the fonts of the browser; ours from bytes, with the glyphs that
//   `nico layout SAMPLE --out X.fonts` left, until places are known. Starting the module comes before: a page does it while it waits for
//   its files, and it ends with a rehearsal, for which the browser compiles what a layout calls. A second row counts it as ours, a third
//   counts it and leaves the rehearsal out.
// - pictures: 60 around the moment with most comments at 1920x1080, on a canvas in software; of each a pixel is read back, so that it is
//   finished. All of the pictures' own comments are drawn within these frames on both sides.
//
// Prints medians, of layouts in milliseconds of the page's main thread on the processor (Linux) and in brackets of the clock: beside
// other work they differ. Browsers round their clock; everything here takes milliseconds.
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { Chromium } from "../live/chromium.mjs";
import { serve } from "../../crates/overlay-player/tests/browser/server.mjs";

const [nico, player, bundle, crowded, ...samples] = process.argv.slice(2);
const rounds = Number(process.env.ROUNDS ?? 5);
const folder = mkdtempSync(join(tmpdir(), "browser-bench-"));
const PAGE = `<!doctype html><meta charset="utf-8"><style>video { width: 1920px; height: 1080px }</style>
<video id="video"></video><canvas id="stage" width="1920" height="1080"></canvas>`;

const THEIRS = `
  await new Promise((done, fail) => {
    const script = Object.assign(document.createElement("script"), { src: "/files/bundle.js", onload: done, onerror: fail });
    document.head.append(script);
  });
  const canvas = document.getElementById("stage");
  const place = (comments) => new NiconiComments(new NiconiComments.internal.renderer.CanvasRenderer(canvas), comments,
    { format: "formatted", mode: "html5" });`;
const OURS = `
  const { CommentPlayer } = await import("/player/comment-player.js");
  const get = async (name) => new Uint8Array(await (await fetch(name)).arrayBuffer());`;

const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
};

// Fonts of each file, and the moment with most comments.
const files = [...new Set([crowded, ...samples])].map((path, at) => ({ path, name: `${at}` }));
for (const { path, name } of files) {
  copyFileSync(path, join(folder, `${name}.json`));
  execFileSync(nico, ["--quiet", "layout", path, "--out", join(folder, `${name}.fonts`)]);
  execFileSync(nico, ["--quiet", "layout", path, "--out", join(folder, `${name}.layout.json`)]);
}
copyFileSync(bundle, join(folder, "bundle.js"));
const shown = JSON.parse(readFileSync(join(folder, "0.layout.json"))).comments.filter((one) => one.width);
const on = (t) => shown.filter((one) => one.loc ? one.vpos <= t && t < one.vpos + 300 : one.vpos - 100 <= t && t < one.vpos + 300).length;
const moment = shown.map((one) => one.vpos + 100).reduce((best, t) => (on(t) > on(best) ? t : best));

const server = await serve({ player, files: folder }, PAGE);
const browser = await Chromium.start(undefined, [1920, 2200], ["--disable-gpu"]);
// Nanoseconds that the main threads of all pages have had.
const busy = async () => {
  const { processInfo } = await browser.send("SystemInfo.getProcessInfo");
  const pages = processInfo.filter((one) => one.type === "renderer").map((one) => `/proc/${one.id}/task/${one.id}/schedstat`);
  return pages.filter((path) => existsSync(path)).reduce((sum, path) => sum + Number(readFileSync(path, "utf8").split(" ")[0]), 0);
};
// Runs one body after the other on a page of its own. Gives what each returned, and its milliseconds on the processor and of the clock.
const steps = async (...bodies) => {
  const page = await browser.open(server.address, [1920, 2200]);
  for (let tries = 0; !await page.evaluate("document.readyState === 'complete' && !!document.getElementById('stage')"); tries++) {
    if (tries > 500) throw new Error("the page was not loaded");
  }
  const told = [];
  try {
    for (const body of bodies) {
      const before = await busy();
      const [value, clock] = await page.evaluate(`(async () => {
        const start = performance.now();
        const value = await (async () => { ${body} })();
        return [value, performance.now() - start];
      })()`);
      told.push({ value, time: [(await busy() - before) / 1e6, clock] });
    }
    return told;
  } finally {
    await page.close();
  }
};
const run = async (body) => (await steps(body))[0].value;

const layouts = new Map(samples.map((path) => [path, { theirs: [], ours: [], start: [], bare: [] }]));
const pictures = { theirs: [], ours: [] };
let comments = 0;
try {
  for (let round = 0; round < rounds; round++) {
    for (const [path, times] of layouts) {
      const { name } = files.find((file) => file.path === path);
      const theirs = await steps(`${THEIRS}
        Object.assign(window, { place, comments: await (await fetch("/files/${name}.json")).json() });`, "place(comments);");
      times.theirs.push(theirs[1].time);
      const read = `${OURS}
        const [wasm, fonts, file] = await Promise.all(["/player/comment-player.wasm", "/files/${name}.fonts", "/files/${name}.json"].map(get));
        Object.assign(window, { CommentPlayer, wasm, fonts, file });`;
      const place = `const engine = new CommentPlayer.module.CommentEngine([fonts]);
        engine.add("all", file);
        engine.set("{}");`;
      const ours = await steps(read, "await CommentPlayer.start(wasm);", place);
      times.start.push(ours[1].time);
      times.ours.push(ours[2].time);
      const bare = await steps(read, `await CommentPlayer.module({ module_or_path: wasm }); ${place}`);
      times.bare.push(bare[1].time);
    }
    const frames = (draw) => `
      const times = [];
      for (let frame = 0; frame < 60; frame++) {
        const start = performance.now();
        ${draw}
        times.push(performance.now() - start);
      }`;
    const t = `${moment} + (frame - 30) * 100 / 60`;
    pictures.theirs.push(await run(`${THEIRS}
      const crowd = place(await (await fetch("/files/0.json")).json());
      const context = canvas.getContext("2d");
      ${frames(`crowd.drawCanvas(${t}, true); context.getImageData(frame, 540, 1, 1);`)}
      return times;`));
    const told = await run(`${OURS}
      const video = document.getElementById("video");
      const player = await CommentPlayer.create(video, { wasm: "/player/comment-player.wasm", fonts: ["/files/0.fonts"],
        comments: { all: "/files/0.json" }, fit: "element" });
      if (player.canvas.width !== 1920) throw new Error("the canvas is " + player.canvas.width + " pixels wide");
      const context = player.canvas.getContext("2d");
      let most = 0;
      ${frames(`most = Math.max(most, player.drawAt((${t}) / 100)); context.getImageData(frame, 540, 1, 1);`)}
      return { times, most };`);
    pictures.ours.push(told.times);
    comments = told.most;
  }
} finally {
  browser.end();
  server.close();
  rmSync(folder, { recursive: true });
}

const row = (...cells) => console.log(`| ${cells.join(" | ")} |`);
row("what", "niconicomments", "ours", "ratio");
row("---", "---", "---", "---");
const medians = (times) => [0, 1].map((at) => median(times.map((time) => time[at])));
for (const [path, times] of layouts) {
  const theirs = medians(times.theirs);
  const line = (what, ours) => {
    const both = (times) => `${times[0].toFixed(1)} (${times[1].toFixed(0)})`;
    row(what, both(theirs), both(ours), `${(theirs[0] / ours[0]).toFixed(1)} (${(theirs[1] / ours[1]).toFixed(1)})`);
  };
  line(`layout of ${basename(path)} on a fresh page, ms`, medians(times.ours));
  line("the same, with the module's start", medians(times.ours.map((ours, at) => ours.map((time, which) => time + times.start[at][which]))));
  line("the same, with a start without a rehearsal", medians(times.bare));
}
const [theirs, ours] = [pictures.theirs, pictures.ours].map((all) => median(all.map(median)));
row(`pictures a second, 1920x1080, ${comments} comments at once`, (1000 / theirs).toFixed(1), (1000 / ours).toFixed(1), (theirs / ours).toFixed(1));
const [allTheirs, allOurs] = [pictures.theirs, pictures.ours].map((all) => median(all.map((times) => times.reduce((a, b) => a + b))));
row(`the 60 pictures, ms in all`, allTheirs.toFixed(0), allOurs.toFixed(0), (allTheirs / allOurs).toFixed(1));
