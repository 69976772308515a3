/**
 * What the protection bits of an AT25-like part cover.
 *
 * BP2..0 count blocks that double with every step: 64 KiB (or 1/64 of a chip above 4 MiB) for 1, twice that for 2, and
 * so on; 7 is the whole chip. With SEC the count is in 4 KiB sectors, at most 32 KiB. TB turns top into bottom, CMP
 * turns what is covered into what is not.
 */
import type { ProtectionState } from "../chip-driver.ts";
import type { ByteRange } from "../geometry.ts";
import {
  STATUS_1_BP_MASK,
  STATUS_1_BP_SHIFT,
  STATUS_1_LIKELY_PROTECTION,
  STATUS_1_SEC,
  STATUS_1_TB,
  STATUS_2_CMP,
} from "./status.ts";

const KIB = 1024;

/** Protection by BP, SEC, TB and CMP bits. */
export function protectionFromBpBits(capacityBytes: number, status1: number, status2: number): ProtectionState {
  const covered = coveredBytes(capacityBytes, status1);
  const complement = (status2 & STATUS_2_CMP) !== 0;
  const atBottom = ((status1 & STATUS_1_TB) !== 0) !== complement;
  const lengthBytes = complement ? capacityBytes - covered : covered;
  const range: ByteRange = { address: atBottom ? 0 : capacityBytes - lengthBytes, lengthBytes };
  return {
    ranges: lengthBytes === 0 ? [] : [range],
    registers: [
      { name: "SR1", value: status1 },
      { name: "SR2", value: status2 },
    ],
    heldBy: complement ? "BP bits in status register 1 and CMP in status register 2" : "BP bits in status register 1",
  };
}

/** A part whose layout is not known: any bit where others protect counts as "all of it may be protected". */
export function protectionFromUnknownBits(capacityBytes: number, status1: number): ProtectionState {
  const suspicious = (status1 & STATUS_1_LIKELY_PROTECTION) !== 0;
  return {
    ranges: suspicious ? [{ address: 0, lengthBytes: capacityBytes }] : [],
    registers: [{ name: "SR1", value: status1 }],
    heldBy: "bits 5..2 of status register 1, whose meaning is not known for this part",
  };
}

function coveredBytes(capacityBytes: number, status1: number): number {
  const count = (status1 >> STATUS_1_BP_SHIFT) & STATUS_1_BP_MASK;
  if (count === 0) return 0;
  if (count === STATUS_1_BP_MASK) return capacityBytes;
  if ((status1 & STATUS_1_SEC) !== 0) return Math.min(32 * KIB, (4 * KIB) << (count - 1));
  const blockBytes = Math.max(64 * KIB, capacityBytes / 64);
  return Math.min(capacityBytes, blockBytes * 2 ** (count - 1));
}
