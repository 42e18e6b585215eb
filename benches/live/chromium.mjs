// Chromium without a window, told what to do over a pipe (DevTools protocol): no package is needed.
import { spawn } from "node:child_process";

export class Chromium {
  static async start(program = process.env.CHROMIUM || "chromium", size = [1920, 1080], more = []) {
    const options = [
      "--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-dev-shm-usage",
      "--hide-scrollbars", "--mute-audio", "--autoplay-policy=no-user-gesture-required",
      `--window-size=${size.join(",")}`, ...more, "about:blank",
    ];
    const stdio = ["ignore", "ignore", "ignore", "pipe", "pipe"];
    return new Chromium(spawn(program, options, { stdio }));
  }

  constructor(child) {
    this.child = child;
    this.number = 0;
    this.waiting = new Map();
    let rest = "";
    child.stdio[4].setEncoding("utf8").on("data", (data) => {
      const messages = (rest + data).split("\0");
      rest = messages.pop();
      for (const text of messages) {
        const message = JSON.parse(text);
        const waits = this.waiting.get(message.id);
        this.waiting.delete(message.id);
        if (message.error) waits?.reject(new Error(message.error.message));
        else waits?.resolve(message.result);
      }
    });
    child.on("exit", () => this.waiting.forEach((waits) => waits.reject(new Error("Chromium ended"))));
  }

  send(method, params = {}, sessionId = undefined) {
    const id = ++this.number;
    this.child.stdio[3].write(JSON.stringify({ id, method, params, sessionId }) + "\0");
    return new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
  }

  // A page of this size, transparent where nothing is drawn.
  async open(url, [width, height] = [1920, 1080]) {
    const { targetId } = await this.send("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await this.send("Target.attachToTarget", { targetId, flatten: true });
    const send = (method, params) => this.send(method, params, sessionId);
    await send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: false });
    await send("Emulation.setDefaultBackgroundColorOverride", { color: { r: 0, g: 0, b: 0, a: 0 } });
    await send("Page.enable");
    await send("Page.navigate", { url });
    return {
      evaluate: async (expression) => {
        const told = await send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
        if (told.exceptionDetails) throw new Error(JSON.stringify(told.exceptionDetails));
        return told.result.value;
      },
      screenshot: async () => Buffer.from((await send("Page.captureScreenshot", { format: "png" })).data, "base64"),
      offline: (offline) => send("Network.emulateNetworkConditions",
        { offline, latency: 0, downloadThroughput: -1, uploadThroughput: -1 }),
      close: () => this.send("Target.closeTarget", { targetId }),
    };
  }

  end() {
    this.child.kill();
  }
}

export const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
