// A page of `nico report` in Chromium, as it lies on the disk: node report.mjs PAGE [PICTURE.png]
//
// Prints what it finds as JSON; with PICTURE.png it also takes a picture of the page.
import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { Chromium, wait } from "../../../../benches/live/chromium.mjs";

const [file, picture, width = "1200", height = "900"] = process.argv.slice(2);
const browser = await Chromium.start();
let failed = false;
try {
  const page = await browser.open(pathToFileURL(file), [Number(width), Number(height)]);
  for (let tries = 0; !await page.evaluate("document.querySelector('.player')?.dataset.ready === ''"); tries++) {
    const status = tries > 400 && await page.evaluate("document.querySelector('.player [role=status]')?.textContent");
    if (tries > 400) throw new Error(`no player: ${status}`);
    await wait(50);
  }
  const told = await page.evaluate(`(async () => {
    const place = document.querySelector(".player");
    const [video, canvas, form] = ["video", "canvas", "form"].map((name) => place.querySelector(name));
    const until = async (is) => { for (let tries = 0; tries < 200 && !is(); tries++) await new Promise((done) => setTimeout(done, 25)); };
    await until(() => video.readyState >= 1);
    video.currentTime = 2;
    await until(() => !video.seeking);
    const inked = async () => {
      await new Promise((done) => setTimeout(done, 300));
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      return data.reduce((sum, value, at) => sum + (at % 4 === 3 && value > 0), 0);
    };
    const boxes = [...form.querySelectorAll("[name=source]")];
    const all = await inked();
    const without = {};
    for (const box of boxes) {
      box.click();
      without[box.value] = await inked();
      box.click();
    }
    const again = await inked();
    const original = video.getAttribute("src");
    const rendered = form.elements.rendered;
    rendered?.click();
    const shown = [video.getAttribute("src"), canvas.hidden];
    rendered?.click();
    await until(() => video.readyState >= 2 && !video.seeking);
    return { original, error: video.error?.message ?? null, labels: boxes.map((box) => box.parentElement.textContent.trim()),
      all, without, again, shown, status: place.querySelector("[role=status]").textContent };
  })()`);
  console.log(JSON.stringify(told));
  if (picture) {
    await wait(500);
    writeFileSync(picture, await page.screenshot());
  }
} catch (error) {
  failed = true;
  console.error(error.message ?? error);
} finally {
  browser.end();
}
process.exit(failed ? 1 : 0);
