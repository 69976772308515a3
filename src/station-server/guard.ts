/**
 * Who may talk to the server. A page of another site can make a browser send requests here; none of them may change
 * anything or read anything.
 *
 * - The Host must be this server: a name of another site that was pointed at this address is refused.
 * - The Origin, if there is one, must be this server; Sec-Fetch-Site must not be another one.
 * - A command needs a header that a page of another site cannot send, since this server allows it to none.
 * - Where other computers can reach the server, everything but the page's own files needs a key: a cookie that is given
 *   out for the token.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { isIP } from "node:net";

/** The header of every request that is more than reading. Its value says nothing. */
export const REQUEST_HEADER = "x-norbridge";
/** The header that brings the token once. */
export const TOKEN_HEADER = "x-norbridge-token";
const COOKIE = "norbridge-station";

/** What the server knows about itself. */
export interface GuardOptions {
  /** Where it listens; asked for each request. */
  port(): number;
  /** Names and addresses that it may be called by. */
  readonly hosts: readonly string[];
  /** Any address will do as a name: the server listens on all of this computer. */
  readonly isOpenToAddresses: boolean;
  /** What everybody has to know; undefined where only this computer can reach the server. */
  readonly token: string | undefined;
}

/** A request, as far as it matters here. */
export interface GuardedRequest {
  readonly method: string;
  header(name: string): string | undefined;
}

/** Why a request is refused. */
export interface Refusal {
  readonly status: 401 | 403 | 421;
  readonly sentence: string;
}

export class Guard {
  readonly #options: GuardOptions;
  /** A key for each browser that brought the token. They are gone when the program ends. */
  readonly #keys = new Set<string>();

  constructor(options: GuardOptions) {
    this.#options = options;
  }

  /** Whether the request comes from this server's own page. */
  foreign(request: GuardedRequest): Refusal | undefined {
    const host = request.header("host");
    if (host === undefined || !this.#isOwnHost(host)) {
      return { status: 421, sentence: "This server is called by its own address only." };
    }
    const origin = request.header("origin");
    const site = request.header("sec-fetch-site");
    const isForeign = origin !== undefined && origin !== `http://${host}`;
    // A link or a bookmark may open the page; nothing else may come from elsewhere.
    const isNavigation = request.method === "GET" && request.header("sec-fetch-mode") === "navigate";
    const isElsewhere = site !== undefined && site !== "same-origin" && site !== "none" && !isNavigation;
    if (isForeign || isElsewhere) return { status: 403, sentence: "Pages of other sites cannot use this server." };
    if (request.method !== "GET" && request.method !== "HEAD" && request.header(REQUEST_HEADER) === undefined) {
      return { status: 403, sentence: `A command needs the header ${REQUEST_HEADER}.` };
    }
    return undefined;
  }

  /** Whether a request has to bring the token first. */
  locked(request: GuardedRequest): Refusal | undefined {
    if (this.#options.token === undefined) return undefined;
    const key = new RegExp(`(?:^|; )${COOKIE}=([0-9a-f]+)(?:;|$)`).exec(request.header("cookie") ?? "")?.[1];
    if (key !== undefined && this.#keys.has(key)) return undefined;
    return { status: 401, sentence: "Open the address that the station has printed: it holds the token." };
  }

  /** A cookie for the right token. */
  keyFor(token: string | undefined): string | undefined {
    const right = this.#options.token;
    if (right === undefined || token === undefined || !isEqual(token, right)) return undefined;
    const key = randomBytes(24).toString("hex");
    this.#keys.add(key);
    return `${COOKIE}=${key}; Path=/; HttpOnly; SameSite=Strict`;
  }

  #isOwnHost(host: string): boolean {
    const [, name, port] = /^(.*?)(?::(\d+))?$/.exec(host.toLowerCase()) ?? [];
    if (name === undefined || Number(port ?? "80") !== this.#options.port()) return false;
    if (this.#options.hosts.includes(name)) return true;
    return this.#options.isOpenToAddresses && isIP(name.replace(/^\[(.*)\]$/, "$1")) !== 0;
  }
}

/** Compares in a time that says nothing about how much is right. */
function isEqual(a: string, b: string): boolean {
  const hash = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(hash(a), hash(b));
}
