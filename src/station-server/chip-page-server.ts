/**
 * Serves the page that programs chips in the browser: its files, on this computer, and nothing else. The page talks to
 * its bridge by itself, so there is no command here, and no token is needed: the files are those of the package.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { listenOn } from "../transport/listen.ts";
import { Guard } from "./guard.ts";
import type { PageFiles } from "./page-files.ts";
import { POLICY } from "./policy.ts";

/** A page that is served. */
export interface ChipPageServer {
  /** What to open: "http://127.0.0.1:8485/". */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  close(): Promise<void>;
}

const LOOPBACK = "127.0.0.1";
const REQUEST_MS = 30_000;

/** As for the station, but its worker may be started, and it may open serial ports. */
const CHIP_PAGE_POLICY: Readonly<Record<string, string>> = {
  ...POLICY,
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types norbridge",
  ].join("; "),
  "permissions-policy": "camera=(), geolocation=(), microphone=(), serial=(self), usb=()",
};

/**
 * Starts the server on this computer. With port 0 the system chooses one.
 *
 * @throws NorbridgeError PORT_BUSY if another program listens there; PORT_DENIED.
 */
export async function serveChipPage(files: PageFiles, port: number): Promise<ChipPageServer> {
  const portNow = (): number => portOf(server);
  const hosts = [LOOPBACK, "localhost"];
  const guard = new Guard({ port: portNow, hosts, isOpenToAddresses: false, token: undefined });
  const server = createServer({ requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS }, (request, response) => {
    answer(request, response, files, guard);
  });
  await listenOn(server, LOOPBACK, port);
  return {
    host: LOOPBACK,
    port: portNow(),
    url: `http://${LOOPBACK}:${portNow()}/`,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function answer(request: IncomingMessage, response: ServerResponse, files: PageFiles, guard: Guard): void {
  for (const [name, value] of Object.entries(CHIP_PAGE_POLICY)) response.setHeader(name, value);
  const { method = "" } = request;
  const header = (name: string): string | undefined => {
    const value = request.headers[name];
    return Array.isArray(value) ? value.join(", ") : value;
  };
  const refusal = guard.foreign({ method, header });
  const file = files.get(new URL(request.url ?? "/", `http://${LOOPBACK}`).pathname);
  if (refusal !== undefined) {
    response.writeHead(refusal.status, { "content-type": "text/plain; charset=utf-8" }).end(refusal.sentence);
  } else if (method !== "GET" && method !== "HEAD") {
    response.writeHead(405, { "content-type": "text/plain; charset=utf-8" }).end("This server only sends its page.");
  } else if (file === undefined) {
    response.writeHead(404, { "content-type": "text/plain; charset=utf-8" }).end("There is no such file in the page.");
  } else {
    response.writeHead(200, { "content-type": file.type }).end(method === "HEAD" ? undefined : file.bytes);
  }
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo | null)?.port ?? 0;
}
