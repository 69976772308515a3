/** The server of a station's page, by raw requests: who may ask, what comes back, and events with all their IDs. */
import { request } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { startStationServer, type StationServer } from "../../src/station-server/station-server.ts";
import { errorOf } from "../support/thrown.ts";
import { FakeStation } from "./fake-station.ts";

const FILES = new Map([
  ["/", { type: "text/html; charset=utf-8", bytes: new TextEncoder().encode("<!doctype html>") }],
  ["/assets/a.js", { type: "text/javascript; charset=utf-8", bytes: new TextEncoder().encode("1") }],
]);
const OWN = { "x-norbridge": "1", "content-type": "application/json" };
const SCAN = JSON.stringify({ kind: "scan", text: "SN-1", more: "left out" });

const open: StationServer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** A request with exactly these headers: `fetch` sets some by itself. */
function ask(
  server: StationServer,
  path: string,
  options: { method?: string; headers?: object; body?: string } = {},
): Promise<Answer> {
  const { port } = new URL(server.url);
  const headers = { host: `127.0.0.1:${port}`, ...options.headers } as Record<string, string>;
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, path, method: options.method ?? "GET", headers }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => (text += part));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    sent.on("error", reject);
    sent.end(options.body);
  });
}

async function start(token?: string): Promise<{ server: StationServer; station: FakeStation }> {
  const station = new FakeStation();
  const server = await startStationServer({ station, files: FILES, port: 0, token });
  open.push(server);
  return { server, station };
}

const post = (headers: object, body = SCAN) => ({ method: "POST", headers: { ...OWN, ...headers }, body });

describe("a request", () => {
  it("gets the page, its files and nothing else, with a policy that allows nothing from elsewhere", async () => {
    const { server } = await start();
    const page = await ask(server, "/");
    expect(page).toMatchObject({ status: 200, text: "<!doctype html>" });
    expect(page.headers["content-security-policy"]).toContain("default-src 'none'; script-src 'self';");
    expect(page.headers["content-security-policy"]).not.toContain("unsafe");
    expect(page.headers).toMatchObject({ "x-content-type-options": "nosniff", "cache-control": "no-store" });
    expect(page.headers).not.toHaveProperty("access-control-allow-origin");
    expect((await ask(server, "/assets/a.js")).headers["content-type"]).toContain("javascript");
    for (const path of ["/assets/../package.json", "/assets/%2e%2e/package.json", "/package.json", "//etc/passwd"]) {
      expect((await ask(server, path)).status, path).toBe(404);
    }
  });

  it("for another host, from another origin or without the header changes nothing", async () => {
    const { server, station } = await start();
    const { port } = new URL(server.url);
    const refused: readonly (readonly [number, object])[] = [
      [421, { host: `evil.example:${port}` }],
      [421, { host: "127.0.0.1:1" }],
      [421, { host: "127.0.0.1" }],
      [421, { host: `127.0.0.1.evil.example:${port}` }],
      [403, { origin: "http://evil.example" }],
      [403, { origin: "null" }],
      [403, { origin: `https://127.0.0.1:${port}` }],
      [403, { "sec-fetch-site": "cross-site" }],
      [403, { "sec-fetch-site": "same-site", "sec-fetch-mode": "navigate" }],
    ];
    for (const [status, headers] of refused) {
      expect((await ask(server, "/api/command", post(headers))).status, JSON.stringify(headers)).toBe(status);
    }
    const plain = { method: "POST", headers: { "content-type": "application/json" }, body: SCAN };
    expect((await ask(server, "/api/command", plain)).status).toBe(403);
    // What a page of another site would ask before it sends a header of ours.
    const before = { origin: "http://evil.example", "access-control-request-headers": "x-norbridge" };
    expect((await ask(server, "/api/command", { method: "OPTIONS", headers: before })).status).toBe(403);
    expect(station.commands).toEqual([]);
    const own = { origin: `http://127.0.0.1:${port}`, "sec-fetch-site": "same-origin" };
    expect((await ask(server, "/api/command", post(own))).status).toBe(200);
    expect(station.commands).toEqual([{ kind: "scan", text: "SN-1", slot: undefined }]);
  });

  it("opens the page by a link from elsewhere, and reads nothing by it", async () => {
    const { server } = await start();
    const link = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" };
    expect((await ask(server, "/", { headers: link })).status).toBe(200);
    const script = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" };
    expect((await ask(server, "/api/state", { headers: script })).status).toBe(403);
  });

  it("that is no command, too long or refused gets a sentence", async () => {
    const { server, station } = await start();
    for (const body of [
      "",
      "{",
      "null",
      "[]",
      '{"kind":"erase"}',
      '{"kind":"stop"}',
      '{"kind":"batch-start","target":0}',
      '{"kind":"scan","text":""}',
    ]) {
      expect((await ask(server, "/api/command", post({}, body))).status, body).toBe(400);
    }
    expect((await ask(server, "/api/command", post({}, `"${"x".repeat(70_000)}"`))).status).toBe(413);
    expect(station.commands).toEqual([]);
    station.refusal = "slot 9 is not here";
    expect(await ask(server, "/api/command", post({}))).toMatchObject({
      status: 409,
      text: '{"error":"slot 9 is not here"}',
    });
  });

  it("for records gets the answer of the station", async () => {
    const { server } = await start();
    expect((await ask(server, "/api/records/units?serial=SN%201")).text).toBe(
      '{"answer":{"asked":{"kind":"units","serial":"SN 1"}}}',
    );
    expect((await ask(server, "/api/records/units?serial=none")).status).toBe(404);
    for (const path of ["units", "units?serial=", "log", "nothing", `units?serial=${"x".repeat(600)}`]) {
      expect((await ask(server, `/api/records/${path}`)).status, path).toBe(400);
    }
  });
});

