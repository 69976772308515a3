/** AT25DN and XE011: small parts with one protection bit for all, D8h erases 32 KiB, an error bit (EPE). */
import { type At25Row, at25CatalogRow } from "./at25-row.ts";
import type { CatalogRow } from "./catalog-row.ts";
import type { At25Descriptor } from "../chip-descriptor.ts";

const KIB = 1024;

const ROWS: readonly At25Row[] = [
  {
    name: "AT25DN256",
    vendor: "Adesto",
    family: "at25dn",
    jedecId: [[0x1f, 0x40, 0x00], "ufprog adesto-tb adesto-tab flashcat"],
    extendedId: [[0x00], "ufprog adesto-tb"],
    capacityBytes: [32 * KIB, "ufprog adesto-tb adesto-tab flashcat"],
    supplyMv: [[2300, 3600], "ds-front"],
    clockMhz: [104, "ds-front"],
    sfdp: ["absent", "ufprog"],
    programTypicalMs: [1.5, "ds-front"],
    erases: [
      { opcode: 0x81, sizeBytes: 256, source: "wstl18 adesto-tb" },
      { opcode: 0x20, sizeBytes: 4 * KIB, source: "ufprog wstl18", typicalMs: [40, "ds-front"] },
      { opcode: 0x52, sizeBytes: 32 * KIB, source: "ufprog wstl18", typicalMs: [320, "ds-front"] },
    ],
    chipErase: { opcode: 0xc7, source: "flashrom", limitMs: 20000 },
    notes: ["D8h erases 32 KiB here, not 64 KiB"],
  },
  {
    name: "AT25DN512C",
    vendor: "Adesto",
    family: "at25dn",
    jedecId: [[0x1f, 0x65, 0x01], "ufprog adesto-tb adesto-tab flashcat"],
    extendedId: [[0x00], "ufprog adesto-tb"],
    capacityBytes: [64 * KIB, "ufprog adesto-tb adesto-tab flashcat"],
    supplyMv: [[2300, 3600], "recall"],
    clockMhz: [104, "ufprog wstl18"],
    sfdp: ["absent", "ufprog"],
    programMaximumMs: [1.75, "wstl18"],
    erases: [
      { opcode: 0x81, sizeBytes: 256, source: "wstl18 adesto-tb", typicalMs: [6, "wstl18"], maximumMs: [20, "wstl18"] },
      {
        opcode: 0x20,
        sizeBytes: 4 * KIB,
        source: "ufprog wstl18",
        typicalMs: [35, "wstl18"],
        maximumMs: [50, "wstl18"],
      },
      {
        opcode: 0x52,
        sizeBytes: 32 * KIB,
        source: "ufprog wstl18",
        typicalMs: [250, "wstl18"],
        maximumMs: [350, "wstl18"],
      },
    ],
    chipErase: {
      opcode: 0xc7,
      source: "flashrom",
      typicalMs: [500, "wstl18"],
      maximumMs: [700, "wstl18"],
      limitMs: 20000,
    },
    notes: [
      "D8h erases 32 KiB here, not 64 KiB",
      "Adesto's test bench lists 1f6401 for the AT25DF512C sibling in one place; its own part table and every other source say 1f6501",
    ],
  },
  {
    name: "AT25DN011",
    vendor: "Adesto",
    family: "at25dn",
    jedecId: [[0x1f, 0x42, 0x00], "flashrom ufprog adesto-tb adesto-tab flashcat"],
    extendedId: [[0x00], "ufprog adesto-tb"],
    capacityBytes: [128 * KIB, "flashrom ufprog adesto-tb adesto-tab flashcat"],
    supplyMv: [[1650, 3600], "flashrom"],
    clockMhz: [104, "ufprog wstl18"],
    sfdp: ["absent", "ufprog"],
    erases: [
      { opcode: 0x81, sizeBytes: 256, source: "wstl18 adesto-tb" },
      { opcode: 0x20, sizeBytes: 4 * KIB, source: "flashrom ufprog" },
      { opcode: 0x52, sizeBytes: 32 * KIB, source: "flashrom ufprog" },
    ],
    chipErase: { opcode: 0xc7, source: "flashrom", limitMs: 20000 },
    notes: ["D8h erases 32 KiB here, not 64 KiB"],
  },
  {
    name: "AT25XE011",
    vendor: "Adesto",
    family: "at25dn",
    jedecId: [[0x1f, 0x42, 0x00], "ufprog adesto-tb adesto-tab"],
    extendedId: [[0x00], "ufprog adesto-tb"],
    capacityBytes: [128 * KIB, "ufprog adesto-tb adesto-tab"],
    supplyMv: [[1650, 3600], "recall"],
    clockMhz: [104, "ufprog"],
    sfdp: ["absent", "ufprog"],
    erases: [
      { opcode: 0x81, sizeBytes: 256, source: "adesto-tb" },
      { opcode: 0x20, sizeBytes: 4 * KIB, source: "ufprog" },
      { opcode: 0x52, sizeBytes: 32 * KIB, source: "ufprog" },
    ],
    chipErase: { opcode: 0xc7, source: "flashrom", limitMs: 20000 },
    notes: ["Same bytes as AT25DN011/AT25DF011; D8h erases 32 KiB"],
  },
];

export const AT25DN_ROWS: readonly CatalogRow<At25Descriptor>[] = ROWS.map(at25CatalogRow);
