/**
 * node seeds.mjs FOLDER: inputs of fuzz-bridge.c that go where chance hardly comes, one for each place. The actions are
 * those of act() there.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";

const hello = (change = 1) => [0, change];
const data = (...payload) => [1, payload.length, ...payload, 0];
const dataAt = (distance, ...payload) => [4, distance & 255, payload.length, ...payload, 0];
const status = (ack, ...payload) => [5, ack & 255, ack >> 8, payload.length, ...payload];
const frame = (type, offset, ...payload) => [7, type, offset, payload.length, ...payload];
const raw = (...bytes) => [10, bytes.length, ...bytes];
/** `byte` shifted left by `shift` microseconds go by, in steps that the bridge sees. */
const wait = (byte, shift) => [13 | (shift << 4), byte];
const line = ({ isStuck = false, isBlank = false, isTriple = false }) => [
  14 | (isStuck ? 16 : 0) | (isBlank ? 32 : 0) | (isTriple ? 64 : 0),
];
/** Microseconds of a pass. */
const pace = (us) => [15, us];
const idle = (count) => Array.from({ length: count }, () => raw()).flat();

/** A frame with its check, in which nothing has to make sense; at most 31 bytes go by at once. */
function frameBytes(kind, session, ...rest) {
  const bytes = [0xd5, 0x80 + (8 + rest.length) / 4, kind, session, ...rest];
  const crc = crc32(Uint8Array.from(bytes));
  return [...bytes, crc & 255, (crc >>> 8) & 255, (crc >>> 16) & 255, crc >>> 24];
}
const anyFrame = (...bytes) => raw(...frameBytes(...bytes));

/** HELLO with a payload of one's own. */
const anyHello = (session, ...payload) => anyFrame(0x30 << 2, session, 0x55, 0x55, 0x55, 0x55, ...payload);
const NORB = [0x4e, 0x4f, 0x52, 0x42];
const nonce = [0x80, 0x80, 0x80, 0x81];
const begin = (run = 5) => [0, run];
const delay = (us) => [5, us];
const read = (low, high) => [1, 1, low | 0x80, high, 0x9f];
const digest = (low, high) => [9, 4, 3, 0, 0, 0, low | 0x80, high];
const fill = (count, byte) => Array.from({ length: count }, () => byte);