describe("a token", () => {
  it("is needed where other computers can reach the server", async () => {
    const station = new FakeStation();
    const start = () => startStationServer({ station, files: FILES, port: 0, host: "0.0.0.0" });
    expect(await errorOf(start)).toMatchObject({ code: "EINVAL" });
    expect(station.listeners).toBe(0);
  });

  it("is exchanged once for a cookie that no script can read", async () => {
    const { server, station } = await start("s3cret-token");
    expect(server.url).toMatch(/\/#s3cret-token$/);
    expect((await ask(server, "/")).status).toBe(200);
    for (const path of ["/api/state", "/api/events", "/api/records/report"]) {
      expect((await ask(server, path)).status, path).toBe(401);
    }
    expect((await ask(server, "/api/command", post({}))).status).toBe(401);
    for (const token of ["", "s3cret-toke", "s3cret-tokenn", "S3CRET-TOKEN"]) {
      const wrong = await ask(server, "/api/enter", post({ "x-norbridge-token": token }));
      expect(wrong.status).toBe(401);
      expect(wrong.headers["set-cookie"]).toBeUndefined();
    }
    const right = await ask(server, "/api/enter", post({ "x-norbridge-token": "s3cret-token" }));
    const [cookie = ""] = right.headers["set-cookie"] ?? [];
    expect(cookie).toMatch(/^norbridge-station=[0-9a-f]{48}; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(cookie).not.toContain("s3cret");
    const headers = { cookie: `other=1; ${cookie.split(";")[0] ?? ""}` };
    expect((await ask(server, "/api/state", { headers })).text).toBe('{"state":{"count":0}}');
    expect((await ask(server, "/api/command", post(headers))).status).toBe(200);
    expect(station.commands).toHaveLength(1);
    expect((await ask(server, "/api/state", { headers: { cookie: "norbridge-station=00" } })).status).toBe(401);
  });
});

/** Messages of an event stream until there are `count` of them; then the connection is cut. */
function messages(
  server: StationServer,
  count: number,
  lastId?: string,
  meanwhile = (): void => undefined,
): Promise<string[][]> {
  const { port } = new URL(server.url);
  const headers = { host: `127.0.0.1:${port}`, ...(lastId !== undefined && { "last-event-id": lastId }) };
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, path: "/api/events", headers }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => {
        if (text === "") meanwhile();
        text += part;
        // A beat has no ID: it says the time.
        const whole = text
          .split("\n\n")
          .slice(0, -1)
          .filter((message) => !message.startsWith("event: beat"));
        if (whole.length < count) return;
        sent.destroy();
        resolve(whole.map((message) => message.split("\n")));
      });
    });
    sent.on("error", reject);
    sent.end();
  });
}

describe("events", () => {
  it("start with the state, and go on from the last ID after a break", async () => {
    const { server, station } = await start();
    station.happen();
    const first = await messages(server, 3, undefined, () => {
      station.happen();
      station.happen();
    });
    expect(first.map(([name, data]) => [name, data])).toEqual([
      ["event: state", 'data: {"count":1}'],
      ["event: change", 'data: {"kind":"counted","count":2}'],
      ["event: change", 'data: {"kind":"counted","count":3}'],
    ]);
    const lastId = first[1]?.find((line) => line.startsWith("id: "))?.slice(4);
    station.happen();
    const again = await messages(server, 2, lastId);
    expect(again.map(([, data]) => data)).toEqual([
      'data: {"kind":"counted","count":3}',
      'data: {"kind":"counted","count":4}',
    ]);
    expect((await messages(server, 1, "00000000-1"))[0]?.[0]).toBe("event: state");
  });

  it("end when the server closes, and the station is let go of", async () => {
    const { server, station } = await start();
    const ended = new Promise<void>((resolve) => {
      const { port } = new URL(server.url);
      request({ host: "127.0.0.1", port, path: "/api/events", headers: { host: `127.0.0.1:${port}` } }, (response) => {
        response.on("close", resolve).on("error", () => undefined);
        response.once("data", () => void server.close());
      }).end();
    });
    await ended;
    expect(station.listeners).toBe(0);
  });
});
