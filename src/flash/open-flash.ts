/** From a bridge to the chip on it: wakes it, asks who it is, picks its driver, sets the SPI clock. */
import type { ChipDescriptor } from "../../drivers/chip-descriptor.ts";
import type { BridgeLimits } from "../../drivers/chip-driver.ts";
import { createDriver } from "../../drivers/create-driver.ts";
import {
  readAt45Status,
  readLegacyId,
  readOldIds,
  readSfdp,
  wakeAndReadId,
  wantedQuestions,
  wantedSfdpBytes,
} from "../../drivers/id-questions.ts";
import type { ChipProbe, Identification } from "../../drivers/identification.ts";
import { identify } from "../../drivers/identify.ts";
import { ID_BYTES } from "../../drivers/jedec-id.ts";
import { withShownLocks } from "../../drivers/state/shown-locks.ts";
import { stateFamilyOf } from "../../drivers/state/state-family.ts";
import type { Bridge } from "../bridge/bridge.ts";
import { advice } from "../advice.ts";
import { formatSize, toHex } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import type { FlashDevice } from "./flash-device.ts";
import { valueOf } from "./chip-failure.ts";
import { type ChipState, leaveStates } from "./leave-states.ts";
import { listeningChip } from "./listening-chip.ts";
import { addressesBeginAgain } from "./mtd/array-size.ts";
import { createNorFlash } from "./nor-flash.ts";
import { withProvedReads } from "./read-command-proof.ts";
import { presenceOf } from "./presence.ts";
import { runProgram, runQuestion } from "./run-program.ts";
import { type ClockDoubt, setClock, settleClock } from "./spi-clock.ts";
import { readSteadily } from "./steady-reading.ts";
import { notIdentified } from "./unknown-chip.ts";
import { errorBitsOf, waitWhileBusy, type WaitOptions } from "./wait-ready.ts";

/** How to open the chip on a bridge. All of it may be left out. */
export interface OpenFlashOptions {
  /** The part, if the user names it; it must fit what the chip returns. */
  readonly chip?: string | undefined;
  /** Its size, bytes, where the chip's own area and the catalogue name two. */
  readonly sizeBytes?: number | undefined;
  /** Size that an earlier opening of this chip settled, bytes: counts if its contents no longer show which of two it has. */
  readonly settledBytes?: number | undefined;
  /** A part of the user's own, see `parseChipFile`; it must answer its ID. */
  readonly part?: ChipDescriptor | undefined;
  /** Wish for the SPI clock; the fastest that chip and bridge allow if left out. */
  readonly spiClockHz?: number | undefined;
  /** Make every read twice and compare; left out: where the bytes are not checked on the way. */
  readonly readsTwice?: boolean | undefined;
  /** Called during a wait, with a sentence without a full stop: the chip is busy. */
  readonly note?: ((message: string) => void) | undefined;
  /** Longest wait for a chip that is busy when it is opened, milliseconds. Default: four minutes, a chip erase. */
  readonly busyLimitMs?: number | undefined;
}

/** A device and what its opening found out. */
export interface OpenedFlash extends FlashDevice {
  /** Sentences without a full stop that a user should see: doubts about the part, page size. */
  readonly notes: readonly string[];
  /** States in which it was found, such as busy, suspended or in its mode of 4-byte addresses. */
  readonly states: readonly ChipState[];
  /** Those of the notes that a user should see in any case. */
  readonly doubts: readonly string[];
  /** SPI clock in use, Hz; 0 if the bridge does not report it. */
  readonly spiClockHz: number;
  /** The clock is slower than requested, since the chip did not return its ID at that one. */
  readonly clockDoubt: ClockDoubt | undefined;
}

/** All chips answer to this clock, also over the wires of a clip. */
const IDENTIFY_CLOCK_HZ = 4_000_000;
/** Where what answered at the first is nothing known. */
const SLOW_CLOCKS_HZ = [1_000_000, 250_000];
/**
 * Opens the chip on a bridge. Throws CHIP_MISSING, CHIP_UNKNOWN or CHIP_AMBIGUOUS, EBUSY for a chip in a state that it
 * does not leave, EINVAL for a clock that makes no sense, and what the bridge throws. The bridge stays open then.
 */
