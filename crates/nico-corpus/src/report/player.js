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