const SEEDS = {
  "padding-longer-than-frame": [hello(), anyFrame((0x32 << 2) | 3, 0x21, 0, 0, 0, 0)],
  "hello-session-too-low": [anyHello(0x10, ...NORB, 0x81, 0x81, 0xdc, 0x80, ...nonce)],
  "hello-tag-1": [anyHello(0x21, 0x4e, 0, 0x52, 0x42, 0x81, 0x81, 0xdc, 0x80, ...nonce)],
  "hello-tag-2": [anyHello(0x21, 0x4e, 0x4f, 0, 0x42, 0x81, 0x81, 0xdc, 0x80, ...nonce)],
  "hello-tag-3": [anyHello(0x21, 0x4e, 0x4f, 0x52, 0, 0x81, 0x81, 0xdc, 0x80, ...nonce)],
  "hello-tiny-frames": [anyHello(0x21, ...NORB, 0x81, 0x81, 0x82, 0x80, ...nonce)],
  "hello-huge-frames": [anyHello(0x21, ...NORB, 0x81, 0x81, 0xff, 0x80, ...nonce)],
  "hello-version-0": [anyHello(0x21, ...NORB, 0x80, 0x80, 0xdc, 0x80, ...nonce)],
  "cancel-of-this-run": [
    hello(),
    data(...begin(), ...delay(100), ...delay(100), ...delay(1)),
    pace(50),
    frame(0x36, 5),
    idle(8),
    status(0, ...fill(8, 0)),
  ],
  "cancelled-status": [
    hello(),
    data(...begin(), ...delay(100), ...delay(1), ...delay(2)),
    frame(0x36, 5),
    pace(200),
    idle(20),
    data(...delay(1)),
    idle(20),
    wait(255, 4),
    idle(3),
  ],
  digest: [hello(), data(...begin(), ...digest(0x40, 4), 9, 4, 3, 0, 0, 0, 0, ...delay(1)), idle(30)],
  "digest-cut": [hello(), data(...begin(), ...digest(0x7f, 0x7f)), idle(2), frame(0x2a, 0), idle(4)],
  "slot-used": [hello(), data(...begin(), 0x10, 1, 1, 0, 6, 0x18, 0x11, 3, 1, 5, 1, 0, 0, 1, 0x19, 0x18), idle(4)],
  "slot-beyond-the-last": [hello(), data(...begin(), 0x1f), idle(4)],
  "slot-of-plain-bytes": [hello(), data(...begin(), 0x12, 1, 5, 3, 1, 2, 3, 4, 5, 0x1a, 0x1a), idle(4)],
  "slot-of-delay": [hello(), data(...begin(), 0x13, ...delay(9), 0x1b), idle(9)],
  "coded-to-its-end": [hello(), data(...begin(), 2, 3, 0, 7, 7, 7, 0, 2, 4, 0, 1, 1, 1, 1), idle(9)],
  "later-fills-buffer": [
    hello(),
    data(0x80, 0xff, 0x07, ...fill(190, 1)),
    data(...fill(190, 2)),
    data(...fill(190, 3)),
    data(...fill(67, 4)),
    idle(2),
  ],
  "beyond-credit": [
    hello(),
    data(0x80, 0xff, 0x07, ...fill(190, 1)),
    data(...fill(190, 2)),
    dataAt(100, ...fill(190, 9)),
    data(...fill(190, 3)),
    data(...fill(190, 4)),
    idle(2),
  ],
  "delay-for-ever": [hello(), data(...begin(), 5, 0xff, 0xff, 0xff, 0xff, 0x0f), idle(2)],
  "ring-wraps": [
    hello(),
    data(...begin()),
    ...Array.from({ length: 9 }, () =>
      [data(...fill(90, [5, 0]).flat(), ...delay(0)), pace(5), idle(8), [6, 46]].flat(),
    ),
  ],
  "long-count": [hello(), data(...begin(), 2, 0xc8, 1, 0, 0xaa, 0xaa, 0xaa, 0xc5, 1), idle(4)],
  "coded-parts": [hello(), data(...begin(), 2, 0xc8, 1, 0, 1, 2, 2, 2, 0xc4, 1), idle(4)],
  "run-of-blank": [line({ isBlank: true }), hello(), data(...begin(), ...read(0x00, 8)), idle(30)],
  ...Object.fromEntries(
    [0, 1, 2, 3, 4, 5, 6, 7].map((i) => [
      `results-full-${i}`,
      [
        line({ isTriple: true }),
        hello(),
        data(...begin(), ...read(0x40, 4), ...fill(i, 8)),
        ...Array.from({ length: i }, () => idle(4)),
        idle(40),
      ],
    ]),
  ),
  "smaller-frames-again": [
    hello(),
    data(...begin(), ...read(0x64, 1)),
    pace(200),
    idle(3),
    wait(255, 10),
    status(0, 0, 0, 0, 0, 2, 0, 4, 0),
    idle(10),
    wait(255, 10),
    status(0, 0, 0, 0, 0, 2, 0, 4, 0),
    idle(10),
  ],
  "first-of-many-again": [
    hello(),
    ...[1, 2, 3].flatMap(() => [data(...begin(), ...read(0x30, 0)), pace(200), idle(3)]),
    wait(255, 10),
    status(0, 0, 0, 0, 0, 2, 0, 4, 0),
    idle(10),
    wait(255, 12),
    idle(10),
  ],
  "all-pieces-taken": [
    hello(),
    ...Array.from({ length: 9 }, () => [data(...begin(), ...read(0x20, 0)), pace(200), idle(2)].flat()),
    wait(255, 10),
    status(0, 0, 0, 0, 0, 2, 0, 4, 0),
    idle(10),
  ],
  "serprog-swallowed": [raw(0x13, 0xff, 0xff, 0, 0, 0, 0, 1, 2), wait(255, 13), idle(2), wait(255, 13), idle(2)],
  "serprog-data-missing": [raw(0x13, 4, 0, 0, 0, 0, 0, 1, 2), wait(255, 13), idle(2)],
  "serprog-bus": [raw(0x12, 8, 0x12, 1)],
  "status-cut": [hello(), status(0, 0, 0, 0, 0, 0, 0, 0, 3, 1, 2)],
  "many-stretches": [
    hello(),
    ...[8, 16, 24, 32, 40, 48, 56, 64].map((at) => dataAt(at, 1, 2, 3)),
    idle(3),
    dataAt(9, 1),
    dataAt(4, ...fill(80, 1)),
    idle(3),
  ],
  "stretch-before-stretch": [
    hello(),
    dataAt(40, 1, 2),
    dataAt(20, 1, 2),
    dataAt(18, ...fill(30, 1)),
    dataAt(21, 1),
    data(...fill(60, 0x7f)),
    idle(2),
  ],
  "stretch-grows-alone": [hello(), dataAt(8, 1, 2, 3), dataAt(30, 1, 2, 3), dataAt(10, 4, 5, 6), idle(2)],
  ...Object.fromEntries(
    [0, 1, 2, 3, 4].map((i) => [
      `stopped-while-sending-${i}`,
      [
        hello(),
        [15 | 32, 1],
        data(...begin(), 1, 0xa0, 1, 0, ...fill(160 - i * 20, 9)),
        idle(i >> 1),
        [8, 1],
        idle(20),
      ],
    ]),
  ),
  ...Object.fromEntries(
    [40, 60, 80, 100].map((low) => [
      `acknowledged-while-sent-again-${low}`,
      [
        hello(),
        data(...begin(), ...read(low, 1)),
        idle(6),
        wait(255, 10),
        line({ isStuck: true }),
        status(0, 0, 0, 0, 0, 2, 0, 0, 0),
        status(low, 0, 0, 0, 0, 0, 0, 0, 0),
        line({}),
        idle(9),
      ],
    ]),
  ),
  "asked-later": [hello(), dataAt(40, 1, 2), idle(3), dataAt(50, 1, 2), idle(3), pace(255), idle(4)],
  "ping-behind-new-rate": [
    hello(),
    raw(...frameBytes(0x37 << 2, 0x21, 0, 0, 0, 0, 0, 0x40, 1, 0), ...frameBytes(0x34 << 2, 0x21, 0, 0, 0, 0)),
    idle(3),
  ],
};

const folder = process.argv[2] ?? ".";
for (const [name, actions] of Object.entries(SEEDS)) {
  writeFileSync(join(folder, `seed-${name}`), Uint8Array.from([1, ...actions.flat(4)]));
}
