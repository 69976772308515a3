/**
 * Every writing command on a store that has another store, log or file system beside it: with the right range, with one
 * that reaches into the neighbour, and without a range. Not a byte outside of the store may change, whatever the
 * command ends with.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRandom } from "../../src/sim/random.ts";
import { runHere } from "../support/cli.ts";
import { effort, sayCount } from "../support/effort.ts";
import {
  FCB_MAGIC,
  flashOf,
  NEIGHBOURS,
  neighbourOf,
  PX_RECORD_BYTES,
  SECTOR_BYTES,
  STORE_SECTORS,
  type StoreState,
} from "./support/stores.ts";

const CHIP_BYTES = 48 * SECTOR_BYTES;
const STORE = { address: 16 * SECTOR_BYTES, lengthBytes: STORE_SECTORS * SECTOR_BYTES };
const FCB_WORDS = ["--layout", "fcb", "--magic", `0x${FCB_MAGIC.toString(16)}`, "--align", "4", "--sector-size", "4k"];
const PX_WORDS = ["--layout", "px-log-fs", "--record-size", String(PX_RECORD_BYTES), "--version", "2"];
const BIG = "5a".repeat(900);

interface Command {
  readonly store: string;
  readonly words: readonly string[];
  /** Run so many times, so that it reaches the end of its sector. */
  readonly times?: number;
}

const COMMANDS: readonly Command[] = [
  { store: "fcb", words: ["log", "append", ...FCB_WORDS, "--records", "entries"] },
  { store: "fcb", words: ["log", "rotate", ...FCB_WORDS], times: 3 },
  { store: "fcb", words: ["log", "append-to-scratch", ...FCB_WORDS], times: 2 },
  { store: "fcb", words: ["log", "clear", ...FCB_WORDS] },
  { store: "px-log-fs", words: ["log", "append", ...PX_WORDS, "--records", "records"] },
  { store: "px-log-fs", words: ["log", "clear", ...PX_WORDS] },
  { store: "safe", words: ["safe", "set", `1=${BIG}`, "2=text:new"], times: 4 },
  { store: "safe", words: ["safe", "delete", "0", "1", "2"], times: 4 },
  { store: "safe", words: ["safe", "format", "--buffer-size", "256"] },
  ...["nvs", "zms"].flatMap((store) => [
    { store, words: ["kv", "set", "--sector-size", "4k", ...[1, 2, 3, 4].map((key) => `${key}=${BIG}`)], times: 3 },
    { store, words: ["kv", "delete", "--sector-size", "4k", "1", "2"] },
  ]),
  ...["fcb", "nvs", "zms"].flatMap((form) => [
    {
      store: `settings on ${form}`,
      words: [
        "settings",
        "set",
        "--sector-size",
        "4k",
        ...[1, 2, 3, 4, 5].map((key) => `app/value${key}=${BIG.slice(0, 800)}`),
      ],
      times: 3,
    },
    {
      store: `settings on ${form}`,
      words: ["settings", "delete", "--sector-size", "4k", "app/value1", "app/value2"],
      times: 2,
    },
    { store: `settings on ${form}`, words: ["stream", "image", "--progress-key", "dfu/progress", "--settings-range"] },
  ]),
  { store: "stream", words: ["stream", "image"] },
];

/** Where the range reaches: sectors beyond the end of the store, or before its start. */
type Reach = "right" | "not told" | number;
const REACHES: readonly Reach[] = ["right", "not told", 1, 2, 8, -1, -2];

let folder = "";
const file = (name: string): string => join(folder, name);
const line = (data: Uint8Array): string => JSON.stringify({ type: "record", data: Buffer.from(data).toString("hex") });

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "norbridge-beside-"));
  const random = createRandom("neighbours");
  const lines = (count: number, bytes: number): string =>
    Array.from({ length: count }, () => line(random.bytes(bytes))).join("\n");
  writeFileSync(file("entries"), lines(8, 1500));
  writeFileSync(file("records"), lines(170, PX_RECORD_BYTES));
  writeFileSync(file("image"), random.bytes(4 * SECTOR_BYTES - 100));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

interface Case {
  readonly command: Command;
  readonly state: StoreState;
  readonly neighbour: string;
  /** The neighbour is before the store, else after it. */
  readonly isBefore: boolean;
  readonly reach: Reach;
}

const counts = new Map<string, { done: number; refused: number }>();

