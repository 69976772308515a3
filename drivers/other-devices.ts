/**
 * What responds to 9Fh and is not a NOR flash, or not one that norbridge can operate by itself: named by its kind, since a part
 * name would not help the user. Pure; one rule each, the first that matches counts. Sources, read 2026-11-30:
 *
 * - SPI NAND: Linux drivers/mtd/nand/spi (a device byte after an address or dummy byte, or at once: the three methods of its
 *   core),
 *   makers also from espressif/idf-extra-components and the tables of router vendors
 * - FRAM: Linux drivers/misc/eeprom/at25.c and spi-nor's cy15x104q, ArduPilot AP_RAMTRON, OpenOCD's flash table
 * - PSRAM: drivers of APS6404L and LY68L6400 (24 bits without meaning, then 0Dh and 5Dh, or 55h for a die that failed)
 * - continuation codes: JEP106; PMC 7F 9D, AMIC 7F 37 as in flashrom and Linux
 * - AT25F: command 15h, flashrom; SST25: a byte a command, Linux SST_WRITE
 */
import { hex, ID_BYTES } from "./jedec-id.ts";

/**
 * Why a chip that responds cannot be used: it is not a NOR flash; it is one without a description; it has to be specified by
 * its name; it programs single bytes; it has an ID only for older commands; its ID was read wrongly; it is not the part, or not
 * of the size, that the user specified; it is blank, so that nothing shows whether it has the commands of that part.
 */
export type UnknownCause =
  | "other-device"
  | "not-described"
  | "by-name"
  | "byte-program"
  | "old-id"
  | "misread"
  | "mismatch"
  | "wrong-size"
  | "not-shown"
  | "stacked-dies";

/** A device that was recognised, as a part of a sentence: "it is SPI NAND flash (...), not NOR flash". */
export interface OtherDevice {
  readonly reason: string;
  readonly cause: UnknownCause;
}

const CONTINUES = 0x7f;
const MACRONIX_OR_CYPRESS = 0xc2;
const FUJITSU = 0x04;

/** Makers of SPI NAND by the first byte of the ID; several share a code, since none sends its continuation codes. */
const NAND_MAKERS: ReadonlyMap<number, string> = new Map([
  [0x01, "SkyHigh"],
  [0x0b, "XTX"],
  [0x2c, "Micron"],
  [0x52, "Alliance"],
  [0x8c, "ESMT"],
  [0x98, "Kioxia or Toshiba"],
  [0x9b, "ATO"],
  [0xa1, "Fudan or Paragon"],
  [0xad, "ATO or Hynix"],
  [0xbc, "Biwin"],
  [0xc2, "Macronix"],
  [0xc8, "GigaDevice or ESMT"],
  [0xc9, "HeYangTek"],
  [0xcd, "Foresee"],
  [0xd5, "Etron"],
  [0xe5, "Dosilicon"],
  [0xef, "Winbond"],
]);

/** Makers of SPI memories that send continuation codes, by number of codes and the byte after them. */
const CONTINUED_MAKERS: ReadonlyMap<string, string> = new Map([
  ["1:1c", "Eon"],
  ["1:37", "AMIC"],
  ["1:9d", "PMC or ISSI"],
  ["4:4a", "ESI"],
  ["6:d5", "Nantronics"],
  ["7:a1", "Fudan"],
]);

const RULES: readonly ((id: Uint8Array) => OtherDevice | undefined)[] = [psram, fram, nand, continued, bytePrograms];

