/**
 * One connection to a PostgreSQL server. Every call has a deadline here, since a connection that is half-open answers
 * nothing and reports nothing. After a deadline or an error of the connection it is destroyed, never used again.
 */
import { Socket } from "node:net";
import type { Client, QueryResult } from "pg";
import { advice } from "../../advice.ts";
import { printable } from "../../bytes.ts";
import { type Clock, realClock, withDeadline } from "../../clock.ts";
import { NorbridgeError } from "../../errors.ts";

/** What a parameter of a statement is. */
export type PgValue = string | number | bigint | null | readonly string[] | readonly bigint[];
/** A row by its columns. Whole numbers of 8 bytes are text. */
export type PgRow = Readonly<Record<string, unknown>>;

/** How long a server may take. */
export interface PgLimits {
  /** For the connection, milliseconds. */
  readonly connectMs: number;
  /** For one statement on the server, waiting for locks included, milliseconds. */
  readonly statementMs: number;
  /** For one call, the network included, milliseconds. */
  readonly callMs: number;
}

const LIMITS: PgLimits = { connectMs: 5_000, statementMs: 8_000, callMs: 10_000 };

/** How a connection is made. */
export interface PgOptions {
  readonly limits?: PgLimits | undefined;
  readonly clock?: Clock | undefined;
}

/** Class 23 of SQLSTATE: a constraint refused the row. */
const CONSTRAINT = "23";

/** An open connection. */
export class PgConnection {
  readonly #client: Client;
  readonly #socket: Socket;
  readonly #place: string;
  readonly #limits: PgLimits;
  readonly #clock: Clock;
  #isGone = false;

  private constructor(
    client: Client,
    socket: Socket,
    place: string,
    { limits = LIMITS, clock = realClock }: PgOptions,
  ) {
    this.#client = client;
    this.#socket = socket;
    this.#place = place;
    this.#limits = limits;
    this.#clock = clock;
    // What breaks while nothing is called shows at the next call.
    client.on("error", () => {
      this.#isGone = true;
    });
  }

  /**
   * Connects. `url` is `postgres://USER@HOST:PORT/DATABASE`; a password may also come from PGPASSWORD or ~/.pgpass.
   *
   * @throws NorbridgeError EINVAL for another URL; SERVER_FAILED if the server cannot be reached or refuses the user.
   */
  static async open(url: string, options: PgOptions = {}): Promise<PgConnection> {
    const place = placeOf(url);
    const { Client: PgClient } = (await import("pg")).default;
    const { limits = LIMITS } = options;
    const socket = new Socket();
    const client = new PgClient({
      connectionString: url,
      stream: () => socket,
      keepAlive: true,
      statement_timeout: limits.statementMs,
      lock_timeout: limits.statementMs,
      application_name: "norbridge",
    });
    const connection = new PgConnection(client, socket, place, options);
    await connection.#within(limits.connectMs, () => client.connect());
    return connection;
  }

  /** User, host, port and database, without the password, for messages. */
  get place(): string {
    return this.#place;
  }

