// Comments over a page's <video>, on a canvas. scripts/build-player.sh puts this behind what wasm-bindgen makes; docs/player.md says
// how a page uses it. Comments are drawn as pictures: nothing of them becomes HTML.

// Most bytes of pictures that are kept.
const MOST_BYTES = 128 << 20;
// The longest side of the canvas, in its pixels.
const LONGEST_SIDE = 4096;
// Milliseconds of a frame that pictures may be made in: while the video plays, and while it stands.
const WHILE_PLAYING = 8, WHILE_STANDING = 40;
// How far ahead of their time pictures are made, in centiseconds.
const AHEAD = 100;

class CommentPlayer {
  static #module = null;

  // What wasm-bindgen made: a function that starts the module, and the module's engine.
  static get module() {
    return wasm_bindgen;
  }

  // Starts the module, once for a page: create() does it.
  static async start(wasm) {
    const module = await wasm_bindgen({ module_or_path: wasm });
    wasm_bindgen.rehearse();
    return module;
  }

  // Draws comments over `video`.
  // - wasm: the module; its address, a Response or its bytes
  // - fonts: font files, or one file of overlay-render's `Fonts::subset`; addresses, Responses or bytes
  // - comments: comment files by the names they are shown under; the same
  // - settings: see set()
  // - fit: "picture" draws over the picture, "element" over bars beside it as well
  static async create(video, { wasm, fonts, comments = {}, settings = {}, fit = "picture" }) {
    // Asked for at once: while they come, the module makes itself ready.
    const files = [fonts, Object.values(comments)].map((all) => Promise.all(all.map(bytes)));
    files.forEach((all) => all.catch(() => {})); // told where they are awaited
    CommentPlayer.#module ??= CommentPlayer.start(wasm);
    let module;
    try {
      module = await CommentPlayer.#module;
    } catch (error) {
      CommentPlayer.#module = null; // it may be asked for again
      throw error;
    }
    const engine = new wasm_bindgen.CommentEngine(await files[0]);
    const contents = await files[1];
    const player = new CommentPlayer(video, module.memory, engine, fit);
    try {
      Object.keys(comments).forEach((name, at) => player.add(name, contents[at]));
      player.set(settings);
    } catch (error) {
      player.destroy();
      throw error;
    }
    return player;
  }

  #video; #memory; #engine; #fit; #context; #observer;
  #ends = new AbortController(); // of drawing
  #goes = new AbortController(); // of the player
  #settings = {};
  #visible = true;
  #pictures = new Map(); // by key
  #bytes = 0; // of all of them
  #painter = typeof OffscreenCanvas === "function" ? new OffscreenCanvas(1, 1) : null;
  #number = 0; // of the frame
  #shown = 0; // comments in it
  #asked = 0; // the animation frame that is to come
  #time = NaN; // of the video in the last frame
  #next = 0; // where that frame goes on, if there was no time for all of its pictures
  #whole = false; // whether there was
  #waiting = []; // for such a frame
  #before = null; // the video's size before it filled the screen

