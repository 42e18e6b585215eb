// From a line or a cut to its comment, as a page sees it: node benches/live/delays.mjs NICO MODEL [SECONDS] [MORE OPTIONS…]
// Plays a picture of 1280x720 with a cut every 4 s while a line is said every 2.7 s, for SECONDS (120), and prints a line of JSON: how many
// comments lines, cuts and the crowd set off, and the milliseconds until they reached a page, p50 and p95; comments that came too late; the
// processor's share (1 is one core). Needs ffmpeg.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

const [nico, model, length = "120", ...more] = process.argv.slice(2);
const CUT = 4_000, LINE = 2_700;
const folder = mkdtempSync(join(tmpdir(), "delays-"));
const video = join(folder, "in.mkv"), jsonl = join(folder, "out.jsonl");
const scenes = `eq=brightness='if(mod(floor(t/${CUT / 1_000}),2),0.3,-0.3)':eval=frame`;
const made = spawnSync("ffmpeg", ["-loglevel", "error", "-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=30", "-vf", scenes,
  "-t", length, "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", video], { stdio: "inherit" });
if (made.status !== 0) process.exit(1);

const options = ["live", video, "--model", model, "--lines", "-", "--prompted", "1", "--jsonl", jsonl, "--serve", "127.0.0.1:0", "--json"];
const program = spawn(nico, [...options, ...more]);
let told = "", report = "";
program.stdout.on("data", (data) => (report += data));
program.stderr.on("data", (data) => {
  told += data;
  const page = told.match(/live: (http:\/\/\S+)/);
  if (page && !listening) listen(page[1]);
});

let listening = false;
let clock = null; // the stage's time and when it was told
let since = 0; // the stage's time from which on the page was there
const arrived = []; // comments whose pictures were here, with the stage's time then, in order
const said = []; // stage's times of lines
const now = () => clock && clock.stage + (clock.running ? performance.now() - clock.at : 0);

function listen(url) {
  listening = true;
  get(`${url}events`, (events) => {
    let rest = "";
    events.setEncoding("utf8").on("data", (data) => {
      const parts = (rest + data).split("\n\n");
      rest = parts.pop();
      for (const part of parts) event(part);
    });
  });
}

let processor = 0;
function event(text) {
  const name = text.match(/^event: (.*)$/m)?.[1];
  const data = text.match(/^data: (.*)$/m)?.[1];
  if (name === "time") {
    const time = JSON.parse(data);
    // What was longest on its way is not believed.
    since ||= time.now;
    if (!clock || clock.running !== time.running || time.now > now() || time.now < now() - 250) {
      clock = { stage: time.now, at: performance.now(), running: time.running };
    }
    processor = used();
  } else if (name === "show") {
    arrived.push({ text: JSON.parse(data).text, at: now() });
  }
}

// Seconds of processor that the program has used.
function used() {
  const fields = readFileSync(`/proc/${program.pid}/stat`, "utf8").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

const start = performance.now();
const speak = setInterval(() => {
  if (!clock?.running) return;
  program.stdin.write(`line ${said.length} おはよう\n`);
  said.push(now());
}, LINE);
program.on("exit", () => {
  clearInterval(speak);
  const seconds = (performance.now() - start) / 1_000;
  const counts = report ? JSON.parse(report) : {};
  const delays = { line: [], cut: [], crowd: [] };
  const comments = readFileSync(jsonl, "utf8").trim().split("\n").map((line) => JSON.parse(line));
  let next = 0;
  comments.forEach(({ prompt, seconds, body }) => {
    if (arrived[next]?.text !== body) return; // not drawn, or shown before the page was there
    const { at } = arrived[next++];
    const moment = seconds * 1_000;
    // What set it off is the line that is nearest, for both clocks differ by some milliseconds, or the latest cut.
    const line = said.reduce((best, at) => (Math.abs(at - moment) < Math.abs(best - moment) ? at : best), Infinity);
    const cut = Math.floor((moment + 20) / CUT) * CUT;
    const begun = { line, cut, crowd: moment }[prompt];
    if (begun > since) delays[prompt].push(at - begun);
  });
  const share = (list, part) => list.length && Math.round(list.sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * part))]);
  const rows = Object.entries(delays).map(([name, list]) => [name, { comments: list.length, p50: share(list, 0.5), p95: share(list, 0.95) }]);
  const { planned, given, late, unwritten, longest_unseen_ms, delay_ms } = counts;
  console.log(JSON.stringify({ ...Object.fromEntries(rows), planned, given, late, unwritten, longest_unseen_ms, delay_ms, processor: Math.round(processor / seconds * 100) / 100 }));
  if (!report) console.error(told);
  rmSync(folder, { recursive: true });
  process.exit(report ? 0 : 1);
});
