// How many pictures a second the page makes of a full stage: node benches/live/full_stage.mjs [COMMENTS]
// A server of its own in the place of `nico live` sends comments of 300x70 pixels, so many (200) that are seen at a time, and Chromium
// without a window shows the page. Prints pictures a second and the comments at the end and at most.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";
import { crc32, deflateSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const page = join(here, "../../crates/nico-live/src/serve");
const WIDTH = 300, HEIGHT = 70, SHOWN = 5_300; // pixels, milliseconds

// A chequered PNG.
function png(seed) {
  const rows = Buffer.alloc((WIDTH * 4 + 1) * HEIGHT);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const on = ((x >> 3) ^ (y >> 3) ^ seed) & 1;
      rows.fill(255, y * (WIDTH * 4 + 1) + 1 + x * 4, y * (WIDTH * 4 + 1) + 4 + x * 4);
      rows[y * (WIDTH * 4 + 1) + 4 + x * 4] = on * 255;
    }
  }
  const chunk = (name, data) => {
    const body = Buffer.concat([Buffer.from(name), data]);
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    check.writeUInt32BE(crc32(body) >>> 0);
    return Buffer.concat([length, body, check]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(WIDTH, 0);
  head.writeUInt32BE(HEIGHT, 4);
  head.set([8, 6], 8); // bits, RGBA
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return Buffer.concat([signature, chunk("IHDR", head), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))]).toString("base64");
}

function serve(comments) {
  const pictures = [...Array(8).keys()].map(png);
  const start = performance.now(), now = () => Math.round(performance.now() - start);
  const files = { "/": ["page.html", "html"], "/page.js": ["page.js", "javascript"], "/page.css": ["page.css", "css"] };
  createServer((request, response) => {
    const path = request.url.split("?")[0];
    if (path === "/events") {
      response.writeHead(200, { "Content-Type": "text/event-stream" });
      const send = (name, data) => response.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
      const time = () => send("time", { now: now(), running: true, speed: 1 });
      send("hello", "1");
      time();
      setInterval(time, 1_000);
      let id = 0;
      setInterval(() => {
        const begin = now(), speed = (1_920 + WIDTH) / SHOWN * 1_000;
        send("show", { id, text: `${id}`, kind: "scroll", x: 1_920, y: id * 37 % 1_000, width: WIDTH, height: HEIGHT, speed,
          begin, end: begin + SHOWN, left: 0, top: 0, png: pictures[id % 8] });
        id++;
      }, SHOWN / comments);
    } else {
      const [file, kind] = files[path] ?? [];
      response.writeHead(file ? 200 : 404, { "Content-Type": `text/${kind ?? "plain"}` });
      response.end(file && readFileSync(join(page, file)));
    }
  }).listen(0, "127.0.0.1", function () { parentPort.postMessage(this.address().port); });
}

if (isMainThread) {
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData: Number(process.argv[2] ?? 200) });
  worker.once("message", (port) => {
    const told = execFileSync("node", [join(here, "page.mjs"), `http://127.0.0.1:${port}/`, "7"], { maxBuffer: 1 << 30 });
    const { pictures_a_second, seen, most } = JSON.parse(told);
    console.log(JSON.stringify({ pictures_a_second, seen, most }));
    process.exit(0);
  });
} else {
  serve(workerData);
}
