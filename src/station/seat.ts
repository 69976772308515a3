/** A chip in a slot that is open: what it is, and the jobs on it. */
import type { Bridge } from "../bridge/bridge.ts";
import { formatRange } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import type { ImageSource } from "../files/image-source.ts";
import type { FlashDevice } from "../flash/flash-device.ts";
import { openFlash } from "../flash/open-flash.ts";
import { blankCheck } from "../jobs/blank-check.ts";
import { verifyImage } from "../jobs/verify-image.ts";
import { removeJournal } from "../journal/journal-folder.ts";
import type { CheckedRecipe } from "../recipe/load-recipe.ts";
import type { ComposedUnit } from "../recipe/compose.ts";
import type { ChipAccess } from "../runner/change-chip.ts";
import { runWrite, type Watch } from "../runner/change-jobs.ts";
import type { Connection, ReopenOptions } from "../runner/connections/connection.ts";
import { isImageOfJob, type LeftJobTools, resumeLeftJob } from "../runner/resume-jobs.ts";
import { ChipLink } from "../runner/with-chip.ts";
import { checkContact, steadyUniqueId } from "./contact.ts";
import type { Compared, UnitInSlot } from "./messages.ts";
import type { WorkerHost } from "./worker-host.ts";
import type { SlotWires } from "./wires.ts";

/** What a seat is made with. */
export interface SeatTools {
  readonly wires: SlotWires;
  readonly host: WorkerHost;
  readonly checked: CheckedRecipe;
  /** Folder of the journals. */
  readonly journals: string;
  onProgress(doneBytes: number, totalBytes: number): void;
}

/** How long a bridge that went away is waited for in the middle of a job, and how often it is looked for. */
const COME_BACK_US = 10_000_000;
const LOOK_AGAIN_US = 250_000;
/** Longest serial number that is looked for on a chip. */
const MAX_STORED = 512;

export class Seat {
  readonly unit: UnitInSlot;
  readonly #tools: SeatTools;
  readonly #link: ChipLink;

  private constructor(tools: SeatTools, link: ChipLink, unit: UnitInSlot) {
    this.#tools = tools;
    this.#link = link;
    this.unit = unit;
  }

  /** Finds out what is in the slot; nothing is changed. Throws CHIP_*, EBUSY, and what the bridge throws. */
  static async open(tools: SeatTools, bridge: Bridge): Promise<Seat> {
    const { wires, host, checked } = tools;
    const device = await wires.run(() => openFlash(bridge));
    checkAccepted(device, checked);
    const unit = await wires.run(async () => {
      await checkContact(bridge, device);
      const uid = await steadyUniqueId(device);
      const { name: chip, jedecId: jedec } = device.identity;
      return { chip, jedec, uid, stored: await storedSerial(device, checked) };
    });
    return new Seat(tools, ChipLink.over(host, connectionOn(tools, bridge, device)), unit);
  }

  /** The bridge as it is now: a job that lost it got another. */
  get bridge(): Bridge | undefined {
    return this.#link.connection.bridge;
  }

  /** Makes the chip hold the image: goes on with what was cut off on this chip. Throws what `runWrite` throws. */
  async write(unit: ComposedUnit): Promise<void> {
    const { host, journals } = this.#tools;
    const access = this.#access();
    await this.#completeLeftJob(unit, access);
    const named = { file: unit.image.name, format: "bin", base: 0 } as const;
    const journal = { folder: journals, isOff: false, keepsOld: false };
    await runWrite(access, { image: unit.image, named, isPlaced: true, request: {}, journal }, host, this.#watch);
  }

  /** Completes a job that was cut off on this chip, or removes it: that of a session that was given up. */
  async #completeLeftJob(unit: ComposedUnit, access: ChipAccess): Promise<void> {
    const left = await this.#leftJob();
    if (left === undefined) return;
    const { host, journals } = this.#tools;
    let isOther = false;
    const openImage: LeftJobTools["openImage"] = async (job) => {
      isOther = !(await isImageOfJob(job, unit.image, host));
      if (!isOther) return shared(unit.image);
      throw new NorbridgeError("FILE_INVALID", "the job is that of another image", { operation: "resume" });
    };
    try {
      const tools = { chipOf: () => access, openImage, watch: this.#watch };
      await resumeLeftJob({ id: left.id, folder: journals }, host, tools);
    } catch (error) {
      // Changed by `openImage`, which the compiler does not see.
      if (!(isOther as boolean)) throw error;
      removeJournal(left.path);
    }
  }

  /** Compares all of the image; the chip must be the one that was found. Throws CHIP_CHANGED, and link errors. */
  async verify(unit: ComposedUnit): Promise<Compared> {
    const { host } = this.#tools;
    return this.#link.runJob({ willChange: false, mayReconnect: true }, undefined, async ({ device, clock }) => {
      const context = { clock, signal: host.signal, onEvent: this.#watch(device.geometry, clock) };
      const { equal, differing } = await verifyImage(device, unit.image, {}, context);
      // Last: what was read before came from this chip.
      await this.#checkSame(device);
      const [first] = differing;
      const isBlank = !equal && (await blankCheck(device, undefined, { clock, signal: host.signal })).blank;
      return { isEqual: equal, difference: first === undefined ? "" : formatRange(first), isBlank };
    });
  }