  /** The rows of one statement. Throws SERVER_FAILED; EINVAL if a constraint refuses it. */
  async query(sql: string, values: readonly PgValue[] = []): Promise<readonly PgRow[]> {
    const given = values.map((value) => (typeof value === "bigint" ? String(value) : plainList(value)));
    const result = await this.#within(
      this.#limits.callMs,
      (): Promise<QueryResult<Record<string, unknown>>> => this.#client.query(sql, given),
    );
    return result.rows;
  }

  /** The only row of a statement. Throws SERVER_FAILED if there is none. */
  async one(sql: string, values: readonly PgValue[] = []): Promise<PgRow> {
    const [row] = await this.query(sql, values);
    if (row === undefined) throw this.#failed("returned no row", undefined);
    return row;
  }

  /** Statements without parameters. */
  async exec(sql: string): Promise<void> {
    await this.#within(this.#limits.callMs, () => this.#client.query(sql));
  }

  /** Runs `act` as one transaction: all of it is on the server's disk when this resolves, or nothing. */
  async transaction<T>(act: () => Promise<T>): Promise<T> {
    await this.exec("begin");
    try {
      const result = await act();
      await this.exec("commit");
      return result;
    } catch (error) {
      if (!this.#isGone) await this.exec("rollback").catch(() => undefined);
      throw error;
    }
  }

  /** Ends the connection. Never throws. */
  async close(): Promise<void> {
    if (!this.#isGone) {
      await withDeadline(
        this.#clock,
        this.#client.end().catch(() => undefined),
        this.#limits.connectMs * 1000,
      );
    }
    this.#destroy();
  }

  async #within<T>(limitMs: number, act: () => Promise<T>): Promise<T> {
    if (this.#isGone) throw this.#failed("closed the connection", undefined);
    const work = act();
    // What it still does after its deadline is of no interest.
    work.catch(() => undefined);
    let result: T | "late";
    try {
      result = await withDeadline(this.#clock, work, limitMs * 1000);
    } catch (error) {
      throw this.#inWords(error);
    }
    if (result !== "late") return result;
    this.#destroy();
    throw this.#failed(`did not respond within ${limitMs / 1000} s`, undefined);
  }

  #destroy(): void {
    this.#isGone = true;
    this.#socket.destroy();
  }

  #inWords(error: unknown): NorbridgeError {
    const code = sqlState(error);
    const reason = printable(error instanceof Error ? error.message : String(error));
    if (code?.startsWith(CONSTRAINT) === true) {
      return new NorbridgeError("EINVAL", `the server of the ledger refuses it: ${reason}`, {
        operation: "ledger server",
        cause: error,
      });
    }
    // An error with a state came from the server, which is alive; one without broke the connection.
    if (code === undefined) this.#destroy();
    return this.#failed(reason === "" ? "cannot be reached" : `reports: ${reason}`, error);
  }

  #failed(what: string, cause: unknown): NorbridgeError {
    return new NorbridgeError("SERVER_FAILED", `the server of the ledger, ${this.#place}, ${what}`, {
      operation: "ledger server",
      hint: advice("Nothing is lost: events stay in the ledger of this station. Check the network and the server."),
      cause,
    });
  }
}

/** A column that is text. Throws SERVER_FAILED. */
export function pgText(row: PgRow, column: string): string {
  const value = row[column];
  if (typeof value === "string") return value;
  throw new NorbridgeError("SERVER_FAILED", `the server of the ledger returned no text as ${column}`, {
    operation: "ledger server",
  });
}

/** A column that is a whole number. Throws SERVER_FAILED. */
export function pgWhole(row: PgRow, column: string): bigint {
  const value = row[column];
  if (typeof value === "number" && Number.isSafeInteger(value)) return BigInt(value);
  const text = pgText(row, column);
  if (/^-?\d+$/.test(text)) return BigInt(text);
  throw new NorbridgeError("SERVER_FAILED", `the server of the ledger returned no whole number as ${column}`, {
    operation: "ledger server",
  });
}

function plainList(value: Exclude<PgValue, bigint>): string | number | null | string[] {
  return typeof value === "object" && value !== null ? value.map(String) : value;
}

function sqlState(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error) || typeof error.code !== "string") {
    return undefined;
  }
  return /^[0-9A-Z]{5}$/.test(error.code) ? error.code : undefined;
}

/** `USER@HOST:PORT/DATABASE` of a URL; never its password. */
function placeOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["postgres:", "postgresql:"].includes(url.protocol)) {
    throw new NorbridgeError("EINVAL", "the server of a ledger is not postgres://USER@HOST:PORT/DATABASE", {
      operation: "ledger server",
    });
  }
  const user = url.username === "" ? "" : `${url.username}@`;
  return printable(`${user}${url.host}${url.pathname}`);
}
