/** A real PostgreSQL server of one test file: made in a temporary folder, started on a free port, gone afterwards. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { effort } from "./effort.ts";
import { removeFolder } from "./remove-folder.ts";

const VERSIONS = "/usr/lib/postgresql";
const bin = existsSync(VERSIONS)
  ? readdirSync(VERSIONS)
      .map((version) => join(VERSIONS, version, "bin"))
      .findLast((folder) => existsSync(join(folder, "initdb")))
  : undefined;

/** Why there is no server; undefined if there is one. */
export const postgresMissing =
  effort("it is run in CI, with NORBRIDGE_CAMPAIGN=full", undefined) ??
  (bin === undefined ? "postgresql is not installed" : undefined);

/** The server refuses to run as root: as root it runs as the user of Debian's package. */
function words(program: string, args: readonly string[]): { readonly file: string; readonly args: readonly string[] } {
  const file = join(bin ?? "", program);
  return process.getuid?.() === 0 ? { file: "runuser", args: ["-u", "postgres", "--", file, ...args] } : { file, args };
}

/** A running server. */
export interface TestPostgres {
  readonly port: number;
  /** The URL of a new, empty database. */
  database(): string;
  /** Stops the server at once, as a lost machine. */
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** Starts a server before the tests of a file, unless `postgresMissing`. */
export function usePostgres(): TestPostgres {
  let folder = "";
  let port = 0;
  let server: ChildProcess | undefined;
  let databases = 0;
  const start = async (): Promise<void> => {
    const options = ["-p", String(port), "-c", "listen_addresses=127.0.0.1", "-c", `unix_socket_directories=${folder}`];
    const { file, args } = words("postgres", ["-D", join(folder, "data"), ...options, "-c", "fsync=off"]);
    const child = spawn(file, args, { stdio: ["ignore", "ignore", "pipe"] });
    server = child;
    await new Promise<void>((resolve, reject) => {
      child.stderr.on("data", (text: Buffer) => {
        if (text.includes("ready to accept connections")) resolve();
      });
      child.once("exit", (code) => {
        reject(new Error(`postgres ended with ${code}`));
      });
    });
  };
  const kill = async (): Promise<void> => {
    const child = server;
    server = undefined;
    if (child === undefined) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    execFileSync(
      words("pg_ctl", []).file,
      [...words("pg_ctl", ["stop", "-m", "immediate", "-D", join(folder, "data")]).args],
      {
        stdio: "ignore",
      },
    );
    await gone;
  };
  beforeAll(async () => {
    if (postgresMissing !== undefined) return;
    folder = mkdtempSync(join(tmpdir(), "norbridge-postgres-"));
    if (process.getuid?.() === 0) {
      const [uid, gid] = ["-u", "-g"].map((option) =>
        Number(execFileSync("id", [option, "postgres"], { encoding: "utf8" })),
      );
      chownSync(folder, uid ?? 0, gid ?? 0);
    }
    const { file, args } = words("initdb", ["-D", join(folder, "data"), "-A", "trust", "-U", "test", "--no-sync"]);
    execFileSync(file, [...args], { stdio: "ignore" });
    port = await freePort();
    await start();
  });
  afterAll(async () => {
    await kill();
    if (folder !== "") removeFolder(folder);
  });
  return {
    get port() {
      return port;
    },
    database() {
      const name = `d${++databases}`;
      const { file, args } = words("createdb", ["-h", "127.0.0.1", "-p", String(port), "-U", "test", name]);
      execFileSync(file, [...args]);
      return `postgres://test@127.0.0.1:${port}/${name}`;
    },
    kill,
    start,
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
