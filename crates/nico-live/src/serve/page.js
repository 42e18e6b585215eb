// Moves comments over the page: their places and movements come from the server, which laid them
// out on a stage of 1920x1080; here they are drawn as pictures, and nothing of them becomes HTML.
"use strict";
(() => {
  const STAGE_WIDTH = 1920, STAGE_HEIGHT = 1080, NARROWEST = 1440;
  const canvas = document.getElementById("stage");
  const context = canvas.getContext("2d");
  const video = document.getElementById("video");
  const query = new URLSearchParams(location.search);
  const plays = query.has("video");
  const comments = new Map(); // by number, in the order in which they came
  let run = null;
  let clock = { now: 0, at: 0, running: false, speed: 1 };

  const token = query.has("token") ? "?token=" + encodeURIComponent(query.get("token")) : "";

  // The stage's time, milliseconds.
  function now(at = performance.now()) {
    return clock.now + (clock.running ? (at - clock.at) * clock.speed : 0);
  }

  // Takes the server's time. What comes late on its way would set it back a little: that is not
  // taken, unless it is more than a little.
  function setTime(time) {
    const at = performance.now();
    const behind = time.now - now(at);
    if (time.running !== clock.running || behind > 0 || behind < -250 * time.speed) {
      clock = { now: time.now, at, running: time.running, speed: time.speed };
    }
    forgetOver(now(at)); // also where nothing is drawn, as in a tab that is hidden
    if (plays) follow();
  }

  // The video follows the stage's time: a little faster or slower where it is near, else it is sought,
  // which may take a slow machine seconds.
  let sought = -Infinity;
  function follow() {
    if (video.readyState < 1) return;
    const at = performance.now(), ahead = now(at) / 1000 - video.currentTime;
    if (Math.abs(ahead) > 1.5 * clock.speed && !video.seeking && at - sought > 5000) {
      sought = at;
      video.currentTime = now(at) / 1000;
    }
    // Browsers play no faster than 16 times and no slower than a 16th.
    const rate = clock.speed * (1 + Math.max(-0.1, Math.min(0.1, ahead / 5)));
    video.playbackRate = Math.max(0.0625, Math.min(16, rate));
    if (clock.running && video.paused) video.play().catch(() => {});
    if (!clock.running && !video.paused) video.pause();
  }

  async function show(comment) {
    if (comments.has(comment.id)) return;
    comments.set(comment.id, comment);
    if (!comment.png) return;
    const bytes = Uint8Array.from(atob(comment.png), (c) => c.charCodeAt(0));
    comment.png = null;
    try {
      const picture = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
      if (comments.get(comment.id) === comment) comment.picture = picture;
      else picture.close(); // over meanwhile
    } catch {
      if (comments.get(comment.id) === comment) forget(comment); // no picture: nothing to draw
    }
  }

  function forget(comment) {
    comment.picture?.close();
    comments.delete(comment.id);
  }

  function forgetOver(t) {
    for (const comment of comments.values()) if (t >= comment.end) forget(comment);
  }

  function clear() {
    for (const comment of comments.values()) forget(comment);
  }

  // The server tells the time every second: who hears nothing for five asks again.
  let heard = performance.now();
  let events = null;
  setInterval(() => {
    if (performance.now() - heard > 5000) connect();
  }, 1000);

  function connect() {
    events?.close();
    heard = performance.now();
    events = new EventSource("events" + token);
    const on = (name, act) => events.addEventListener(name, (event) => {
      heard = performance.now();
      act(JSON.parse(event.data));
    });
    on("hello", (other) => {
      if (run !== other) clear(); // another run of the server counts anew, or what was shown was taken off
      run = other;
    });
    on("time", setTime);
    on("show", show);
    on("clear", clear);
  }

  // How the stage is seen in a picture of this size, as overlay_render::Viewport has it.
  function viewport(width, height) {
    const scale = Math.min(width / NARROWEST, height / STAGE_HEIGHT);
    const shown = STAGE_WIDTH * scale;
    return (comment, x) => {
      let left;
      if (width > shown && comment.kind === "scroll") {
        const way = (STAGE_WIDTH - x) / (STAGE_WIDTH + comment.width);
        left = width - way * (width + comment.width * scale);
      } else {
        left = x * scale + (width - shown) / 2;
      }
      const below = comment.kind === "bottom" ? height - STAGE_HEIGHT * scale : 0;
      return { x: left, y: comment.y * scale + below, scale };
    };
  }

  function places(t, width, height) {
    forgetOver(t);
    const place = viewport(width, height);
    const list = [];
    for (const comment of comments.values()) {
      if (t < comment.begin) continue;
      const x = comment.x - comment.speed * (t - comment.begin) / 1000;
      list.push({ comment, ...place(comment, x) });
    }
    return list;
  }

  let drawn = []; // rectangles that were painted last
  let last = { now: 0, places: [] }; // what was painted last, and for when
  function draw() {
    const ratio = window.devicePixelRatio || 1;
    const width = Math.round(innerWidth * ratio), height = Math.round(innerHeight * ratio);
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    for (const [x, y, wide, high] of drawn) context.clearRect(x, y, wide, high);
    drawn = [];
    const t = now();
    last = { now: t, places: places(t, width, height) };
    for (const { comment, x, y, scale } of last.places) {
      const picture = comment.picture;
      if (!picture) continue;
      // Whole pixels: letters stay sharp, and copying is fast.
      const left = Math.round(x - comment.left * scale), top = Math.round(y - comment.top * scale);
      const wide = Math.round(picture.width * scale), high = Math.round(picture.height * scale);
      if (left > width || left + wide < 0) continue;
      context.drawImage(picture, left, top, wide, high);
      drawn.push([left, top, wide, high]);
    }
    frames.push(performance.now());
    if (frames.length > 600) frames.splice(0, 300);
    requestAnimationFrame(draw);
  }
  const frames = [];

  if (plays) {
    video.hidden = false;
    video.src = "video" + token;
  }
  connect();
  requestAnimationFrame(draw);

  // For tests and scripts of a browser source: the stage's time, what was painted last, for when and
  // where, and when pictures were painted.
  window.nicoLive = {
    now: () => now(),
    last: () => ({
      now: last.now,
      list: last.places.map(({ comment, x, y, scale }) =>
        ({ id: comment.id, text: comment.text, x, y, scale, drawn: Boolean(comment.picture) })),
    }),
    frames,
  };
})();
