/**
 * Parts of other vendors that describe themselves by SFDP: here are their names and what the area does not hold. Their
 * geometry here serves where there is no chip to ask; a real chip's own area replaces it.
 */
import type { At25Descriptor } from "../chip-descriptor.ts";
import { CHIP_ERASE_UNIT_NAME, chipEraseUnit, uniformEraseUnit } from "../erase-units.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

export const SFDP_PARTS: readonly At25Descriptor[] = [
  winbondJv("W25Q32JV", 0x16, 4 * MIB, 10_000, ["times: those of W25Q128JV, until its own area is read"]),
  winbondJv("W25Q64JV", 0x17, 8 * MIB, 20_000, ["times: those of W25Q128JV, until its own area is read"]),
  winbondJv("W25Q128JV", 0x18, 16 * MIB, 40_000, ["times: its SFDP area"]),
];

function winbondJv(
  name: string,
  densityCode: number,
  capacityBytes: number,
  chipTypicalMs: number,
  sources: readonly string[],
): At25Descriptor {
  return {
    family: "at25",
    name,
    vendor: "Winbond",
    jedecId: [0xef, 0x40, densityCode],
    geometry: {
      capacityBytes,
      pageBytes: 256,
      erasedByte: 0xff,
      eraseUnits: [
        uniformEraseUnit("4 KiB sector", capacityBytes, 4 * KIB, { typicalMs: 64, maximumMs: 896 }),
        uniformEraseUnit("32 KiB block", capacityBytes, 32 * KIB, { typicalMs: 128, maximumMs: 1_792 }),
        uniformEraseUnit("64 KiB block", capacityBytes, 64 * KIB, { typicalMs: 160, maximumMs: 2_240 }),
        chipEraseUnit(capacityBytes, { typicalMs: chipTypicalMs, maximumMs: chipTypicalMs * 14 }),
      ],
      programTypicalUs: 704,
      programMaximumUs: 4_224,
    },
    eraseCommands: [
      { unitName: "4 KiB sector", opcode: 0x20, addressBytes: 3 },
      { unitName: "32 KiB block", opcode: 0x52, addressBytes: 3 },
      { unitName: "64 KiB block", opcode: 0xd8, addressBytes: 3 },
      { unitName: CHIP_ERASE_UNIT_NAME, opcode: 0xc7, addressBytes: 0 },
    ],
    maxSpiClockHz: 133_000_000,
    statusLayout: "bp-sec-tb-cmp",
    reportsErrors: false,
    sfdp: "present",
    supplyMv: { minimum: 2700, maximum: 3600 },
    sources: ["ID: flashrom, ufprog", "clock: Adafruit nvm.toml", ...sources],
  };
}