  constructor(video, memory, engine, fit) {
    this.#video = video;
    this.#memory = memory;
    this.#engine = engine;
    this.#fit = fit;
    // An element in the video's place holds both, so that both can fill the screen.
    this.element = document.createElement("div");
    Object.assign(this.element.style, { position: "relative", overflow: "hidden" });
    video.replaceWith(this.element);
    this.canvas = document.createElement("canvas");
    Object.assign(this.canvas.style, { position: "absolute", pointerEvents: "none" });
    this.element.append(video, this.canvas);
    this.#context = this.canvas.getContext("2d");
    const on = (target, names, act) => {
      for (const name of names.split(" ")) target.addEventListener(name, act, { signal: this.#ends.signal });
    };
    on(video, "play seeking seeked timeupdate loadeddata", () => this.#ask());
    on(video, "loadedmetadata resize", () => this.#resize());
    on(window, "resize", () => this.#resize()); // the page's zoom changes what a pixel is
    // Also where nothing is drawn any more, so that the video becomes what it was.
    document.addEventListener("fullscreenchange", () => this.#fill(), { signal: this.#goes.signal });
    this.#observer = new ResizeObserver(() => this.#resize());
    this.#observer.observe(video);
    this.#resize();
  }

  // Reads a comment file of any Niconico format under a name, in place of what had it. It is shown from the next set() or frame on.
  // Gives { comments, rejected, leftOut, endsEarly }: endsEarly tells that the file breaks off.
  add(name, file) {
    const added = JSON.parse(this.#engine.add(name, file));
    this.#forget();
    return added;
  }

  // Changes what is shown and how; what is not named stays. Gives { given, leftOut, report }.
  // - sources: names of comment files; null shows all
  // - hide: { owner, viewers, positions, words, users, commands, score }
  // - limit, density, opacity, size, speed, area, scripts, laneOverflow: as the options of `nico render`
  set(settings) {
    const all = { ...this.#settings, ...settings };
    const report = JSON.parse(this.#engine.set(JSON.stringify(all)));
    this.#settings = all;
    this.#forget();
    return report;
  }

  get settings() {
    return structuredClone(this.#settings);
  }

  // What a viewer should know of the comments, in lines.
  get warnings() {
    const seconds = this.#video.duration;
    return this.#engine.warnings(Number.isFinite(seconds) ? seconds : undefined);
  }

  // The layout, as `nico layout --out x.json` writes it.
  get layout() {
    return JSON.parse(this.#engine.layout());
  }

  get visible() {
    return this.#visible;
  }

  set visible(visible) {
    this.#visible = Boolean(visible);
    this.canvas.hidden = !this.#visible;
    this.#drawAnew();
  }

  // Resolves when all comments of the video's present time are drawn.
  drawn() {
    if (this.#asked < 0) return Promise.reject(new Error("the player has ended"));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#ask();
    });
  }

  // Draws the comments of a time in seconds at once, whatever the video's, and gives their number; they stay until the video's time is
  // drawn again.
  drawAt(seconds) {
    this.#time = NaN;
    this.#draw(seconds * 100, Infinity, 0, false);
    return this.#shown;
  }

  // The video and its comments fill the screen.
  fillScreen() {
    return this.element.requestFullscreen();
  }

  // Ends it; the video stands where it stood, as large as it was.
  destroy() {
    this.#end(new Error("the player has ended"));
    this.#goes.abort();
    this.#restore();
    this.element.replaceWith(this.#video);
    try {
      this.#engine.free();
    } catch {
      // A module that stopped in the middle of something does not give it back.
    }
  }

  // ---- Size

  #fill() {
    const { style } = this.#video;
    if (document.fullscreenElement === this.element) {
      const { width, height, maxHeight } = style;
      this.#before ??= { width, height, maxHeight };
      Object.assign(style, { width: "100%", height: "100%", maxHeight: "none" });
    } else {
      this.#restore();
    }
    if (this.#asked >= 0) this.#resize();
  }

  // The video's size is that before it filled the screen.
  #restore() {
    if (this.#before) Object.assign(this.#video.style, this.#before);
    this.#before = null;
  }

  // Where the picture is in the video's box, in pixels of the page.
  #picture() {
    const video = this.#video;
    const box = { left: 0, top: 0, width: video.clientWidth, height: video.clientHeight };
    const { videoWidth, videoHeight } = video;
    const { objectFit } = getComputedStyle(video);
    if (this.#fit === "element" || !videoWidth || !videoHeight || objectFit === "fill") return box;
    const scales = [box.width / videoWidth, box.height / videoHeight];
    const scale = objectFit === "cover" ? Math.max(...scales) : Math.min(...scales);
    const [width, height] = [videoWidth * scale, videoHeight * scale];
    return { left: (box.width - width) / 2, top: (box.height - height) / 2, width, height };
  }

  #resize() {
    const picture = this.#picture();
    if (!picture.width || !picture.height) return;
    const longest = Math.max(picture.width, picture.height);
    const scale = Math.min(window.devicePixelRatio || 1, LONGEST_SIDE / longest);
    const side = (length) => Math.max(1, Math.round(length * scale));
    const [width, height] = [side(picture.width), side(picture.height)];
    const { offsetLeft, offsetTop, clientLeft, clientTop } = this.#video;
    // Pixels of the canvas are the screen's: nothing is scaled.
    const place = (at) => `${Math.round(at * scale) / scale}px`;
    Object.assign(this.canvas.style, {
      left: place(offsetLeft + clientLeft + picture.left),
      top: place(offsetTop + clientTop + picture.top),
      width: `${width / scale}px`,
      height: `${height / scale}px`,
    });
    if (this.canvas.width === width && this.canvas.height === height && this.#number > 0) return;
    [this.canvas.width, this.canvas.height] = [width, height];
    this.#engine.resize(width, height);
    this.#forget();
    this.#paint(); // at once: what was drawn is gone
  }

  // ---- Drawing

  #ask() {
    this.#asked ||= requestAnimationFrame(() => {
      this.#asked = 0;
      this.#paint();
    });
  }

  #drawAnew() {
    this.#time = NaN;
    this.#ask();
  }

  // A frame, and the next one if it is known that there is something to draw.
  #paint() {
    const plays = !this.#video.paused && !this.#video.ended;
    try {
      const time = this.#video.currentTime;
      if (this.#visible && (time !== this.#time || !this.#whole)) {
        const until = performance.now() + (plays ? WHILE_PLAYING : WHILE_STANDING);
        // A picture that stands is painted on where there was no time for more; one that moves is painted anew.
        const goesOn = !plays && time === this.#time;
        this.#draw(time * 100, until, goesOn ? this.#next : 0, plays);
        this.#time = time;
        if (plays && this.#whole) this.#prepare(time * 100 + AHEAD * this.#video.playbackRate, until);
      }
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (this.#whole || !this.#visible) this.#settle();
    if (this.#visible && (plays || !this.#whole)) this.#ask();
  }

  // Draws the comments of a time, in centiseconds, from one of them on. Those whose pictures there is no time to make are left out, or
  // else it stops there.
  #draw(time, until, from, leavesOut) {
    const rows = this.#engine.look(time);
    this.#number++;
    this.#shown = rows.length / 4;
    this.#whole = true;
    if (from === 0) this.#context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    for (let at = from; at < rows.length; at += 4) {
      const picture = this.#pictureOf(rows, at, until);
      if (!picture) {
        this.#whole = false;
        this.#next = leavesOut ? 0 : at;
        if (!leavesOut) return;
      } else if (picture.image) {
        this.#context.drawImage(picture.image, rows[at + 2] + picture.left, rows[at + 3] + picture.top);
        if (!picture.kept) picture.image.close?.();
      }
    }
  }

  // Makes pictures of comments that come.
  #prepare(time, until) {
    if (performance.now() > until || this.#bytes > MOST_BYTES / 2) return;
    const rows = this.#engine.look(time);
    for (let at = 0; at < rows.length; at += 4) {
      if (rows[at + 1]) continue; // parts are of their moment
      const picture = this.#pictureOf(rows, at, until);
      if (!picture?.kept) {
        picture?.image?.close?.();
        return;
      }
    }
  }

  // The picture of a comment of the last look; null if it is not there and time is over.
  #pictureOf(rows, at, until) {
    const [key, part, x, y] = rows.subarray(at, at + 4);
    const known = this.#pictures.get(key);
    if (known && !(part && (known.x !== x || known.y !== y))) {
      known.used = this.#number;
      return known;
    }
    if (performance.now() > until) return null;
    if (known) this.#drop(key, known);
    const made = this.#engine.picture(at / 4);
    const picture = { image: null, left: 0, top: 0, x, y, used: this.#number, bytes: 64, kept: true };
    if (made) {
      const [left, top, width, height, address] = made;
      picture.left = left;
      picture.top = top;
      picture.bytes += 4 * width * height;
      picture.image = this.#image(width, height, address);
      picture.kept = this.#bytes + picture.bytes <= MOST_BYTES || this.#makeRoom(picture.bytes);
    }
    if (picture.kept) {
      this.#pictures.set(key, picture);
      this.#bytes += picture.bytes;
    }
    return picture;
  }

  // Pixels in the module's memory as something that a canvas draws.
  #image(width, height, address) {
    const pixels = new ImageData(new Uint8ClampedArray(this.#memory.buffer, address, 4 * width * height), width, height);
    const canvas = this.#painter ?? document.createElement("canvas");
    [canvas.width, canvas.height] = [width, height];
    canvas.getContext("2d").putImageData(pixels, 0, 0);
    return this.#painter ? canvas.transferToImageBitmap() : canvas;
  }

  // Forgets pictures that this frame does not need, the oldest first; false if that does not suffice.
  #makeRoom(bytes) {
    for (const [key, picture] of this.#pictures) {
      if (this.#bytes + bytes <= MOST_BYTES * 3 / 4) break;
      if (picture.used < this.#number - 1) this.#drop(key, picture);
    }
    return this.#bytes + bytes <= MOST_BYTES;
  }

  #drop(key, picture) {
    this.#pictures.delete(key);
    this.#bytes -= picture.bytes;
    picture.image?.close?.();
  }

  #forget() {
    for (const [key, picture] of this.#pictures) this.#drop(key, picture);
    this.#drawAnew();
  }

  #settle(error) {
    const waiting = this.#waiting.splice(0);
    for (const { resolve, reject } of waiting) error ? reject(error) : resolve();
  }

  // The module stopped, for want of memory: the video goes on without comments.
  #fail(error) {
    this.#end(error);
    this.canvas.remove();
    this.element.dispatchEvent(new CustomEvent("commenterror", { detail: error }));
    console.error("comments:", error);
  }

  // Draws no more.
  #end(error) {
    this.#ends.abort();
    this.#observer.disconnect();
    this.#forget();
    cancelAnimationFrame(this.#asked);
    this.#asked = -1; // none is asked for again
    this.#settle(error);
  }
}

// The bytes of an address, a Response, a Blob or an array of them.
async function bytes(source) {
  if (typeof source === "string" || source instanceof URL) source = await fetch(source);
  if (source instanceof Response) {
    if (!source.ok) throw new Error(`${source.url}: ${source.status} ${source.statusText}`);
    source = await source.arrayBuffer();
  }
  if (source instanceof Blob) source = await source.arrayBuffer();
  return ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source);
}
