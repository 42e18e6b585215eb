// Serves folders for a test's page, with ranges, without which browsers do not seek in videos.
import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const TYPES = {
  ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".mjs": "text/javascript", ".json": "application/json",
  ".png": "image/png", ".wasm": "application/wasm", ".webm": "video/webm", ".mp4": "video/mp4", ".xml": "text/xml",
};

// `roots` are folders by the first part of an address; `page` is what / gives. Resolves to { address, close }.
export async function serve(roots, page) {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://localhost").pathname);
    if (path === "/") {
      response.writeHead(200, { "Content-Type": TYPES[".html"] }).end(page);
      return;
    }
    const [, root, ...rest] = normalize(path).split("/");
    const file = roots[root] && join(roots[root], ...rest);
    const size = file && statSync(file, { throwIfNoEntry: false })?.size;
    if (size === undefined) {
      response.writeHead(404).end();
      return;
    }
    const asked = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
    const start = asked ? Number(asked[1]) : 0;
    const end = asked?.[2] ? Math.min(Number(asked[2]), size - 1) : size - 1;
    const headers = {
      "Content-Type": TYPES[extname(file)] ?? "application/octet-stream",
      "Content-Length": end - start + 1,
      "Accept-Ranges": "bytes",
      "Cache-Control": "no-store",
    };
    if (asked) headers["Content-Range"] = `bytes ${start}-${end}/${size}`;
    response.writeHead(asked ? 206 : 200, headers);
    createReadStream(file, { start, end }).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { address: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}
