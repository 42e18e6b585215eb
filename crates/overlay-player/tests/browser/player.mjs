// The player in Chromium: node player.mjs PLAYER FONTS FOLDER
//
// PLAYER is the folder of scripts/build-player.sh, FONTS that of the fonts. FOLDER has video.webm, real.xml and generated.xml, layout.json
// (`nico layout` of both together) and frames.json: moments of the video, sizes, and pictures of the comments alone by `nico render`.
// Prints a line for each check; the first that fails ends it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Chromium, wait } from "../../../../benches/live/chromium.mjs";
import { serve } from "./server.mjs";

const [player, fonts, folder] = process.argv.slice(2);
const read = (name) => JSON.parse(readFileSync(join(folder, name)));

const PAGE = `<!doctype html><meta charset="utf-8"><title>player</title>
<style>body { margin: 0 } video { display: block; width: 640px; height: 360px; background: black }</style>
<p id="before">before</p><video id="video" src="/files/video.webm" preload="auto" muted></video>
<script type="module">
  import { CommentPlayer } from "/player/comment-player.js";
  window.CommentPlayer = CommentPlayer;
  window.video = document.getElementById("video");
  const fonts = ["Sans-Bold", "Sans-Regular", "Serif-Regular"].map((name) => \`/fonts/NotoCJKjp-\${name}.subset.otf\`);
  window.create = (more = {}) => CommentPlayer.create(video, {
    wasm: "/player/comment-player.wasm", fonts,
    comments: { real: "/files/real.xml", generated: "/files/generated.xml" },
    settings: { laneOverflow: 0.5 }, ...more });
  // Goes to a moment, and resolves when it is shown.
  window.seek = async (seconds) => {
    const there = new Promise((done) => video.addEventListener("seeked", done, { once: true }));
    video.currentTime = seconds;
    await there;
  };
  window.pixels = () => {
    const { canvas } = window.player;
    return canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  };
  window.inked = () => pixels().data.reduce((sum, value, at) => sum + (at % 4 === 3 && value > 0), 0);
  // How far the canvas is from a picture of the same size, over black and over white: the mean over pixels with letters, and
  // over all; and where the letters' bounds are in both.
  window.compare = async (address) => {
    const image = await createImageBitmap(await (await fetch(address)).blob());
    const over = (background, draw) => {
      const canvas = new OffscreenCanvas(image.width, image.height);
      const context = canvas.getContext("2d", { willReadFrequently: true });
      context.fillStyle = background;
      context.fillRect(0, 0, canvas.width, canvas.height);
      context.drawImage(draw, 0, 0);
      return context.getImageData(0, 0, canvas.width, canvas.height).data;
    };
    let sum = 0, most = 0, inked = 0, far = 0;
    for (const background of ["black", "white"]) {
      const [ours, theirs] = [over(background, window.player.canvas), over(background, image)];
      const plain = background === "black" ? 0 : 255;
      for (let at = 0; at < ours.length; at += 4) {
        let differs = 0, drawn = false;
        for (let channel = at; channel < at + 3; channel++) {
          differs = Math.max(differs, Math.abs(ours[channel] - theirs[channel]));
          drawn ||= ours[channel] !== plain || theirs[channel] !== plain;
        }
        sum += differs;
        most = Math.max(most, differs);
        inked += drawn;
        far += differs > 16;
      }
    }
    return { size: [image.width, image.height], mean: sum / Math.max(inked, 1), most, inked, far };
  };
  window.isReady = true;
</script>`;

