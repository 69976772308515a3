/**
 * Everything that a part is told, as a logic analyser would list it, and what its answers are treated as: a page of text a
 * kind of part in test/golden/steps. The pages are written by the drivers (`vitest --update`) and read by people against the
 * datasheet; that a chip does what they ask for is tested on the strict simulated ones (test/flash). Here every change shows.
 */
import { expect, it } from "vitest";
import { descriptorByName } from "../../drivers/catalog/catalog.ts";
import type {
  BridgeLimits,
  ChipDriver,
  ProtectionChange,
  ProtectionState,
  ProtectionTerm,
  StepProgram,
} from "../../drivers/chip-driver.ts";
import { createDriver } from "../../drivers/create-driver.ts";
import { type ByteRange, eraseBlockAt, rangeEnd } from "../../drivers/geometry.ts";
import type { SpiStep, StepResult } from "../../firmware-protocol/step.ts";
import { stepText } from "./step-text.ts";

/** One of every scheme of protection, one-time area, unique number, address length and page size. */
const PARTS = [
  ...["AT25SF041", "AT25SF041B", "AT25SF128A", "AT25DF021A", "AT25DF321A", "AT25DN256", "AT25XE041D"],
  ...["W25Q128JV", "W25Q256JV", "GD25Q128", "MX25L3233F", "N25Q128A", "IS25LP064", "SST26VF032B", "ZB25VQ16"],
  ...["AT45DB041D", "AT45DB041E", "AT45DB642D", "AT45DQ161"],
];

const LARGE: BridgeLimits = { maxSendBytes: 2000, maxReceiveBytes: 256 };
const SMALL: BridgeLimits = { maxSendBytes: 48, maxReceiveBytes: 20 };

/** What a chip might answer: `byte` for every byte of a transfer, counting on from it; what polls end with. */
function answersTo(steps: readonly SpiStep[], byte: number, count: number): StepResult[] {
  return steps.map((step): StepResult => {
    switch (step.kind) {
      case "transfer": {
        const received = new Uint8Array(step.receiveBytes).map((_, index) => byte + index * count);
        return { kind: "transfer", received };
      }
      case "poll":
        return { kind: "poll", status: (byte & ~step.mask & 0xff) | step.value };
      case "digest":
        return { kind: "digest", check: 0x1234_5678 };
      case "delay":
        return { kind: "delay" };
    }
  });
}

/** The first or the last step fails, the rest is skipped. */
function failing(steps: readonly SpiStep[], at: number, failure: StepResult): StepResult[] {
  return answersTo(steps, 0, 0).map((result, index) =>
    index < at ? result : index === at ? failure : { kind: "skipped" },
  );
}

const show = (value: object | string | number): string =>
  JSON.stringify(value, (_, each: unknown) => (each instanceof Uint8Array ? Buffer.from(each).toString("hex") : each));

const attempt = (run: () => object | string): string => {
  try {
    return show(run());
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : "thrown";
  }
};

const short = (text: string): string =>
  text.length > 180 ? `${text.slice(0, 120)} .. ${text.slice(-40)} (${text.length} characters)` : text;

class Page {
  readonly lines: string[] = [];

  add(name: string, program: StepProgram<object | string>): void {
    const { steps } = program;
    this.lines.push(name);
    for (const step of steps) {
      const early = step.kind === "transfer" && step.ifBusy !== undefined ? ` (${step.ifBusy} if busy)` : "";
      const usual = step.kind === "poll" && step.typicalUs !== undefined ? `, usually ${step.typicalUs} us` : "";
      this.lines.push(`    ${short(stepText(step))}${usual}${early}`);
    }
    const readings: readonly (readonly [string, StepResult[]])[] = [
      ["00", answersTo(steps, 0, 0)],
      ["ff", answersTo(steps, 0xff, 0)],
      ["5a", answersTo(steps, 0x5a, 0)],
      ["01 02 ..", answersTo(steps, 1, 1)],
      ["timeout", failing(steps, 0, { kind: "failed", reason: "timeout", status: 0x83 })],
      ["aborted", failing(steps, steps.length - 1, { kind: "failed", reason: "aborted" })],
    ];
    let last = "";
    for (const [label, results] of readings) {
      const outcome = attempt(() => program.decode(results));
      if (outcome !== last) this.lines.push(`  = ${label}: ${short(outcome)}`);
      last = outcome;
    }
  }

