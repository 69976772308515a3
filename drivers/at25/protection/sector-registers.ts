/**
 * AT25DF: a volatile bit a sector, all of them set after power-up. SR1 sums them up (SWP) and holds the lock (SPRL). What
 * a write of SR1 does is decided by SPRL as it was before: with SPRL set it changes only SPRL. Source: at25.md, section 5.
 */
import type { StepResult } from "../../../firmware-protocol/step.ts";
import type { ProtectionSectors } from "../../chip-descriptor.ts";
import type {
  ChipAnswer,
  ExpectedRegister,
  ProtectionChange,
  ProtectionControl,
  ProtectionState,
  StepProgram,
} from "../../chip-driver.ts";
import { type ByteRange, rangeContains, rangeEnd, rangeIntersection } from "../../geometry.ts";
import { readsAs } from "../../protection-change.ts";
import { addressed, answerOf, asking, receivedByte } from "../../step-answers.ts";
import { READ_STATUS_1 } from "../status.ts";
import { mergeNeighbours } from "../../byte-ranges.ts";
import { acceptsEnable, type ProtectionScheme, registerValue, writeRegister } from "./register-write.ts";

const WRITE_STATUS = 0x01;
const PROTECT_SECTOR = 0x36;
const READ_SECTOR = 0x3c;
const SPRL = 0x80;
/** 0 while the WP# pin is low. */
const WP_PIN = 0x10;
/** Clears SPRL and leaves the sectors alone, where SPRL is set. */
const UNLOCK = 0x0f;
/** Sets SPRL and leaves the sectors alone. */
const LOCK = 0xf0;
const UNPROTECT_ALL = 0x00;
const PROTECT_ALL = 0x7f;
/** A sector reads 00 or FF. */
const SECTOR_SET = 0x01;

/** The scheme for sectors that lie one after the other from address 0. */
export function sectorRegistersScheme(layout: readonly ProtectionSectors[]): ProtectionScheme {
  const sectors = [...sectorRanges(layout)];
  const status = (value: number): Uint8Array => Uint8Array.of(WRITE_STATUS, value);
  const opened = (state: ProtectionState): Uint8Array[] => (isLocked(state) ? [status(UNLOCK)] : []);
  const protecting = (wanted: readonly ByteRange[]): Uint8Array[] =>
    wanted.length === sectors.length
      ? [status(PROTECT_ALL)]
      : [status(UNPROTECT_ALL), ...wanted.map(({ address }) => addressed(PROTECT_SECTOR, address))];
  /** Exactly `wanted` protected, and SPRL as it is to be. */
  const change = (wanted: readonly ByteRange[], willLock: boolean): ProtectionChange => {
    const expected = [
      { name: "SR1", value: willLock ? SPRL : 0, mask: SPRL },
      ...sectors.map(
        (sector, index): ExpectedRegister => ({
          name: sectorName(index),
          value: wanted.includes(sector) ? SECTOR_SET : 0,
          mask: SECTOR_SET,
        }),
      ),
    ];
    return {
      expected,
      attempts: [
        {
          commands: "01h and 36h after 06h",
          write: (now) => {
            if (expected.every((register) => readsAs(now, register))) return undefined;
            const closed = willLock ? [status(LOCK)] : [];
            return writeRegister([...opened(now), ...protecting(wanted), ...closed]);
          },
        },
      ],
    };
  };
  const control: ProtectionControl = {
    terms: ["until-power-off"],
    lift: () => change([], false),
    restore: (before) =>
      change(
        sectors.filter((_, index) => registerValue(before, sectorName(index)) !== 0),
        isLocked(before),
      ),
    protect: (state, range) => {
      const wanted = sectors.filter((sector) => rangeContains(range, sector));
      const touched = sectors.filter((sector) => rangeIntersection(range, sector) !== undefined);
      if (wanted.length === 0 || wanted.length !== touched.length) return { choices: sectors };
      return change(wanted, isLocked(state));
    },
    acceptsEnable,
  };
  return { read: readSectors(sectors), control };
}

function readSectors(sectors: readonly ByteRange[]): StepProgram<ChipAnswer<ProtectionState>> {
  return {
    steps: [
      asking(1, READ_STATUS_1),
      ...sectors.map(({ address }) => ({
        kind: "transfer" as const,
        send: addressed(READ_SECTOR, address),
        receiveBytes: 1,
      })),
    ],
    decode: (results: readonly StepResult[]) =>
      answerOf(results, () => {
        const status1 = receivedByte(results, 0);
        const bits = sectors.map((_, index) => receivedByte(results, index + 1));
        return {
          ranges: mergeNeighbours(sectors.filter((_, index) => bits[index] !== 0)),
          registers: [
            { name: "SR1", value: status1 },
            ...bits.map((value, index) => ({ name: sectorName(index), value })),
          ],
          heldBy: "sector protection registers, which are all set at each power-up",
          lockedBy: (status1 & (SPRL | WP_PIN)) === SPRL ? "the WP# pin, which is low" : "",
        };
      }),
  };
}

function isLocked(state: ProtectionState): boolean {
  return (registerValue(state, "SR1") & SPRL) !== 0;
}

function sectorName(index: number): string {
  return `sector ${index}`;
}

function* sectorRanges(layout: readonly ProtectionSectors[]): Generator<ByteRange> {
  let range: ByteRange = { address: 0, lengthBytes: 0 };
  for (const { lengthBytes, count } of layout) {
    for (let index = 0; index < count; index++) {
      range = { address: rangeEnd(range), lengthBytes };
      yield range;
    }
  }
}