export async function openFlash(bridge: Bridge, options: OpenFlashOptions = {}): Promise<OpenedFlash> {
  const { probe, states, found: identified, provenHz, doubt } = await askWhoItIs(bridge, options);
  const found = await withProvedReads(bridge, identified, options);
  if (found.kind === "unknown") throw notIdentified(found, options);
  const { jedecId, notes, doubts = [] } = found;
  const hasLocks = states.some(({ kind }) => kind === "block-locks");
  const descriptor = hasLocks ? withShownLocks(found.descriptor) : found.descriptor;
  const wishHz = clockFor(bridge, descriptor, options.spiClockHz);
  const settled = await settleClock(
    bridge,
    jedecId,
    doubt === undefined ? wishHz : Math.min(wishHz, provenHz),
    provenHz,
  );
  const spiClockHz = settled.clockHz;
  const { maxSendBytes, maxReceiveBytes } = bridge.info;
  const driver = createDriver(descriptor, { maxSendBytes, maxReceiveBytes });
  const identity = { name: descriptor.name, vendor: descriptor.vendor, jedecId };
  const errorBits = errorBitsOf(stateFamilyOf(descriptor.jedecId));
  const device = createNorFlash(bridge, driver, identity, {
    checkIdentity: () => checkIdentity(bridge, probe, jedecId),
    presence: presenceOf(probe.idA),
    waitWhileBusy: async (how) => {
      await waitWhileBusy(bridge, { ...how, note: options.note, errorBits });
    },
    readsTwice: options.readsTwice ?? bridge.info.isUnchecked,
    spiClockHz,
    descriptor,
    isSizeSettled: identified.isSizeSettled === true || options.sizeBytes !== undefined || options.part !== undefined,
  });
  const clockDoubt = doubt ?? settled.doubt;
  return Object.assign(device, { notes, doubts, states, spiClockHz, clockDoubt, sources: descriptor.sources });
}

type FoundChip = Identification & {
  readonly kind: "found";
  /** What the chip holds has shown its size. */
  readonly isSizeSettled?: true | undefined;
};

interface Asked extends Omit<Probed, "isAllSet"> {
  readonly found: FoundChip;
  /** The clock at which it was asked, Hz. */
  readonly provenHz: number;
  /** It could be identified only at a slower clock. */
  readonly doubt: ClockDoubt | undefined;
}

/** At a clock that nearly all wires bear; what answers nothing known there is asked again at a slower one. */
async function askWhoItIs(bridge: Bridge, options: OpenFlashOptions): Promise<Asked> {
  const wishHz = options.spiClockHz ?? IDENTIFY_CLOCK_HZ;
  const provenHz = await setClock(bridge, Math.min(IDENTIFY_CLOCK_HZ, wishHz));
  const wait = { note: options.note, limitMs: options.busyLimitMs };
  const first = await probeChip(bridge, wait);
  // Not before it is known as a part with a status: other devices answer nothing but their ID.
  const isUnclear = first.isAllSet && (await judge(bridge, first.probe, options)).kind === "found";
  const { probe, states } = isUnclear ? await probeChip(bridge, wait, true) : first;
  const found = await judge(bridge, probe, options);
  if (found.kind === "found") return { probe, states, found, provenHz, doubt: undefined };
  for (const clockHz of SLOW_CLOCKS_HZ) {
    // Nothing at all, or a known part that does not fit what was specified, is not a matter of the clock.
    if (found.kind !== "unknown" || clockHz >= provenHz) break;
    const slowHz = await setClock(bridge, clockHz);
    if (slowHz >= provenHz) break;
    const again = await probeChip(bridge, wait);
    const slowly = await judge(bridge, again.probe, options);
    if (slowly.kind !== "found") continue;
    const evidence = `the ID read ${toHex(probe.idA.subarray(0, ID_BYTES))} instead of ${slowly.jedecId}`;
    return { ...again, found: slowly, provenHz: slowHz, doubt: { fromHz: provenHz, toHz: slowHz, evidence } };
  }
  throw notIdentified(found, options);
}

async function judge(
  bridge: Bridge,
  probe: ChipProbe,
  { chip, sizeBytes, settledBytes, part }: OpenFlashOptions,
): Promise<FoundChip | Exclude<Identification, { kind: "size-conflict" | "found" }>> {
  const judged = identify(probe, {
    chip,
    sizeBytes,
    part,
  });
  return judged.kind === "size-conflict" ? settleSize(bridge, judged, settledBytes) : judged;
}

function clockFor(bridge: Bridge, { maxSpiClockHz }: ChipDescriptor, wishHz: number | undefined): number {
  const { spiClockMinHz, spiClockMaxHz, features } = bridge.info;
  if (wishHz !== undefined && !features.includes("spiClock")) {
    throw new NorbridgeError("EINVAL", "this bridge cannot set its SPI clock", {
      operation: "set SPI clock",
      hint: advice("Use the default SPI clock with this bridge.", "omit-spi-clock"),
    });
  }
  if (wishHz === undefined) return Math.min(maxSpiClockHz, spiClockMaxHz);
  if (wishHz >= spiClockMinHz && wishHz <= maxSpiClockHz) return wishHz;
  const message = `the SPI clock of ${wishHz} Hz is not possible: the bridge supports ${spiClockMinHz} Hz or more, the chip ${maxSpiClockHz} Hz or less`;
  throw new NorbridgeError("EINVAL", message, { operation: "set SPI clock" });
}