  /** Each way as it goes from `state`. */
  change(name: string, { expected, attempts, unread }: ProtectionChange, state: ProtectionState): void {
    const registers = expected.map(({ name: register, value, mask }) => `${register} ${value}/${mask}`).join(", ");
    this.lines.push(short(`${name}: to ${registers}`));
    if (unread !== undefined) this.add("  first", unread);
    for (const attempt of attempts) {
      const program = attempt.write(state);
      if (program === undefined) this.lines.push(`  ${attempt.commands}: nothing to write`);
      else this.add(`  ${attempt.commands}`, program);
    }
  }

  say(text: string): void {
    this.lines.push(short(text));
  }
}

function protectionPage(page: Page, driver: ChipDriver): void {
  const program = driver.protection();
  page.add("protection", program);
  const { protectionControl: control } = driver;
  if (control === undefined) return page.say("  nobody knows how to change it");
  page.say(`terms ${control.terms.join(", ")}`);
  const capacityBytes = driver.geometry.capacityBytes;
  const states: ProtectionState[] = [0x00, 0xff, 0x5c, 0x02].flatMap((byte) => {
    const answer = program.decode(answersTo(program.steps, byte, 0));
    return answer.outcome === "done" ? [answer.value] : [];
  });
  const [free, full] = states;
  if (free === undefined || full === undefined) throw new Error("no state could be read");
  for (const [index, state] of states.entries()) {
    page.say(
      `state ${index}: ${show(state.ranges.slice(0, 3))} of ${state.ranges.length}, ${state.heldBy}; ${state.lockedBy}`,
    );
    for (const term of new Set<ProtectionTerm>([...control.terms, "until-power-off", "lasting"])) {
      page.change(`lift ${index}, ${term}`, control.lift(state, term), state);
      page.change(`restore ${index} from free, ${term}`, control.restore(state, free, term), free);
      page.change(`restore ${index} from full, ${term}`, control.restore(state, full, term), full);
    }
  }
  const ranges: ByteRange[] = [
    { address: 0, lengthBytes: capacityBytes },
    { address: 0, lengthBytes: capacityBytes / 2 },
    { address: capacityBytes / 2, lengthBytes: capacityBytes / 2 },
    { address: 0, lengthBytes: capacityBytes / 4 },
    { address: capacityBytes - capacityBytes / 8, lengthBytes: capacityBytes / 8 },
    { address: 0, lengthBytes: 4096 },
    { address: 0, lengthBytes: 65_536 },
    { address: capacityBytes - 65_536, lengthBytes: 65_536 },
    { address: 65_536, lengthBytes: 65_536 },
    { address: 100, lengthBytes: 100 },
  ];
  for (const range of ranges) {
    for (const [name, state] of [
      ["free", free],
      ["full", full],
    ] as const) {
      const protect = control.protect(state, range, control.terms[0]);
      const what = `protect ${range.address}+${range.lengthBytes} of ${name}`;
      if ("choices" in protect) page.say(`${what}: one of ${protect.choices.length}, ${show(protect.choices)}`);
      else page.change(what, protect, state);
    }
  }
}

