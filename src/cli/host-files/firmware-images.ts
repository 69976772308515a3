/** The firmware in this package: which board takes which image, and how to install it. */
import { fileURLToPath } from "node:url";
import { fileIsThere } from "../../disk/folder.ts";
import type { Platform } from "../../platform.ts";
import { shellWords } from "../output/shell-words.ts";

/** Version of the images; a test compares it with firmware/core/hello.h. */
export const SHIPPED_FIRMWARE_VERSION = "1.2.0";

export interface FirmwareBoard {
  /** Value of --board. */
  readonly name: string;
  readonly title: string;
  /** The board's name in WELCOME. */
  readonly boardName: string;
  readonly image: string;
  readonly notes: (platform: Platform) => readonly string[];
  /**
   * The command that copies the image to the board. `port`: where the board is; a Pico shows itself as a drive and
   * needs none.
   */
  readonly command: (image: string, port: string, platform: Platform) => string;
}

const VOLTS =
  "its pins use 5 V: without level shifters on chip select, clock and data, a 3.3 V flash chip is destroyed";

function avrdude(baudRate: number): FirmwareBoard["command"] {
  return (image, port, platform) => {
    const target = ["avrdude", "-p", "atmega328p", "-c", "arduino", "-P", port];
    return shellWords([...target, "-b", String(baudRate), "-D", "-U", `flash:w:${image}:i`], platform);
  };
}

/** In its boot ROM a Pico is a drive; each system puts that somewhere else, and Linux not even always at the same place. */
function copyToPico(image: string, _port: string, platform: Platform): string {
  switch (platform) {
    case "windows":
      return `${shellWords(["copy", image], platform)} D:\\`;
    case "macos":
      // With the file's attributes the copy fails: the drive takes nothing but the image.
      return shellWords(["cp", "-X", image, "/Volumes/RPI-RP2/"], platform);
    case "linux":
      return `${shellWords(["cp", image], platform)} "$(findmnt -rno TARGET LABEL=RPI-RP2)"`;
    case "unix":
      return shellWords(["cp", image, "/mnt/"], platform);
  }
}

function picoNotes(platform: Platform): readonly string[] {
  const drive: Readonly<Record<Platform, readonly string[]>> = {
    linux: ["if the desktop does not mount the drive, run: udisksctl mount -b /dev/disk/by-label/RPI-RP2"],
    macos: [],
    windows: ["replace D: with the letter of that drive"],
    unix: ["replace /mnt with the folder where that drive is mounted"],
  };
  return [
    "hold BOOTSEL while you plug it in: the drive RPI-RP2 appears, and disappears after the copy",
    ...drive[platform],
  ];
}

/** Boards in the order of the help. */
export const FIRMWARE_BOARDS: readonly FirmwareBoard[] = [
  {
    name: "pico",
    title: "Raspberry Pi Pico",
    boardName: "RP2040",
    image: "norbridge-rp2040.uf2",
    notes: picoNotes,
    command: copyToPico,
  },
  {
    name: "uno",
    title: "Arduino Uno",
    boardName: "ATmega328P",
    image: "norbridge-atmega328p.hex",
    notes: () => [VOLTS],
    command: avrdude(115_200),
  },
  {
    name: "nano",
    title: "Arduino Nano",
    boardName: "ATmega328P",
    image: "norbridge-atmega328p.hex",
    notes: () => [VOLTS, "the bootloader of a Nano made before 2018 uses 57600 baud: use -b 57600"],
    command: avrdude(115_200),
  },
  {
    name: "pro-mini",
    title: "Arduino Pro Mini, 5 V, 16 MHz",
    boardName: "ATmega328P",
    image: "norbridge-atmega328p.hex",
    notes: () => [VOLTS, "the 3.3 V Pro Mini runs at 8 MHz; there is no image for it"],
    command: avrdude(57_600),
  },
];

/** Path of an image in this package; undefined if it is missing. */
export function firmwareImagePath(image: string): string | undefined {
  let folder = new URL("./", import.meta.url);
  for (let depth = 0; depth < 6; depth++) {
    const path = fileURLToPath(new URL(`firmware-protocol/firmware/images/${image}`, folder));
    if (fileIsThere(path)) return path;
    folder = new URL("../", folder);
  }
  return undefined;
}

/** The numbers of a version such as 1.0.1; undefined for anything else, such as a simulator's version. */
function numbersOf(version: string): readonly number[] | undefined {
  const match = /^(\d+)\.(\d+)\.(\d+)$/.exec(version);
  return match === null ? undefined : match.slice(1).map(Number);
}

/** Compares the version that a bridge runs with the one in this package. */
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