/** What a chip answered, and the states that it was led out of for that. */
interface Probed {
  readonly probe: ChipProbe;
  readonly states: readonly ChipState[];
  /** All bits of its status are set. */
  readonly isAllSet: boolean;
}

/** `hasStatus`: it is known to be a part with a status register. */
async function probeChip(bridge: Bridge, wait: WaitOptions, hasStatus = false): Promise<Probed> {
  const { idA, idB, states } = await listeningChip(bridge, wait);
  const legacyId = isSilent(idA) ? valueOf(await runProgram(bridge, readLegacyId()), "identify chip") : undefined;
  const { maxSendBytes, maxReceiveBytes } = bridge.info;
  const limits = { maxSendBytes, maxReceiveBytes };
  const questions = wantedQuestions(idA);
  const looked = questions.includes("sfdp") ? await leaveStates(bridge, idA, limits, wait, hasStatus) : undefined;
  const sfdp = looked?.sfdp === undefined ? undefined : await wholeSfdp(bridge, looked.sfdp, limits);
  const at45Status = questions.includes("at45-status")
    ? await readSteadily(readAt45Status(), {
        operation: "read status",
        run: (program) => runProgram(bridge, program),
        presence: presenceOf(idA),
      })
    : undefined;
  const areOldAsked = legacyId !== undefined && isSilent(legacyId);
  const olderIds = areOldAsked ? valueOf(await runProgram(bridge, readOldIds()), "identify chip") : {};
  const probe = {
    idA,
    idB,
    sfdp,
    at45Status,
    legacyId,
    ...olderIds,
  };
  return { probe, states: [...states, ...(looked?.states ?? [])], isAllSet: looked?.isAllSet === true };
}

/** The area as far as its tables reach. */
async function wholeSfdp(bridge: Bridge, first: Uint8Array, limits: BridgeLimits): Promise<Uint8Array> {
  const wanted = wantedSfdpBytes(first);
  if (wanted <= first.length) return first;
  return valueOf(await runProgram(bridge, readSfdp(limits, wanted)), "read SFDP") ?? first;
}

/** Looks where the chip's addresses begin again. Throws CHIP_AMBIGUOUS if what it holds does not tell. */
async function settleSize(
  bridge: Bridge,
  { jedecId, name, choices }: Identification & { readonly kind: "size-conflict" },
  settledBytes: number | undefined,
): Promise<FoundChip> {
  const [smaller, larger] = choices;
  const { capacityBytes } = smaller.descriptor.geometry;
  const answer = await addressesBeginAgain(bridge, capacityBytes);
  const known = choices.find(({ descriptor }) => descriptor.geometry.capacityBytes === settledBytes);
  if (answer === "unknown" && known === undefined) {
    const sizes = choices.map(({ descriptor }) => formatSize(descriptor.geometry.capacityBytes));
    const message = `${name} (ID ${jedecId}) has ${sizes.join(" or ")}: its SFDP area and the catalogue differ, and its contents do not show which is right`;
    throw new NorbridgeError("CHIP_AMBIGUOUS", message, {
      operation: "identify chip",
      hint: advice("Nothing was written. Specify the size.", "set-chip-size"),
    });
  }
  const right = answer === "unknown" && known !== undefined ? known : answer === "yes" ? smaller : larger;
  const wraps = `its addresses ${answer === "yes" ? "wrap" : "do not wrap"} around at ${formatSize(capacityBytes)}`;
  const notes = [...right.notes, answer === "unknown" ? "its size is as it was found before this job began" : wraps];
  return { kind: "found", descriptor: right.descriptor, jedecId, notes, doubts: right.doubts, isSizeSettled: true };
}

function isSilent(id: Uint8Array): boolean {
  return id.every((byte) => byte === 0xff);
}

async function checkIdentity(bridge: Bridge, { idA: first }: ChipProbe, jedecId: string): Promise<void> {
  const { idA } = valueOf(await runQuestion(bridge, wakeAndReadId()), "check chip");
  const now = idA.subarray(0, ID_BYTES);
  if (first.subarray(0, ID_BYTES).every((byte, index) => now[index] === byte)) return;
  const operation = "check chip";
  if (now.every((byte) => byte === 0xff) || now.every((byte) => byte === 0)) {
    throw new NorbridgeError("CHIP_MISSING", `the chip no longer responds: its ID reads ${toHex(now)}`, { operation });
  }
  const message = `the chip's ID reads ${toHex(now)}; at the start of the job it was ${jedecId}`;
  throw new NorbridgeError("CHIP_CHANGED", message, { operation });
}
