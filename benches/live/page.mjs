// What a page shows: node benches/live/page.mjs URL SECONDS [SCREENSHOT.png]
// Waits for comments, looks at them for so long, and prints one line of JSON: where the page says that they are and where
// their letters are on the canvas, pictures a second, and errors of the page.
import { writeFileSync } from "node:fs";
import { Chromium, wait } from "./chromium.mjs";

const [url, seconds, file] = process.argv.slice(2);
const browser = await Chromium.start();
try {
  const page = await browser.open(url);
  for (let tries = 0; tries < 200; tries++) {
    if (await page.evaluate("window.nicoLive?.last().list.some((one) => one.drawn) ?? false")) break;
    await wait(50);
  }
  // In one turn of the page: the places, and the pixels that were drawn for them in this picture.
  const look = `new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => {
    const canvas = document.getElementById("stage");
    const context = canvas.getContext("2d");
    const { now, list } = nicoLive.last();
    const { data, width, height } = context.getImageData(0, 0, canvas.width, canvas.height);
    const bounds = list.map(({ y, x }) => {
      // The first and last column with anything in the rows of the comment's middle.
      const top = Math.max(0, Math.round(y) + 20), bottom = Math.min(height, top + 40);
      let left = width, right = -1;
      for (let row = top; row < bottom; row++)
        for (let column = 0; column < width; column++)
          if (data[(row * width + column) * 4 + 3] > 0) {
            left = Math.min(left, column);
            right = Math.max(right, column);
          }
      return { left, right };
    });
    done({ now, at: Date.now() - (nicoLive.now() - now), list, bounds, width, height });
  })))`;
  const looks = [];
  const start = Date.now();
  while (Date.now() - start < Number(seconds) * 1000) {
    looks.push(await page.evaluate(look));
    await wait(200);
  }
  // Without anybody reading pixels meanwhile.
  await page.evaluate("nicoLive.frames.length = 0");
  await wait(3000);
  const rate = await page.evaluate(`(() => { const f = nicoLive.frames; return (f.length - 1) / (f[f.length - 1] - f[0]) * 1000; })()`);
  const seen = await page.evaluate("nicoLive.last().list.length");
  const most = Math.max(...looks.map((one) => one.list.length));
  if (file) writeFileSync(file, await page.screenshot());
  console.log(JSON.stringify({ looks, pictures_a_second: rate, seen, most }));
} finally {
  browser.end();
}