const server = await serve({ player, fonts, files: folder }, PAGE);
const browser = await Chromium.start();
let failed = false;
try {
  const page = await browser.open(server.address, [1400, 900]);
  const run = (body) => page.evaluate(`(async () => { ${body} })()`);
  const check = async (what, body) => {
    const told = await body();
    console.log(`${what}${told ? `: ${told}` : ""}`);
  };
  for (let tries = 0; !await page.evaluate("window.isReady ?? false"); tries++) {
    assert.ok(tries < 200, "the page's script did not run");
    await wait(50);
  }
  await run("window.player = await create(); await player.drawn();");

  await check("places are those of `nico layout`", async () => {
    const { comments } = await run("return player.layout");
    assert.deepEqual(comments, read("layout.json").comments);
    return `${comments.length} comments`;
  });

  await check("pictures are those of `nico render --frame`, while the video stands and at any size", async () => {
    const means = [];
    for (const { file, seconds, width, height } of read("frames.json")) {
      await run(`video.style.width = "${width}px"; video.style.height = "${height}px"; await seek(${seconds});
        await new Promise((done) => setTimeout(done, 50)); await player.drawn();`);
      const told = await run(`return compare("/files/${file}")`);
      assert.deepEqual(await run("return [player.canvas.width, player.canvas.height]"), told.size);
      assert.ok(told.inked > 500, `${file}: nothing is drawn`);
      assert.ok(told.mean < 0.5 && told.far === 0, `${file}: ${JSON.stringify(told)}`);
      means.push(told.mean.toFixed(3));
    }
    return `mean differences ${means.join(", ")} of 255`;
  });

  await check("comments move while the video plays, and stand when it stands", async () => {
    const told = await run(`
      // Slowly, so that a busy machine shows some pictures of it as well.
      await seek(1); video.playbackRate = 0.1; await video.play();
      const seen = new Set();
      while (seen.size < 4 && !video.ended) {
        await new Promise(requestAnimationFrame);
        seen.add(pixels().data.reduce((sum, value, at) => (sum * 31 + value * (at % 251)) % 2147483647, 7));
      }
      video.pause();
      await player.drawn();
      await new Promise((done) => setTimeout(done, 100));
      await player.drawn();
      const stands = pixels().data, time = video.currentTime;
      player.visible = false; player.visible = true;
      await player.drawn();
      video.playbackRate = 1;
      return { pictures: seen.size, time, same: pixels().data.every((value, at) => value === stands[at]) };`);
    assert.ok(told.pictures === 4 && told.time > 1, JSON.stringify(told));
    assert.ok(told.same, "the picture at a standstill is not that of its time");
  });

  await check("comments are hidden, switched and filtered", async () => {
    const told = await run(`
      await seek(2); await player.drawn();
      const ink = async (change) => { change(); await player.drawn(); return inked(); };
      const all = await ink(() => 0);
      const real = await ink(() => player.set({ sources: ["real"] }));
      const generated = await ink(() => player.set({ sources: ["generated"] }));
      const none = await ink(() => player.set({ sources: [] }));
      const fixed = await ink(() => player.set({ sources: null, hide: { positions: ["naka"] } }));
      const words = player.set({ hide: { words: ["こんにちは"] } }).leftOut;
      player.set({ hide: {} });
      player.visible = false;
      const hidden = getComputedStyle(player.canvas).display;
      player.visible = true;
      const back = await ink(() => 0);
      let error = null;
      try { player.set({ colour: 1 }); } catch (thrown) { error = thrown.message; }
      return { all, real, generated, none, fixed, words, hidden, back, error };`);
    const { all, real, generated, none, fixed, words, hidden, back, error } = told;
    assert.ok(all > real && all > generated && real > 0 && generated > 0 && none === 0, JSON.stringify(told));
    assert.ok(fixed > 0 && fixed < all && words > 0 && back === all, JSON.stringify(told));
    assert.equal(hidden, "none");
    assert.match(error, /colour/);
  });

  await check("comments lie over the picture, not over bars beside it", async () => {
    const told = await run(`
      video.style.width = "800px"; video.style.height = "300px";
      await new Promise((done) => setTimeout(done, 100));
      const [canvas, element] = [player.canvas, video].map((one) => one.getBoundingClientRect());
      return [canvas.left - element.left, canvas.top - element.top, canvas.width, canvas.height].map(Math.round);`);
    assert.deepEqual(told, [133, 0, 533, 300]);
  });

  await check("texts are never HTML, and files that are none are refused", async () => {
    const told = await run(`
      const text = '[{"id":1,"vpos":100,"content":"<img src=x onerror=document.title=1>","mail":[]}]';
      const added = player.add("hostile", new TextEncoder().encode(text));
      player.set({ sources: ["hostile"] });
      await player.drawn();
      let error = null;
      try { player.add("broken", new Uint8Array(100)); } catch (thrown) { error = thrown.message; }
      return { added, images: document.images.length, title: document.title, error };`);
    assert.equal(told.added.comments, 1);
    assert.deepEqual([told.images, told.title], [0, "player"]);
    assert.match(told.error, /broken: no comment file/);
  });

  await check("a file without measure costs neither the page nor its memory", async () => {
    const told = await run(`
      const chat = (at) => '<chat vpos="' + at % 100 + '" mail="' + ["", "ue", "big", "small red"][at % 4] + '">' + "草8あw"[at % 4].repeat(1 + at % 40) + "</chat>";
      const file = "<packet>" + Array.from({ length: 250000 }, (_, at) => chat(at)).join("") + "</packet>";
      const start = performance.now();
      const added = player.add("many", new TextEncoder().encode(file));
      const { report } = player.set({ sources: ["many"] });
      video.currentTime = 1.5;
      await player.drawn();
      return { added, shown: report.shown, seconds: (performance.now() - start) / 1000, ink: inked() };`);
    assert.equal(told.added.comments + told.added.leftOut, 250000);
    assert.ok(told.added.leftOut > 0 && told.shown > 100000 && told.ink > 1000, JSON.stringify(told));
    return `${told.added.comments} comments taken, ${told.added.leftOut} left out`;
  });

  await check("a file that breaks off is told", async () => {
    const told = await run(`
      const add = (text) => player.add("part", new TextEncoder().encode(text)).endsEarly;
      return [add("<packet><chat vpos='1'>w</chat></packet>"), add("<packet><chat vpos='1'>w</chat><chat vp")];`);
    assert.deepEqual(told, [false, true]);
  });

  await check("the page gets its video back as it was, also of a player that stopped while it filled the screen", async () => {
    const told = await run(`
      // Without a person no page fills the screen.
      Object.defineProperty(document, "fullscreenElement", { configurable: true, get: () => player.element });
      document.dispatchEvent(new Event("fullscreenchange"));
      const filled = video.style.width;
      const engine = CommentPlayer.module.CommentEngine.prototype, { free } = engine;
      engine.free = () => { throw new Error("it is borrowed"); };
      player.destroy();
      engine.free = free;
      delete document.fullscreenElement;
      return [document.querySelectorAll("canvas").length, video.parentElement === document.body, video.previousElementSibling.id,
        filled, video.style.width, video.style.height];`);
    assert.deepEqual(told, [0, true, "before", "100%", "800px", "300px"]);
  });
} catch (error) {
  failed = true;
  console.error(error.message ?? error);
} finally {
  browser.end();
  server.close();
}
process.exit(failed ? 1 : 0);