  /** What tells this unit from others of its kind: its unique ID, else the serial number that it holds now. */
  mark(): Promise<string> {
    const { connection } = this.#link;
    return connection.run(async () => {
      const uid = await steadyUniqueId(connection.device);
      return uid ?? `holds ${(await storedSerial(connection.device, this.#tools.checked)) ?? "nothing"}`;
    });
  }

  /** What a session that was given up has left: its image is never going to be completed. */
  async dropJournal(): Promise<void> {
    const left = await this.#leftJob();
    if (left !== undefined) removeJournal(left.path);
  }

  async #checkSame(device: FlashDevice): Promise<void> {
    const uid = await steadyUniqueId(device);
    if (uid === this.unit.uid) return;
    throw new NorbridgeError("CHIP_CHANGED", "another chip is in the slot than the one of this session", {
      operation: "check the chip",
      hint: "Take it out, and ask the supervisor.",
    });
  }

  /** The job that was cut off on this very chip. */
  async #leftJob(): Promise<{ readonly id: string; readonly path: string } | undefined> {
    const { uid, jedec } = this.unit;
    if (uid === undefined) return undefined;
    const { journals, host } = this.#tools;
    const heads = await host.journals(journals).heads(host.signal);
    const [left] = heads.flatMap(({ id, path, journal, runner }) => {
      if (runner !== undefined || journal instanceof NorbridgeError || journal.isDone) return [];
      const { job } = journal;
      return job.chip.uniqueId === uid && job.chip.jedecId === jedec ? [{ id, path }] : [];
    });
    return left;
  }

  #access(): ChipAccess {
    return {
      connection: { port: this.#tools.wires.port, words: [] },
      run: (options, job) => {
        const { prove, ...others } = options;
        return this.#link.runJob(
          {
            ...others,
            prove: async (connected, lifted) => {
              await this.#checkSame(connected.device);
              await prove?.(connected, lifted);
            },
          },
          undefined,
          job,
        );
      },
    };
  }

  /** Programming and verifying overlap: what is shown is the one that is behind. */
  readonly #watch: Watch = () => {
    const phases = new Map<string, { readonly doneBytes: number; readonly totalBytes: number }>();
    return (event) => {
      if (event.kind !== "phase" && event.kind !== "progress") return;
      const doneBytes = event.kind === "phase" ? 0 : event.doneBytes;
      phases.set(event.phase, { doneBytes, totalBytes: event.totalBytes });
      const shown = phases.get("verify") ?? phases.get("program") ?? phases.get(event.phase);
      if (shown !== undefined) this.#tools.onProgress(shown.doneBytes, shown.totalBytes);
    };
  };
}

/** A connection on a bridge that is open; after a loss, on one that is opened anew. */
function connectionOn(tools: SeatTools, bridge: Bridge, device: FlashDevice): Connection {
  const { wires } = tools;
  return {
    ...{ device, bridge, spiClockHz: undefined, clock: wires.clock },
    run: (job) => wires.run(job),
    close: () => wires.run(() => device.close()),
    leave: () => Promise.resolve(),
    violations: () => [],
    reopen: (how) => reopen(tools, how),
  };
}

async function reopen(tools: SeatTools, how: ReopenOptions): Promise<Connection> {
  const { wires, host } = tools;
  const { spiClockHz, settledBytes } = how;
  return wires.run(async () => {
    const endUs = wires.clock.nowUs() + COME_BACK_US;
    for (;;) {
      try {
        const bridge = await wires.open(how);
        return connectionOn(tools, bridge, await openFlash(bridge, { spiClockHz, settledBytes }));
      } catch (error) {
        if (wires.clock.nowUs() >= endUs || host.signal.aborted) throw error;
      }
      await wires.clock.wait(LOOK_AGAIN_US, host.signal);
    }
  });
}

/** Throws CHIP_UNKNOWN for a chip that the recipe does not accept. */
function checkAccepted({ identity, geometry }: FlashDevice, { recipe, geometry: expected }: CheckedRecipe): void {
  const { accept } = recipe.head.chip;
  const isNamed = accept.some((name) => name.toUpperCase() === identity.name.toUpperCase());
  const isAlike = geometry.capacityBytes === expected.capacityBytes && geometry.pageBytes === expected.pageBytes;
  if (isNamed && isAlike) return;
  const what = isNamed ? `${identity.name} with another page size` : identity.name;
  throw new NorbridgeError("CHIP_UNKNOWN", `this is a ${what}, and the recipe is for ${accept.join(", ")}`, {
    operation: "identify chip",
    hint: "Nothing was changed. Take the unit out.",
  });
}

/** The serial number that the chip holds; undefined if it holds none. */
async function storedSerial(device: FlashDevice, { recipe }: CheckedRecipe): Promise<string | undefined> {
  const place = recipe.head.unit?.stored;
  if (place === undefined) return undefined;
  const bytes = await device.read(place.at, Math.min(place.length, MAX_STORED));
  const end = bytes.findIndex((byte) => byte === 0 || byte === device.geometry.erasedByte);
  const text = bytes.subarray(0, end < 0 ? bytes.length : end);
  const isText = text.length > 0 && text.every((byte) => byte > 0x20 && byte < 0x7f);
  return isText ? String.fromCharCode(...text) : undefined;
}

/** The image stays open: it is of the session, not of the job. */
function shared(image: ImageSource): ImageSource {
  const { name, format, segments, totalBytes } = image;
  return { name, format, segments, totalBytes, read: (range) => image.read(range), close: () => Promise.resolve() };
}