/** What the ID, as read by 9Fh, is known to belong to; undefined if no rule fits. At least eight bytes tell all of it. */
export function otherDevice(id: Uint8Array): OtherDevice | undefined {
  for (const rule of RULES) {
    const found = rule(id);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What a chip is that leaves 9Fh without a response, by its two bytes for 15h; undefined if that one has none either. */
export function at25fOf(id: Uint8Array | undefined): OtherDevice | undefined {
  if (id?.[0] !== 0x1f || (id[1] ?? 0) >> 4 !== 6) return undefined;
  return { reason: "it is an AT25F part: it has an ID only for command 15h", cause: "old-id" };
}

/** The 24 bits where other commands have an address are not driven. */
function psram(id: Uint8Array): OtherDevice | undefined {
  if (!isUndriven(id[0]) || !isUndriven(id[2]) || id[3] !== 0x0d || (id[4] !== 0x5d && id[4] !== 0x55))
    return undefined;
  return other("PSRAM, a memory that forgets without power", `${hex(id.subarray(3, 5))} after three empty bytes`);
}

function fram(id: Uint8Array): OtherDevice | undefined {
  if (id[0] === FUJITSU && id[1] === CONTINUES) {
    return other("FRAM of Fujitsu", `ID ${hex(id.subarray(0, 4))}`);
  }
  const codes = continuations(id);
  // Bank 7. Some of these parts send the whole of it with the last byte first.
  if (codes === 6 && id[codes] === MACRONIX_OR_CYPRESS) return other("FRAM of Cypress or Ramtron", `ID ${hex(id)}...`);
  if (id[2] === MACRONIX_OR_CYPRESS && [3, 4, 5].every((at) => id[at] === CONTINUES)) {
    return other("FRAM of Cypress", `ID ${hex(id)}, last byte first`);
  }
  return undefined;
}

function nand(id: Uint8Array): OtherDevice | undefined {
  const [first, second, third] = id;
  if (first === 0xc8 && /^[ab][124]$/.test(hex([second ?? 0])) && (third === 0x48 || third === 0x68)) {
    return other("SPI NAND flash of GigaDevice", `ID ${hex(id.subarray(0, ID_BYTES))}`);
  }
  if (!isUndriven(first) || second === undefined || isUndriven(second) || second === CONTINUES) return undefined;
  const maker = NAND_MAKERS.get(second);
  if (maker === undefined) {
    const reason = `no maker has the code ${hex([first ?? 0])}: it is SPI NAND flash, or its response arrives late`;
    return { reason, cause: "misread" };
  }
  return other(`SPI NAND flash of ${maker}`, `${hex([first ?? 0])} before ${hex([second])} is the dummy byte of NAND`);
}

/** The maker stands after the codes; the part may well be NOR flash. */
function continued(id: Uint8Array): OtherDevice | undefined {
  const codes = continuations(id);
  if (codes === 0 || codes >= id.length) return undefined;
  const after = id[codes] ?? 0;
  const code = hex([after]);
  const maker = CONTINUED_MAKERS.get(`${codes}:${code}`);
  // If the ID begins again, its next code ends the device.
  const [one = CONTINUES, two = CONTINUES] = id.subarray(codes + 1, codes + 3);
  const device = one === CONTINUES ? "" : `, device ${hex(two === CONTINUES ? [one] : [one, two])}`;
  const named = maker === undefined ? `maker ${code} of bank ${codes + 1}` : `${maker} (${code} of bank ${codes + 1})`;
  return {
    reason: `it is not in the catalogue and has no SFDP area; 7f continues the ID: ${named}${device}`,
    cause: "not-described",
  };
}

/** SST25VF and SST25WF, but 064C (4Bh), which programs pages. */
function bytePrograms(id: Uint8Array): OtherDevice | undefined {
  if (id[0] !== 0xbf || id[1] !== 0x25 || id[2] === 0x4b) return undefined;
  return {
    reason: "it is not in the catalogue; parts of the SST25 series program one byte per command",
    cause: "byte-program",
  };
}

function other(what: string, evidence: string): OtherDevice {
  return { reason: `it is ${what} (${evidence}), not NOR flash`, cause: "other-device" };
}

/** How many continuation codes stand before the maker. */
function continuations(id: Uint8Array): number {
  const first = id.findIndex((byte) => byte !== CONTINUES);
  return first < 0 ? id.length : first;
}

/** The level of an undriven line, with either resistor. */
function isUndriven(byte: number | undefined): boolean {
  return byte === 0x00 || byte === 0xff;
}
