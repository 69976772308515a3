/** What the sector protection and lockdown registers of an AT45 cover. */
import type { At45Sectors } from "../chip-descriptor.ts";
import type {
  ExpectedRegister,
  ProtectionAttempt,
  ProtectionChange,
  ProtectionControl,
  ProtectionState,
} from "../chip-driver.ts";
import { type ByteRange, rangeContains, rangeIntersection } from "../geometry.ts";
import { mergeNeighbours } from "../byte-ranges.ts";
import { readsAs } from "../protection-change.ts";
import { outcomeOf, sending, waiting } from "../step-answers.ts";
import { READY, STATUS_1_PROTECT } from "./status.ts";

/** Byte 0 of both registers holds sector 0a in bits 7..6 and 0b in bits 5..4; each further byte is one sector. */
const SECTOR_0A_BITS = 0xc0;
const SECTOR_0B_BITS = 0x30;

/** Length of the protection and of the lockdown register: 0a and 0b share a byte. */
export function sectorRegisterBytes(sectors: At45Sectors): number {
  return 1 + sectors.otherCount;
}

/**
 * The protection register counts only while status bit 1 reports that protection is enabled; lockdown always counts.
 * Anything but 0 in a sector's bits counts as set: a damaged register must not look like no protection.
 */
export function protectionFromRegisters(
  sectors: At45Sectors,
  pageBytes: number,
  status1: number,
  protection: Uint8Array,
  lockdown: Uint8Array,
): ProtectionState {
  const enabled = (status1 & STATUS_1_PROTECT) !== 0;
  const ranges = sectorRanges(sectors, pageBytes).filter(
    (_, index) => (enabled && sectorBits(protection, index) !== 0) || sectorBits(lockdown, index) !== 0,
  );
  return {
    ranges: mergeNeighbours(ranges),
    registers: [{ name: "status", value: status1 }, ...named("protection", protection), ...named("lockdown", lockdown)],
    lockedBy: "",
    heldBy: enabled
      ? "sector protection, enabled by command or by the WP# pin, and sector lockdown"
      : "sector lockdown, which is permanent",
    // The command that disables it has no other effect than that, and needs no latch.
    ifRefused: enabled ? "the WP# pin is low, which enables sector protection" : undefined,
  };
}

const ENABLE = [0x3d, 0x2a, 0x7f, 0xa9] as const;
const DISABLE = [0x3d, 0x2a, 0x7f, 0x9a] as const;
const ERASE_REGISTER = [0x3d, 0x2a, 0x7f, 0xcf] as const;
const PROGRAM_REGISTER = [0x3d, 0x2a, 0x7f, 0xfc] as const;
const REGISTER_MAXIMUM_US = 100_000;
const REGISTER_POLL_INTERVAL_US = 200;

/**
 * Enabling and disabling is volatile: off after power-up, or as the WP# pin sets it. The register is not, and has some ten
 * thousand cycles: it is written only when the user requests another range, never to lift and restore protection.
 */
export function at45ProtectionControl(sectors: At45Sectors, pageBytes: number): ProtectionControl {
  const ranges = sectorRanges(sectors, pageBytes);
  const ready = waiting(READY, REGISTER_MAXIMUM_US, REGISTER_POLL_INTERVAL_US);
  return {
    terms: ["until-power-off"],
    lift: () => ({ expected: [enabled(false)], attempts: [switching(false)] }),
    restore: (before) => {
      const wasEnabled = (before.registers.find(({ name }) => name === "status")?.value ?? 0) & STATUS_1_PROTECT;
      return { expected: [enabled(wasEnabled !== 0)], attempts: [switching(wasEnabled !== 0)] };
    },
    protect: (_, range) => {
      const wanted = ranges.map((sector) => rangeContains(range, sector));
      const isWhole = ranges.every((sector, index) => wanted[index] || rangeIntersection(range, sector) === undefined);
      if (!isWhole || !wanted.includes(true)) return { choices: ranges };
      return protectBy(registerFor(wanted));
    },
  };

  function protectBy(register: readonly number[]): ProtectionChange {
    const bytes = register.map((value, index) => ({ name: `protection byte ${index}`, value, mask: 0xff }));
    const write: ProtectionAttempt = {
      commands: "3Dh 2Ah 7Fh CFh and FCh",
      write: (now) =>
        bytes.every((byte) => readsAs(now, byte))
          ? undefined
          : {
              steps: [sending(...ERASE_REGISTER), ready, sending(...PROGRAM_REGISTER, ...register), ready],
              decode: outcomeOf,
            },
    };
    return { expected: [...bytes, enabled(true)], attempts: [write, switching(true)] };
  }
}

function enabled(isEnabled: boolean): ExpectedRegister {
  return { name: "status", value: isEnabled ? STATUS_1_PROTECT : 0, mask: STATUS_1_PROTECT };
}

function switching(isEnabled: boolean): ProtectionAttempt {
  const expected = enabled(isEnabled);
  return {
    commands: isEnabled ? "3Dh 2Ah 7Fh A9h" : "3Dh 2Ah 7Fh 9Ah",
    write: (now) =>
      readsAs(now, expected) ? undefined : { steps: [sending(...(isEnabled ? ENABLE : DISABLE))], decode: outcomeOf },
  };
}

/** Byte 0 for 0a and 0b, FFh or 00h for every other sector. */
function registerFor(wanted: readonly boolean[]): number[] {
  const first = (wanted[0] === true ? SECTOR_0A_BITS : 0) | (wanted[1] === true ? SECTOR_0B_BITS : 0);
  return [first, ...wanted.slice(2).map((isWanted) => (isWanted ? 0xff : 0x00))];
}

function sectorRanges(sectors: At45Sectors, pageBytes: number): ByteRange[] {
  const ranges: ByteRange[] = [
    { address: 0, lengthBytes: sectors.pages0a * pageBytes },
    { address: sectors.pages0a * pageBytes, lengthBytes: sectors.pages0b * pageBytes },
  ];
  const first = (sectors.pages0a + sectors.pages0b) * pageBytes;
  const lengthBytes = sectors.otherPages * pageBytes;
  for (let index = 0; index < sectors.otherCount; index += 1) {
    ranges.push({ address: first + index * lengthBytes, lengthBytes });
  }
  return ranges;
}

/** Sector 0 is 0a, 1 is 0b, 2 is the sector that datasheets call 1. */
function sectorBits(register: Uint8Array, index: number): number {
  if (index === 0) return (register[0] ?? 0) & SECTOR_0A_BITS;
  if (index === 1) return (register[0] ?? 0) & SECTOR_0B_BITS;
  return register[index - 1] ?? 0;
}

function named(register: string, bytes: Uint8Array): { name: string; value: number }[] {
  return Array.from(bytes, (value, index) => ({ name: `${register} byte ${index}`, value }));
}
