/** How the value of one setting of a simulation is read, and what is allowed. */
import { fromHex, parseSize } from "../bytes.ts";
import type { ChipOddities, FoundChip } from "./chip/found-chip.ts";

/** Reads a value of one kind. */
export interface Reader<T> {
  /** What is allowed, for messages: "a number from 0 to 1". */
  readonly accepts: string;
  /** All that is allowed, if it is a short list. */
  readonly values?: readonly string[] | undefined;
  /** Undefined if the text is not that. */
  read(text: string): T | undefined;
}

export function text(accepts: string): Reader<string> {
  return { accepts, read: (typed) => (typed === "" ? undefined : typed) };
}

export function choice<T extends string>(names: readonly T[]): Reader<T> {
  return { accepts: names.join(" or "), values: names, read: (typed) => names.find((name) => name === typed) };
}

export function flag(): Reader<boolean> {
  return {
    accepts: "0 or 1",
    values: ["0", "1"],
    read: (typed) => (typed === "1" ? true : typed === "0" ? false : undefined),
  };
}

export function onOff(): Reader<boolean> {
  return {
    accepts: "on or off",
    values: ["on", "off"],
    read: (typed) => (typed === "on" || typed === "1" ? true : typed === "off" || typed === "0" ? false : undefined),
  };
}

export function suspendedAt(): Reader<NonNullable<FoundChip["suspended"]>> {
  return {
    accepts: "ADDRESS or ADDRESS:program, such as 0x1000",
    read(typed) {
      const [place = "", kind = "erase", ...rest] = typed.split(":");
      const address = parseSize(place);
      const isKind = kind === "erase" || kind === "program";
      return address === undefined || !isKind || rest.length > 0 ? undefined : { kind, address };
    },
  };
}

export function ignoredRange(): Reader<NonNullable<ChipOddities["programIgnored"]>> {
  return {
    accepts: "ADDRESS or ADDRESS:SIZE, such as 0x1000:4k",
    read(typed) {
      const [place = "", size = "4k", ...rest] = typed.split(":");
      const address = parseSize(place);
      const lengthBytes = parseSize(size);
      if (address === undefined || lengthBytes === undefined || rest.length > 0) return undefined;
      return { address, lengthBytes: Math.max(1, lengthBytes) };
    },
  };
}

export function whole(lowest: number, highest: number, unit = ""): Reader<number> {
  const accepts = `a whole number from ${lowest} to ${highest}${unit === "" ? "" : ` (${unit})`}`;
  return { accepts, read: (typed) => within(/^[0-9]{1,16}$/.test(typed) ? Number(typed) : undefined, lowest, highest) };
}

/** The value of a register, decimal or hex. */
export function byte(): Reader<number> {
  const form = /^([0-9]{1,3}|0x[0-9a-f]{1,2})$/i;
  const accepts = "a byte from 0 to 255, such as 28 or 0x1c";
  return { accepts, read: (typed) => within(form.test(typed) ? Number(typed) : undefined, 0, 255) };
}

export function decimal(lowest: number, highest: number, unit: string): Reader<number> {
  const form = /^[0-9]+(\.[0-9]+)?(e-?[0-9]{1,2})?$/i;
  const accepts = `a number from ${lowest} to ${highest} (${unit})`;
  return { accepts, read: (typed) => within(form.test(typed) ? Number(typed) : undefined, lowest, highest) };
}

export function size(lowest: number, highest: number): Reader<number> {
  const accepts = `a size from ${lowest} to ${highest} bytes, such as 800 or 64k`;
  return { accepts, read: (typed) => within(parseSize(typed), lowest, highest) };
}

export function frequency(): Reader<number> {
  const form = /^([0-9]+(?:\.[0-9]+)?)(k|M|kHz|MHz|Hz)?$/;
  return {
    accepts: "a frequency, such as 8MHz or 8000000",
    read(typed) {
      const match = form.exec(typed);
      if (match === null) return undefined;
      const unit = match[2] ?? "";
      const factor = unit.startsWith("k") ? 1e3 : unit.startsWith("M") ? 1e6 : 1;
      return within(Math.round(Number(match[1]) * factor), 1, 1e9);
    },
  };
}

export function stuckBit(): Reader<{ readonly address: number; readonly bit: number }> {
  return {
    accepts: "ADDRESS or ADDRESS:BIT, such as 0x1234:3",
    read(typed) {
      const [place = "", bit = "0", ...rest] = typed.split(":");
      const address = parseSize(place);
      return address === undefined || !/^[0-7]$/.test(bit) || rest.length > 0
        ? undefined
        : { address, bit: Number(bit) };
    },
  };
}

export function idBytes(): Reader<Uint8Array> {
  return {
    accepts: "3 to 16 bytes as hex digits, such as 00efaa21",
    read: (typed) => (/^([0-9a-f]{2}){3,16}$/i.test(typed) ? fromHex(typed) : undefined),
  };
}

function within(value: number | undefined, lowest: number, highest: number): number | undefined {
  return value !== undefined && value >= lowest && value <= highest ? value : undefined;
}