function partPage(name: string, limits: BridgeLimits): string {
  const descriptor = descriptorByName(name);
  if (descriptor === undefined) throw new Error(`${name} is not in the catalogue`);
  const driver = createDriver(descriptor, limits);
  const { geometry, background } = driver;
  const page = new Page();
  page.say(
    `${name}: ${limits.maxSendBytes} bytes out, ${limits.maxReceiveBytes} in, pages of ${geometry.pageBytes} bytes`,
  );
  page.add("wake", driver.wake());
  page.add("read 500 at 2345h", driver.read({ address: 0x2345, lengthBytes: 500 }));
  page.add("read nothing", driver.read({ address: 0, lengthBytes: 0 }));
  page.add("digest 1000 at 2345h", driver.digest({ address: 0x2345, lengthBytes: 1000 }));
  const end = geometry.capacityBytes;
  page.add("program 1 at the end", driver.programPage(end - 1, Uint8Array.of(0xa5)));
  page.add("program a page", driver.programPage(geometry.pageBytes * 7, new Uint8Array(geometry.pageBytes).fill(0x11)));
  page.add("program 3 within a page", driver.programPage(geometry.pageBytes * 9 + 5, Uint8Array.of(1, 2, 3)));
  if (driver.settle !== undefined) page.add("settle", driver.settle());
  for (const unit of geometry.eraseUnits) {
    const block = eraseBlockAt(unit, end - 1);
    const address = block?.address ?? 0;
    page.add(`erase the last ${unit.name}`, driver.erase(address, unit));
    page.add("begin to erase it", background.start(address, unit));
    if (block !== undefined && rangeEnd(block) < end) page.say("it does not end the chip");
  }
  const [unit] = geometry.eraseUnits;
  if (unit !== undefined) {
    page.say(`erase behind the end: ${attempt(() => driver.erase(end, unit).steps)}`);
    page.say(`erase of no kind: ${attempt(() => driver.erase(0, { ...unit, name: "none" }).steps)}`);
  }
  const progress = background.progress();
  page.add("progress", progress);
  for (const status of [0x00, 0x01, 0x20, 0x21, 0x80, 0xa0]) {
    const received = progress.steps.map((step): StepResult => {
      const length = step.kind === "transfer" ? step.receiveBytes : 0;
      return { kind: "transfer", received: new Uint8Array(length).fill(status) };
    });
    page.say(`  = status ${status.toString(16)}: ${attempt(() => progress.decode(received))}`);
  }
  if (background.suspension !== undefined) {
    page.add("suspend", background.suspension.suspend());
    page.add("resume", background.suspension.resume());
  }
  protectionPage(page, driver);
  if (driver.uniqueId !== undefined) page.add("unique ID", driver.uniqueId());
  for (const register of driver.oneTime?.registers ?? []) {
    page.say(`one-time register ${show(register)}`);
    const { lengthBytes, isWritable } = register;
    page.add("read all of it", driver.oneTime!.read(register, 0, lengthBytes));
    page.add("read 9 behind 7", driver.oneTime!.read(register, 7, 9));
    if (!isWritable) continue;
    page.add(
      "program all of it",
      driver.oneTime!.program(
        register,
        0,
        new Uint8Array(lengthBytes).map((_, i) => i),
      ),
    );
    page.add(
      "program 30 behind 3",
      driver.oneTime!.program(
        register,
        3,
        new Uint8Array(30).map((_, i) => i),
      ),
    );
  }
  const { pageSize } = driver;
  if (pageSize !== undefined) {
    page.say(`page size ${show(pageSize)}`);
    for (const pageBytes of [pageSize.standardPageBytes, pageSize.binaryPageBytes, 100]) {
      const program = pageSize.set(pageBytes);
      if (program === undefined) page.say(`set to ${pageBytes}: it cannot`);
      else page.add(`set to ${pageBytes}`, program);
    }
  }
  return `${page.lines.join("\n")}\n`;
}

it.each(PARTS)("%s", async (name) => {
  const text = partPage(name, LARGE);
  await expect(text).toMatchFileSnapshot(`../golden/steps/${name}.txt`);
});

it.each(["AT25SF041B", "AT25DF321A", "W25Q256JV", "AT45DB041E"])("%s, behind a small bridge", async (name) => {
  const text = partPage(name, name.startsWith("AT45") ? { ...SMALL, maxSendBytes: 300 } : SMALL);
  await expect(text).toMatchFileSnapshot(`../golden/steps/${name}-small.txt`);
});

it("a bridge that cannot send a byte of data has no driver", () => {
  const part = descriptorByName("AT25SF041");
  if (part === undefined) throw new Error("it is not in the catalogue");
  expect(() => createDriver(part, { maxSendBytes: 4, maxReceiveBytes: 20 })).toThrow(
    new RangeError("a bridge that sends 4 bytes cannot program"),
  );
  expect(createDriver(part, { maxSendBytes: 5, maxReceiveBytes: 20 }).geometry.pageBytes).toBe(1);
  expect(createDriver(part, { maxSendBytes: 259, maxReceiveBytes: 20 }).geometry.pageBytes).toBe(128);
  expect(createDriver(part, { maxSendBytes: 260, maxReceiveBytes: 20 }).geometry.pageBytes).toBe(256);
});
