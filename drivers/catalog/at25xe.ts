/** AT25XE-D and AT25EU: low power, with SFDP. */
import { type At25Row, at25CatalogRow } from "./at25-row.ts";
import type { CatalogRow } from "./catalog-row.ts";
import type { At25Descriptor } from "../chip-descriptor.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

const ROWS: readonly At25Row[] = [
  {
    name: "AT25XE041D",
    vendor: "Adesto",
    family: "at25xe-d",
    jedecId: [[0x1f, 0x44, 0x0c], "ufprog adesto-tab"],
    extendedId: [[0x01], "ufprog"],
    capacityBytes: [512 * KIB, "ufprog adesto-tab"],
    supplyMv: [[1650, 3600], "swp"],
    clockMhz: [104, "ufprog"],
    sfdp: ["present", "ufprog"],
    erases: [
      { opcode: 0x20, sizeBytes: 4 * KIB, source: "ufprog" },
      { opcode: 0x52, sizeBytes: 32 * KIB, source: "ufprog" },
      { opcode: 0xd8, sizeBytes: 64 * KIB, source: "ufprog" },
    ],
    chipErase: { opcode: 0xc7, source: "ufprog", limitMs: 20000 },
    suspend: [[0xb0, 0xd0], "recall"],
    notes: [
      "Page buffer with single-command read-modify-write, active interrupt, low battery detect, terminate command (front page of AT25XE161D)",
      "4-4 dummy count is programmable in SR5",
    ],
  },
  {
    name: "AT25XE081D",
    vendor: "Adesto",
    family: "at25xe-d",
    jedecId: [[0x1f, 0x45, 0x0c], "ufprog adesto-tab"],
    extendedId: [[0x01], "ufprog"],
    capacityBytes: [1 * MIB, "ufprog adesto-tab"],
    supplyMv: [[1650, 3600], "ds-front"],
    clockMhz: [104, "ufprog"],
    sfdp: ["present", "ufprog"],
    erases: [
      { opcode: 0x20, sizeBytes: 4 * KIB, source: "ufprog" },
      { opcode: 0x52, sizeBytes: 32 * KIB, source: "ufprog" },
      { opcode: 0xd8, sizeBytes: 64 * KIB, source: "ufprog" },
    ],
    chipErase: { opcode: 0xc7, source: "ufprog", limitMs: 20000 },
    suspend: [[0xb0, 0xd0], "recall"],
    notes: [
      "Page buffer with single-command read-modify-write, active interrupt, low battery detect, terminate command (front page of AT25XE161D)",
      "4-4 dummy count is programmable in SR5",
    ],
  },
  {
    name: "AT25XE161D",
    vendor: "Adesto",
    family: "at25xe-d",
    jedecId: [[0x1f, 0x46, 0x0c], "ufprog adesto-tab"],
    extendedId: [[0x01], "ufprog"],
    capacityBytes: [2 * MIB, "ufprog adesto-tab"],
    supplyMv: [[1650, 3600], "ds-front"],
    clockMhz: [133, "ds-front"],
    sfdp: ["present", "ufprog ds-front"],
    erases: [
      { opcode: 0x81, sizeBytes: 256, source: "ds-front" },
      { opcode: 0x20, sizeBytes: 4 * KIB, source: "ds-front ufprog" },
      { opcode: 0x52, sizeBytes: 32 * KIB, source: "ds-front ufprog" },
      { opcode: 0xd8, sizeBytes: 64 * KIB, source: "ds-front ufprog" },
    ],
    chipErase: { opcode: 0xc7, source: "ufprog", limitMs: 40000 },
    suspend: [[0xb0, 0xd0], "recall"],
    notes: [
      "Page buffer with single-command read-modify-write, active interrupt, low battery detect, terminate command (front page of AT25XE161D)",
      "4-4 dummy count is programmable in SR5",
    ],
  },
  {
    name: "AT25XE321D",
    vendor: "Adesto",
    family: "at25xe-d",
    jedecId: [[0x1f, 0x47, 0x0c], "ufprog adesto-tab"],
    extendedId: [[0x01], "ufprog"],
    capacityBytes: [4 * MIB, "ufprog adesto-tab"],
    supplyMv: [[1650, 3600], "ds-front"],
    clockMhz: [104, "ufprog"],
    sfdp: ["present", "ufprog"],
    erases: [
      { opcode: 0x20, sizeBytes: 4 * KIB, source: "ufprog" },
      { opcode: 0x52, sizeBytes: 32 * KIB, source: "ufprog" },
      { opcode: 0xd8, sizeBytes: 64 * KIB, source: "ufprog" },
    ],
    chipErase: { opcode: 0xc7, source: "ufprog", limitMs: 80000 },
    suspend: [[0xb0, 0xd0], "recall"],
    notes: [
      "Page buffer with single-command read-modify-write, active interrupt, low battery detect, terminate command (front page of AT25XE161D)",
      "4-4 dummy count is programmable in SR5",
    ],
  },
  {
    name: "AT25EU0041A",
    vendor: "Adesto",
    family: "at25eu",
    jedecId: [[0x1f, 0x14, 0x01], "ufprog eu-fw mikroe"],
    capacityBytes: [512 * KIB, "ufprog eu-fw mikroe"],
    supplyMv: [[1650, 3600], "recall"],
    clockMhz: [85, "ufprog"],
    sfdp: ["present", "ufprog mikroe"],
    erases: [
      { opcode: 0x81, sizeBytes: 256, source: "mikroe" },
      { opcode: 0x20, sizeBytes: 4 * KIB, source: "ufprog mikroe" },
      { opcode: 0x52, sizeBytes: 32 * KIB, source: "ufprog mikroe" },
      { opcode: 0xd8, sizeBytes: 64 * KIB, source: "ufprog mikroe" },
    ],
    chipErase: { opcode: 0x60, source: "mikroe eu-fw", limitMs: 20000 },
    notes: [
      "ufprog found quad reads lose a clock on this part and disables x4",
      "A protected device accepts an erase, never goes busy and changes nothing (eu-fw): always read back",
    ],
  },
];

export const AT25XE_ROWS: readonly CatalogRow<At25Descriptor>[] = ROWS.map(at25CatalogRow);
