/** The .uf2 of the repository in an emulated RP2040: from the command line to the chip, over USB and over its UART. */
import { describe, expect, it } from "vitest";
import { encodeFrame, FRAME_TYPE } from "../../firmware-protocol/frame.ts";
import { encodeHello } from "../../firmware-protocol/hello.ts";
import { encodeStep } from "../../firmware-protocol/record.ts";
import { SHIPPED_FIRMWARE_VERSION } from "../../src/cli/host-files/firmware-images.ts";
import { NORBRIDGE_USB } from "../../src/transport/usb-boards.ts";
import { DiaryChip } from "../sim/bridge/bench.ts";
import { randomFrom } from "../sim/client.ts";
import { boardJobs } from "./support/board-jobs.ts";
import { diaryWire } from "./support/diary-wire.ts";
import { RP2040_IMAGE, Rp2040Board } from "./support/rp2040-board.ts";

boardJobs("the RP2040 on USB", "RP2040", "AT45DB041E", (chip) => Rp2040Board.pluggedIn(chip, "usb"));

const MS = 1_000_000;

function configured(): Rp2040Board {
  const board = new Rp2040Board(diaryWire(new DiaryChip()), "usb");
  for (let ms = 1; ms < 150 && board.usb?.isConfigured !== true; ms++) board.runUntil(ms * MS);
  board.runUntil(150 * MS);
  return board;
}

/** ASCII of a string descriptor. */
function textOf(descriptor: Uint8Array): string {
  return Buffer.from(descriptor.subarray(2)).toString("utf16le");
}

describe("the image", () => {
  it("begins with a boot2 whose checksum the boot ROM takes", () => {
    let crc = 0xffffffff;
    for (const byte of RP2040_IMAGE.subarray(0, 252)) {
      crc = (crc ^ (byte << 24)) >>> 0;
      for (let bit = 0; bit < 8; bit++) crc = ((crc << 1) ^ ((crc & 0x80000000) === 0 ? 0 : 0x04c11db7)) >>> 0;
    }
    expect(new DataView(RP2040_IMAGE.buffer).getUint32(252, true)).toBe(crc);
  });
});

describe("the USB device", () => {
  it("answers all that a host asks", () => {
    const { usb, complaints, system } = configured();
    expect(complaints).toEqual([]);
    expect(usb!.isConfigured).toBe(true);
    const { descriptors } = usb!;
    const device = Buffer.from(descriptors.get("device")!);
    expect([...device].slice(0, 4)).toEqual([18, 1, 0, 2]);
    // What list, doctor and the udev rule know the board by.
    const ids = [8, 10].map((at) => device.readUInt16LE(at).toString(16).padStart(4, "0"));
    expect(ids.join(":")).toBe(NORBRIDGE_USB.identity);
    expect(textOf(descriptors.get("manufacturer")!)).toBe(NORBRIDGE_USB.manufacturer);
    expect(textOf(descriptors.get("product")!)).toBe(NORBRIDGE_USB.product);
    // Binary coded decimal, two digits for the first number.
    const release = device.readUInt16LE(12).toString(16).padStart(4, "0");
    expect([release.slice(0, 2), release[2], release[3]].map(Number).join(".")).toBe(SHIPPED_FIRMWARE_VERSION);
    const configuration = descriptors.get("configuration")!;
    expect(configuration[2]! | (configuration[3]! << 8)).toBe(configuration.length);
    let at = 0;
    while (at < configuration.length) at += configuration[at]!;
    expect(at).toBe(configuration.length);
    // The number of the board's flash.
    expect(textOf(descriptors.get("serial")!)).toBe("E6614C311B7F2A09");
    expect(system.clkSys).toBe(120e6);
    expect(system.clkPeri).toBe(120e6);
  });

  it("gives back as many bytes as it was asked for, whatever packets they fill", () => {
    const board = configured();
    for (const count of [62, 63, 64, 65, 127, 128, 511, 512, 4096]) {
      board.takeOutput();
      board.receive(Uint8Array.of(0x13, 4, 0, 0, count & 255, count >> 8, 0, 3, 0, 0, 0));
      board.runUntil(board.nowNs + 20 * MS);
      expect([...board.takeOutput()]).toEqual([6, ...Array.from({ length: count }, (_, i) => i & 255)]);
      expect(board.usb!.owesShortPacket, `${count} bytes`).toBe(false);
    }
    expect(board.complaints).toEqual([]);
  });

  it("ends a frame that fills its packets with an empty one", () => {
    const board = configured();
    const { bytes, hello } = encodeHello(randomFrom(7));
    board.receive(bytes);
    board.runUntil(board.nowNs + 5 * MS);
    // A result of 52 bytes in a frame of 64.
    const read = encodeStep({ kind: "transfer", send: Uint8Array.of(3, 0, 0, 0), receiveBytes: 51 });
    const payload = Uint8Array.of(0, 1, ...read);
    board.receive(encodeFrame({ type: FRAME_TYPE.data, session: hello.session, offset: 0, ack: 0, payload }));
    board.runUntil(board.nowNs + MS);
    expect(board.usb!.emptyPackets).toBe(1);
    expect(board.complaints).toEqual([]);
  });

  it("sleeps while the line is silent", () => {
    const board = configured();
    const { cycles } = board;
    board.runUntil(board.nowNs + 10_000 * MS);
    expect(board.isAsleep).toBe(true);
    expect(board.cycles - cycles).toBeLessThan(10_000);
  });

  it("forgets half a command when the host closes the port", () => {
    const board = configured();
    // An SPI operation that promises a page, and breaks off.
    board.receive(Uint8Array.of(0x13, 4, 1, 0, 0, 0, 0, 2, 0, 0, 0, 1, 2, 3));
    board.runUntil(board.nowNs + 5 * MS);
    board.usb!.setDtr(false);
    board.runUntil(board.nowNs + 5 * MS);
    board.usb!.setDtr(true);
    board.runUntil(board.nowNs + 5 * MS);
    board.takeOutput();
    board.receive(Uint8Array.of(0x10));
    board.runUntil(board.nowNs + 5 * MS);
    expect([...board.takeOutput()]).toEqual([0x15, 0x06]);
  });
});
