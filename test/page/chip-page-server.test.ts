/** The server of the page: its files, its policy, and requests of other sites, which it refuses. */
import { request } from "node:http";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ChipPageServer, serveChipPage } from "../../src/station-server/chip-page-server.ts";

const FILES = new Map([
  ["/", { type: "text/html; charset=utf-8", bytes: new TextEncoder().encode("<p>page</p>") }],
  ["/assets/a.js", { type: "text/javascript; charset=utf-8", bytes: new TextEncoder().encode("1;") }],
]);

let server: ChipPageServer;
beforeAll(async () => {
  server = await serveChipPage(FILES, 0);
});
afterAll(() => server.close());

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
}

function ask(path: string, method = "GET", headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: server.host, port: server.port, path, method, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => (text += part));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    sent.on("error", reject).end();
  });
}

it("sends the files of the page with a policy that lets nothing else in", async () => {
  const page = await ask("/");
  expect([page.status, page.text]).toEqual([200, "<p>page</p>"]);
  const policy = String(page.headers["content-security-policy"]);
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("trusted-types norbridge");
  expect(policy).not.toContain("unsafe");
  expect(page.headers["permissions-policy"]).toContain("serial=(self)");
  expect((await ask("/assets/a.js")).headers["content-type"]).toBe("text/javascript; charset=utf-8");
});

it.each([
  ["/assets/../package.json", "GET", {}, 404],
  ["/package.json", "GET", {}, 404],
  ["/", "POST", { "x-norbridge": "1" }, 405],
  ["/", "GET", { host: "evil.example" }, 421],
  ["/", "GET", { origin: "https://evil.example" }, 403],
  ["/assets/a.js", "GET", { "sec-fetch-site": "cross-site" }, 403],
] as const)("refuses %s by %s with %j: %i", async (path, method, headers, status) => {
  expect((await ask(path, method, headers)).status).toBe(status);
});
