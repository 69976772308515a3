/**
 * The server of a station's page: files, state, events and commands over HTTP. It decides who may ask; what is asked for
 * comes from a `StationFace`.
 */
import type { Server } from "node:http";
import { createAdaptorServer } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { streamSSE } from "hono/streaming";
import { type Clock, machineRandom, realClock, wallClockMs } from "../clock.ts";
import { NorbridgeError } from "../errors.ts";
import { listenOn } from "../transport/listen.ts";
import { EventFeed } from "./event-feed.ts";
import { commandFrom, type StationFace } from "./face.ts";
import { Guard, TOKEN_HEADER } from "./guard.ts";
import type { PageFiles } from "./page-files.ts";
import { POLICY } from "./policy.ts";
import { questionFrom } from "./questions.ts";

/** How a server is started. */
export interface StationServerOptions {
  readonly station: StationFace;
  readonly files: PageFiles;
  /** Address to listen on; 127.0.0.1 if left out. */
  readonly host?: string | undefined;
  /** 0 takes a free one. */
  readonly port: number;
  /** Needed for every address but those of this computer alone. */
  readonly token?: string | undefined;
  /** Names that the server may be called by besides its address. */
  readonly names?: readonly string[] | undefined;
  readonly clock?: Clock | undefined;
}

/** A server that listens. */
export interface StationServer {
  /** Address of the page. A token is in its fragment, which no browser sends. */
  readonly url: string;
  /** Ends all connections. Never throws. */
  close(): Promise<void>;
}

const LOOPBACK = "127.0.0.1";
const KEPT_EVENTS = 2048;
/** A page that has heard nothing for three of these says that the station is away. */
const BEAT_US = 2_000_000;
/** After how long a page tries again. */
const RETRY_MS = 1000;
/** Pages at once; each holds a connection. */
const MOST_READERS = 48;
const MOST_BODY_BYTES = 64 * 1024;
const REQUEST_MS = 30_000;

/**
 * Starts the server.
 *
 * @throws NorbridgeError EINVAL for an address of other computers without a token; PORT_BUSY if another program listens
 * there; PORT_DENIED; PORT_NOT_FOUND for an address that is not one of this computer.
 */
