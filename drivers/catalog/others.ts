/** Macronix, Micron, ISSI, SST: their own protection, described by SFDP. */
import { type At25Row, at25CatalogRow } from "./at25-row.ts";
import type { CatalogRow } from "./catalog-row.ts";
import type { At25Descriptor } from "../chip-descriptor.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

const ROWS: readonly At25Row[] = [
  {
    name: "MX25L3233F",
    vendor: "Macronix",
    family: "mx25l",
    jedecId: [[0xc2, 0x20, 0x16], "flashrom ufprog nvm"],
    capacityBytes: [4 * MIB, "flashrom ufprog nvm"],
    supplyMv: [[2700, 3600], "flashrom"],
    clockMhz: [133, "nvm ufprog"],
    sfdp: ["present", "sfdp"],
    erases: [
      { opcode: 0x20, sizeBytes: 4 * KIB, source: "flashrom ufprog" },
      { opcode: 0x52, sizeBytes: 32 * KIB, source: "flashrom ufprog" },
      { opcode: 0xd8, sizeBytes: 64 * KIB, source: "flashrom ufprog" },
    ],
    chipErase: { opcode: 0xc7, source: "flashrom", limitMs: 80000 },
    suspend: [[0xb0, 0x30], "recall"],
    notes: [
      "ID shared with MX25L3205D, 3206E (52h erases 64 KiB there), 3273E: read SFDP before using 52h",
      "Program and erase fail bits P_FAIL/E_FAIL in the security register (2Bh)",
    ],
  },
  {
    name: "MX25L12833F",
    vendor: "Macronix",
    family: "mx25l",
    jedecId: [[0xc2, 0x20, 0x18], "flashrom ufprog nvm"],
    capacityBytes: [16 * MIB, "flashrom ufprog nvm"],
    supplyMv: [[2700, 3600], "flashrom"],
    clockMhz: [133, "nvm ufprog"],
    sfdp: ["present", "ufprog"],
    erases: [
      { opcode: 0x20, sizeBytes: 4 * KIB, source: "flashrom ufprog" },
      { opcode: 0x52, sizeBytes: 32 * KIB, source: "flashrom ufprog" },
      { opcode: 0xd8, sizeBytes: 64 * KIB, source: "flashrom ufprog" },
    ],
    chipErase: { opcode: 0xc7, source: "flashrom", limitMs: 320000 },
    suspend: [[0xb0, 0x30], "recall"],
    notes: ["ID shared with MX25L12805D (no 32 KiB erase), 12835F, 12845E, 12865E, 12873F"],
  },
  {
    name: "N25Q128A",
    vendor: "Micron",
    family: "n25q",
    jedecId: [[0x20, 0xba, 0x18], "flashrom ufprog qemu"],
    capacityBytes: [16 * MIB, "flashrom ufprog qemu"],
    supplyMv: [[2700, 3600], "flashrom"],
    clockMhz: [108, "ufprog"],
    sfdp: ["present", "ufprog"],
    erases: [
      { opcode: 0x20, sizeBytes: 4 * KIB, source: "flashrom ufprog" },
      { opcode: 0xd8, sizeBytes: 64 * KIB, source: "flashrom ufprog" },
    ],
    chipErase: { opcode: 0xc7, source: "flashrom", limitMs: 320000 },
    suspend: [[0x75, 0x7a], "recall"],
    notes: [
      "Poll the flag status register 70h (bit 7 = 1 ready) and check its error bits 5 (erase), 4 (program), 1 (protection); clear with 50h",
      "No 32 KiB erase on N25Q128A; MT25QL128 has it",
    ],
  },
  {
    name: "IS25LP064",
    vendor: "ISSI",
    family: "is25lp",
    jedecId: [[0x9d, 0x60, 0x17], "flashrom ufprog"],
    capacityBytes: [8 * MIB, "flashrom ufprog"],
    supplyMv: [[2300, 3600], "flashrom"],
    clockMhz: [133, "ufprog"],
    sfdp: ["present", "ufprog"],
    erases: [
      { opcode: 0x20, sizeBytes: 4 * KIB, source: "flashrom ufprog" },
      { opcode: 0x52, sizeBytes: 32 * KIB, source: "flashrom ufprog" },
      { opcode: 0xd8, sizeBytes: 64 * KIB, source: "flashrom ufprog" },
    ],
    chipErase: { opcode: 0xc7, source: "flashrom", limitMs: 160000 },
    suspend: [[0x75, 0x7a], "recall"],
    notes: ["Revisions A, B and D share the ID"],
  },
  {
    name: "SST26VF032B",
    vendor: "Microchip",
    family: "sst26",
    jedecId: [[0xbf, 0x26, 0x42], "flashrom ufprog nvm linux"],
    capacityBytes: [4 * MIB, "flashrom ufprog nvm linux"],
    supplyMv: [[2700, 3600], "flashrom"],
    clockMhz: [104, "nvm"],
    sfdp: ["present", "linux"],
    erases: [{ opcode: 0x20, sizeBytes: 4 * KIB, source: "flashrom ufprog" }],
    chipErase: { opcode: 0xc7, source: "flashrom", limitMs: 80000 },
    suspend: [[0xb0, 0x30], "recall"],
    notes: [
      "D8h erases 8, 32 or 64 KiB depending on the address (sector map): never assume 64 KiB near either end",
      "Clearing BP bits does nothing here; forgetting ULBPR makes every program a silent no-op",
    ],
  },
  {
    name: "SST26VF064B",
    vendor: "Microchip",
    family: "sst26",
    jedecId: [[0xbf, 0x26, 0x43], "flashrom ufprog nvm linux"],
    capacityBytes: [8 * MIB, "flashrom ufprog nvm linux"],
    supplyMv: [[2700, 3600], "flashrom"],
    clockMhz: [104, "nvm"],
    sfdp: ["present", "sfdp"],
    programTypicalMs: [1.024, "sfdp"],
    programMaximumMs: [2.048, "sfdp"],
    erases: [
      { opcode: 0x20, sizeBytes: 4 * KIB, source: "flashrom ufprog", typicalMs: [19, "sfdp"], maximumMs: [38, "sfdp"] },
    ],
    chipErase: { opcode: 0xc7, source: "flashrom", typicalMs: [32, "sfdp"], limitMs: 160000 },
    suspend: [[0xb0, 0x30], "sfdp"],
    notes: [
      "D8h erases 8, 32 or 64 KiB depending on the address (sector map): never assume 64 KiB near either end",
      "Clearing BP bits does nothing here; forgetting ULBPR makes every program a silent no-op",
    ],
  },
];

export const OTHERS_ROWS: readonly CatalogRow<At25Descriptor>[] = ROWS.map(at25CatalogRow);
