/** The firmware that comes with this package: which board takes which image, and how it gets there. */
import { fileURLToPath } from "node:url";
import { fileIsThere } from "../disk/folder.ts";
import { shellWords } from "./shell-words.ts";

/** Version of the images; firmware/core/hello.h has the same, which a test checks. */
export const SHIPPED_FIRMWARE_VERSION = "1.0.1";

export interface FirmwareBoard {
  /** What a user calls the board: --board. */
  readonly name: string;
  readonly title: string;
  /** What the bridge says of itself in WELCOME. */
  readonly boardName: string;
  readonly image: string;
  readonly notes: readonly string[];
  /** The command that brings the image to the board. `port`: where the board is, for boards that are told so. */
  readonly command: (image: string, port: string) => string;
}

const VOLTS =
  "its pins carry 5 V: a flash chip for 3.3 V needs a level shifter on chip select, clock and data, or it is destroyed";

function avrdude(baudRate: number): FirmwareBoard["command"] {
  return (image, port) =>
    `avrdude -p atmega328p -c arduino -P ${shellWords([port])} -b ${baudRate} -D -U flash:w:${shellWords([image])}:i`;
}

/** Boards in the order of the help. */
export const FIRMWARE_BOARDS: readonly FirmwareBoard[] = [
  {
    name: "pico",
    title: "Raspberry Pi Pico",
    boardName: "RP2040",
    image: "norbridge-rp2040.uf2",
    notes: ["hold BOOTSEL while it is plugged in; the drive RPI-RP2 appears, and goes when the copy is done"],
    command: (image) => `cp ${shellWords([image])} /media/$USER/RPI-RP2/`,
  },
  {
    name: "uno",
    title: "Arduino Uno",
    boardName: "ATmega328P",
    image: "norbridge-atmega328p.hex",
    notes: [VOLTS],
    command: avrdude(115_200),
  },
  {
    name: "nano",
    title: "Arduino Nano",
    boardName: "ATmega328P",
    image: "norbridge-atmega328p.hex",
    notes: [VOLTS, "a Nano made before 2018 has a bootloader of 57600 baud: -b 57600"],
    command: avrdude(115_200),
  },
  {
    name: "pro-mini",
    title: "Arduino Pro Mini, 5 V, 16 MHz",
    boardName: "ATmega328P",
    image: "norbridge-atmega328p.hex",
    notes: [VOLTS, "the Pro Mini of 3.3 V runs at 8 MHz, for which there is no image"],
    command: avrdude(57_600),
  },
];

/** Path of an image of this package; undefined where it is missing. */
export function firmwareImagePath(image: string): string | undefined {
  let folder = new URL("./", import.meta.url);
  for (let depth = 0; depth < 6; depth++) {
    const path = fileURLToPath(new URL(`firmware-protocol/firmware/images/${image}`, folder));
    if (fileIsThere(path)) return path;
    folder = new URL("../", folder);
  }
  return undefined;
}

/** Three numbers with dots between as numbers; undefined for anything else, such as a simulator's version. */
function numbersOf(version: string): readonly number[] | undefined {
  const match = /^(\d+)\.(\d+)\.(\d+)$/.exec(version);
  return match === null ? undefined : match.slice(1).map(Number);
}

/** How a bridge's version stands to the one of this package. */
export function compareFirmware(running: string): "older" | "same" | "newer" | "unknown" {
  const runs = numbersOf(running);
  const ships = numbersOf(SHIPPED_FIRMWARE_VERSION);
  if (runs === undefined || ships === undefined) return "unknown";
  for (const [index, number] of ships.entries()) {
    const other = runs[index] ?? 0;
    if (other !== number) return other < number ? "older" : "newer";
  }
  return "same";
}
