// A click on a comment plays the video from there; while it plays, the comment that was said last is marked.
for (const watch of document.querySelectorAll(".watch")) {
  const video = watch.querySelector("video");
  const said = watch.querySelector(".said");
  if (!video || !said) continue;
  const rows = [...said.querySelectorAll("button")];
  const times = rows.map((row) => Number(row.dataset.at));
  let now = null;
  said.addEventListener("click", (event) => {
    const row = event.target.closest("button");
    if (row) {
      video.currentTime = Number(row.dataset.at);
      video.play();
    }
  });
  video.addEventListener("timeupdate", () => {
    let low = 0, high = times.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (times[middle] <= video.currentTime) low = middle + 1; else high = middle;
    }
    const row = rows[low - 1] ?? null;
    if (row !== now) {
      now?.classList.remove("now");
      row?.classList.add("now");
      if (row) said.scrollTop = row.offsetTop - said.offsetTop - said.clientHeight / 2;
      now = row;
    }
  });
}

// Comments over the video itself, drawn here: the player and its data lie in the page.
for (const place of document.querySelectorAll(".player")) {
  const video = place.querySelector("video");
  const { source, words, size, full, rendered } = place.querySelector("form").elements;
  const sources = source instanceof RadioNodeList ? [...source] : [source].filter(Boolean);
  const status = place.querySelector("[role=status]");
  const original = video.getAttribute("src");
  let player = null;
  place.querySelector("form").addEventListener("submit", (event) => event.preventDefault());

  // The bytes of a part of the page.
  const part = async (id) => {
    const text = atob(document.getElementById(`player-${id}`).textContent);
    const bytes = Uint8Array.from(text, (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).arrayBuffer();
  };
  const settings = () => ({
    sources: sources.filter((box) => box.checked).map((box) => box.value),
    hide: { words: words.value.split(/\s+/).filter(Boolean) },
    size: Number(size.value),
  });
  const show = () => {
    if (!player) return;
    const { leftOut, given, report } = player.set(settings());
    status.textContent = words.value.trim() ? `${leftOut} of ${given} comments left out, ${report.shown} shown` : "";
  };

  // The video with its comments drawn on, or itself with those that are drawn here.
  const swap = (toRendered, why = "") => {
    const at = video.currentTime, plays = !video.paused;
    video.src = toRendered ? video.dataset.rendered : original;
    if (at > 0) video.currentTime = at;
    if (plays) video.play();
    if (player) player.visible = !toRendered;
    if (rendered) rendered.textContent = toRendered ? "As drawn here" : "As rendered";
    for (const control of [...sources, words, size]) control.disabled = toRendered;
    status.textContent = why;
  };
  rendered?.addEventListener("click", () => swap(video.getAttribute("src") === original));
  video.addEventListener("error", () => {
    if (video.getAttribute("src") !== original) return;
    const what = `This browser cannot play ${original}, or it is no longer there.`;
    if (rendered) swap(true, `${what} Shown is the video with its comments drawn on.`);
    else status.textContent = what;
  });
  full.addEventListener("click", () => (player ? player.fillScreen() : video.requestFullscreen()));

  const begin = async () => {
    const names = sources.map((box) => box.value);
    const [wasm, fonts, ...files] = await Promise.all(
      ["module", "fonts", ...names.map((name) => `comments-${name}`)].map(part));
    const comments = Object.fromEntries(names.map((name, at) => [name, files[at]]));
    player = await CommentPlayer.create(video, { wasm, fonts: [fonts], comments, settings: settings() });
    player.visible = video.getAttribute("src") === original;
    for (const box of [...sources, size]) box.addEventListener("change", show);
    words.addEventListener("input", show);
    place.dataset.ready = "";
  };
  begin().catch((error) => {
    status.textContent = `Comments cannot be drawn here: ${error.message ?? error}`;
  });
}