export async function startStationServer(options: StationServerOptions): Promise<StationServer> {
  const { host = LOOPBACK, token } = options;
  if (token === undefined && !isOwnComputer(host)) {
    throw new NorbridgeError("EINVAL", `the address ${host} can be reached by other computers, so a token is needed`, {
      operation: "serve page",
      hint: "Give the server a token.",
    });
  }
  const stop = new AbortController();
  const epoch = machineRandom().toString(16).padStart(8, "0");
  const feed = new EventFeed<unknown, unknown>({ epoch, state: () => options.station.state(), mostKept: KEPT_EVENTS });
  const forget = options.station.subscribe((event) => feed.add(event));
  const guard = new Guard({
    port: () => portOf(server),
    hosts: [bracketed(host), ...(isOwnComputer(host) ? ["localhost"] : []), ...(options.names ?? [])],
    isOpenToAddresses: !isOwnComputer(host),
    token,
  });
  const app = createApp({ ...options, clock: options.clock ?? realClock, guard, feed, stop: stop.signal });
  const server = createAdaptorServer({
    fetch: app.fetch,
    serverOptions: { requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS },
  }) as Server;
  try {
    await listenOn(server, host, options.port);
  } catch (error) {
    forget();
    throw error;
  }
  return {
    url: `http://${bracketed(host)}:${portOf(server)}/${token === undefined ? "" : `#${token}`}`,
    async close() {
      forget();
      stop.abort("over");
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

interface AppOptions extends StationServerOptions {
  readonly clock: Clock;
  readonly guard: Guard;
  readonly feed: EventFeed<unknown, unknown>;
  readonly stop: AbortSignal;
}

function createApp(options: AppOptions): Hono {
  const { station, files, guard } = options;
  const app = new Hono();
  app.use(async (c, next) => {
    const request = { method: c.req.method, header: (name: string) => c.req.header(name) };
    const refusal = guard.foreign(request) ?? (isOpen(c.req.path, files) ? undefined : guard.locked(request));
    if (refusal === undefined) await next();
    else c.res = c.json({ error: refusal.sentence }, refusal.status);
    for (const [name, value] of Object.entries(POLICY)) c.res.headers.set(name, value);
  });
  app.post("/api/enter", (c) => {
    const cookie = guard.keyFor(c.req.header(TOKEN_HEADER));
    if (cookie === undefined) return c.json({ error: "This is not the token of the station." }, 401);
    c.header("set-cookie", cookie);
    return c.json({});
  });
  app.get("/api/state", (c) => c.json({ state: station.state() }));
  app.get("/api/events", events(options));
  app.post("/api/command", bodyLimit({ maxSize: MOST_BODY_BYTES, onError: tooLong }), async (c) => {
    const command = commandFrom(await c.req.json().catch(() => undefined));
    if (command === undefined) return c.json({ error: "This is no command that this station knows." }, 400);
    const refusal = await station.command(command);
    return refusal === undefined ? c.json({}) : c.json({ error: refusal }, 409);
  });
  app.get("/api/records/:kind", async (c) => {
    const question = questionFrom(c.req.param("kind"), c.req.query());
    if (question === undefined) return c.json({ error: "This is no question that this station knows." }, 400);
    const answer = await station.records(question);
    return answer === undefined ? c.json({ error: "There is no such record." }, 404) : c.json({ answer });
  });
  app.get("*", (c) => {
    const file = files.get(c.req.path);
    if (file === undefined) return c.json({ error: "There is no such page." }, 404);
    return c.body(file.bytes, 200, { "content-type": file.type });
  });
  app.onError((error, c) =>
    c.json({ error: error instanceof NorbridgeError ? error.message : "The station failed." }, 500),
  );
  return app;
}

function tooLong(c: Context): Response {
  return c.json({ error: `A command has ${MOST_BODY_BYTES} bytes at most.` }, 413);
}

/** The page's own files say nothing of the station, and are needed to bring the token. */
function isOpen(path: string, files: PageFiles): boolean {
  return path === "/api/enter" || files.has(path);
}

function events({ feed, stop, clock }: AppOptions): (c: Context) => Response {
  let readers = 0;
  return (c) => {
    if (readers >= MOST_READERS) return c.json({ error: "Too many pages are open." }, 503);
    readers++;
    return streamSSE(c, async (stream) => {
      try {
        let cursor = feed.cursorOf(c.req.header("last-event-id"));
        while (!stream.aborted && !stop.aborted) {
          const batch = feed.take(cursor);
          cursor = batch.cursor;
          if (batch.state !== undefined) {
            await stream.writeSSE({
              ...{ event: "state", id: feed.idBefore(cursor), retry: RETRY_MS },
              data: JSON.stringify(batch.state),
            });
            await stream.writeSSE(beat());
          }
          for (const { id, event } of batch.events) {
            await stream.writeSSE({ event: "change", id, data: JSON.stringify(event) });
          }
          const isMore = await moreOrBeat(feed, cursor, clock, stop);
          if (!isMore) await stream.writeSSE(beat());
        }
      } finally {
        readers--;
      }
    });
  };
}

/** The time at the station: the page counts seconds by it. */
function beat(): { event: string; data: string } {
  return { event: "beat", data: String(wallClockMs()) };
}

/** True if there is more to send, false after a while without. */
async function moreOrBeat(
  feed: EventFeed<unknown, unknown>,
  cursor: number,
  clock: Clock,
  stop: AbortSignal,
): Promise<boolean> {
  const wake = new AbortController();
  const end = (): void => wake.abort("over");
  const forget = feed.whenMore(cursor, end);
  stop.addEventListener("abort", end, { once: true });
  try {
    await clock.wait(BEAT_US, wake.signal);
    return wake.signal.aborted;
  } finally {
    forget();
    stop.removeEventListener("abort", end);
  }
}

/** An address as it stands in a URL. */
function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host.toLowerCase();
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Whether only programs of this computer can reach an address. */
export function isOwnComputer(host: string): boolean {
  return host === LOOPBACK || host === "localhost" || host === "::1";
}