async function tryCase({ command, state, neighbour, isBefore, reach }: Case): Promise<void> {
  const { store, words, times = 1 } = command;
  const isStream = store === "stream";
  const chip = new Uint8Array(CHIP_BYTES).fill(0xff);
  if (!isStream) chip.set(await flashOf(store, state), STORE.address);
  const other = await neighbourOf(neighbour);
  chip.set(other, isBefore ? STORE.address - other.length : STORE.address + STORE.lengthBytes);
  writeFileSync(file("chip"), chip);
  // Without a range, a stream begins at the start of the chip.
  const own = [isStream && reach === "not told" ? { ...STORE, address: 0 } : { ...STORE }];
  const args = words.map((word) => (["image", "entries", "records"].includes(word) ? file(word) : word));
  const rangeOf = (): string[] => {
    if (reach === "not told") return [];
    if (reach === "right") return [`${STORE.address},${STORE.lengthBytes}`];
    const lengthBytes = STORE.lengthBytes + Math.abs(reach) * SECTOR_BYTES;
    return [`${reach < 0 ? STORE.address + reach * SECTOR_BYTES : STORE.address},${lengthBytes}`];
  };
  const range = rangeOf();
  if (words.includes("--settings-range")) {
    args.push(range[0] ?? `0,${CHIP_BYTES / 2}`, "--range", `${40 * SECTOR_BYTES},${8 * SECTOR_BYTES}`);
    own.push({ address: 40 * SECTOR_BYTES, lengthBytes: 8 * SECTOR_BYTES });
  } else if (range.length > 0) args.push("--range", ...range);
  // A sector that is blank may be written to, if the range that was specified has it: nothing shows that it is another's.
  const told = reach === "right" || reach === "not told" ? 0 : reach;
  for (let sector = Math.min(0, told); sector < STORE_SECTORS + Math.max(0, told); sector++) {
    const address = STORE.address + sector * SECTOR_BYTES;
    const isBlank = chip.subarray(address, address + SECTOR_BYTES).every((byte) => byte === 0xff);
    if (isBlank) own.push({ address, lengthBytes: SECTOR_BYTES });
  }
  const journal = words[0] === "stream" ? ["--no-journal"] : [];
  const port = ["--port", `image:${file("chip")}?pageBytes=256&eraseBytes=${SECTOR_BYTES}`];
  const name = `${words.slice(0, 2).join(" ")} on ${store} (${state}), ${neighbour} ${isBefore ? "before" : "after"} it, range ${reach}`;
  const count = counts.get(words.slice(0, 2).join(" ").replace(" image", "")) ?? { done: 0, refused: 0 };
  counts.set(words.slice(0, 2).join(" ").replace(" image", ""), count);
  for (let time = 0; time < times; time++) {
    const { code, stderr } = await runHere([...args, ...journal, ...port]);
    // 1: there is nothing to do. 2: the sectors do not fit the range. 8: no room. 9: refused.
    expect([0, 1, 2, 8, 9], `${name}: ${code} ${stderr}`).toContain(code);
    if (code === 0) count.done++;
    else count.refused++;
    const after = new Uint8Array(readFileSync(file("chip")));
    for (const { address, lengthBytes } of own) after.fill(0, address, address + lengthBytes);
    const before = chip.slice();
    for (const { address, lengthBytes } of own) before.fill(0, address, address + lengthBytes);
    expect(Buffer.compare(after, before), `${name}: bytes beside the store changed; exit code ${code}; ${stderr}`).toBe(
      0,
    );
    if (reach === "right") expect([0, 8], `${name}: ${stderr}`).toContain(code);
    if (code !== 0) break;
  }
}

function* casesOf(command: Command): Generator<Case> {
  for (const state of command.store === "stream" ? (["young"] as const) : (["young", "edge", "round"] as const)) {
    for (const neighbour of NEIGHBOURS) {
      // Sectors of NVS and ZMS have no number: a range with a part of another one is that of one ring, as far as the flash shows.
      const [form] = [command.store, neighbour].map((name) => name.replace("settings on ", ""));
      const isAlike = form === neighbour.replace("settings on ", "") && (form === "nvs" || form === "zms");
      for (const reach of REACHES) {
        if (isAlike && typeof reach === "number") continue;
        for (const isBefore of [false, true]) {
          // A range that reaches to the other side meets blank flash only.
          if (typeof reach === "number" && reach < 0 !== isBefore) continue;
          yield { command, state, neighbour, isBefore, reach };
        }
      }
    }
  }
}

/** CI tries every fourth case; NORBRIDGE_NEIGHBOURS=all tries all of them. */
const EVERY = process.env["NORBRIDGE_NEIGHBOURS"] === "all" ? 1 : effort(197, 4);
/** A sample tries every fourth command. */
const TRIED = COMMANDS.filter((_, index) => index % effort(4, 1) === 0);

describe.each(TRIED)("$words.0 $words.1 on $store", (command) => {
  it("changes nothing beside its store", { timeout: 600_000 }, async () => {
    const all = [...casesOf(command)];
    const every = EVERY;
    const start = createRandom(command.words.join(" ")).intBelow(every);
    for (let index = start; index < all.length; index += every) {
      const one = all[index];
      if (one !== undefined) await tryCase(one);
    }
  });
});

it("says how many were tried", () => {
  for (const [name, { done, refused }] of counts)
    sayCount(`beside a neighbour, ${name}: ${done} done, ${refused} refused`);
  const all = [...counts.values()];
  expect(all.reduce((sum, { done }) => sum + done, 0)).toBeGreaterThan(effort(1, 1_000));
  expect(all.reduce((sum, { refused }) => sum + refused, 0)).toBeGreaterThan(effort(1, 500));
});
