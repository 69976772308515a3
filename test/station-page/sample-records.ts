/** Records of a shift, as a station answers with them; times are fixed, so that pictures do not change. */

const START_MS = Date.UTC(2026, 10, 30, 6);
const HOUR_MS = 3_600_000;
const isoOf = (atMs: number): string => new Date(atMs).toISOString();

const STEPS = [
  ["contact", 240, 410],
  ["identify", 90, 130],
  ["erase", 1210, 2240],
  ["program", 2930, 3400],
  ["verify", 1380, 1460],
  ["record", 9, 31],
] as const;

export const REPORT = {
  ...{ units: 423, passed: 414, failed: 9, firstPass: 405 },
  byHour: Array.from({ length: 8 }, (_, hour) => ({
    ...{ name: isoOf(START_MS + hour * HOUR_MS), passed: 40 + ((hour * 7) % 23), failed: (hour * 5) % 3 },
  })),
  bySlot: ["A", "B", "C", "D"].map((name, index) => ({
    ...{ name, passed: 102 + index, failed: index === 2 ? 6 : 1, medianMs: 5860 + index * 210 },
  })),
  byBatch: [
    { name: "sensor-hub 7", passed: 414, failed: 9 },
    { name: "sensor-hub 6", passed: 498, failed: 2 },
  ],
  times: STEPS.map(([step, medianMs, worstMs]) => ({ step, medianMs, worstMs })),
  failures: [
    { code: "VERIFY_MISMATCH", count: 5, example: "12 bytes differ at 0x01f000" },
    { code: "CHIP_MISSING", count: 3, example: "all bytes read FF" },
    { code: "CHIP_UNKNOWN", count: 1, example: "the chip responds with 1f8501" },
  ],
  places: [
    { address: 0x1f000, lengthBytes: 4096, count: 4 },
    { address: 0x44000, lengthBytes: 4096, count: 1 },
  ],
  numbers: [
    { ...{ pool: "serial", issued: 414, open: 2, burned: 3, returned: 1, retired: 0 }, left: "4,812", unexplained: 0 },
    { ...{ pool: "mac", issued: 414, open: 2, burned: 3, returned: 0, retired: 1 }, left: "38", unexplained: 0 },
  ],
};

/** A unit that failed first; its log has a text that would be markup, if anything took it for that. */
export const UNITS = [
  {
    ...{ unit: "0199-a", product: "SH-200", serial: "NB26-000412", madeAt: isoOf(START_MS + 9 * HOUR_MS) },
    contentSha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    numbers: [
      { pool: "serial", name: "serial", text: "NB26-000412", state: "issued" },
      { pool: "mac", name: "mac", text: "70:B3:D5:00:01:9C", state: "issued" },
    ],
    values: [{ name: "key ID", text: "k-77" }],
    chips: [{ jedec: "1f8401", uid: "d3623041 7f320017" }],
    sessions: [
      {
        ...{ session: "1", recipe: "sensor-hub", revision: 6, slot: "B", operator: "Kim", isRework: false },
        ...{ startedAt: isoOf(START_MS), endedAt: isoOf(START_MS + 9000), outcome: "fail" },
        reason: "VERIFY_MISMATCH: 12 bytes differ",
      },
      {
        ...{ session: "2", recipe: "sensor-hub", revision: 7, slot: "A", operator: "Kim", isRework: true },
        ...{ startedAt: isoOf(START_MS + 9 * HOUR_MS), endedAt: isoOf(START_MS + 9 * HOUR_MS + 6400), outcome: "pass" },
      },
    ],
    map: [
      { address: 0, lengthBytes: 4096, state: "verified" },
      { address: 4096, lengthBytes: 65_536, state: "verified" },
      { address: 69_632, lengthBytes: 8192, state: "erased" },
      { address: 77_824, lengthBytes: 524_288 - 77_824, state: "blank" },
    ],
    logs: [{ extraction: "e1", at: isoOf(START_MS + 9 * HOUR_MS), name: "px_log_fs at 0x040000", records: 2000 }],
  },
];

export const LOG = {
  columns: [
    { name: "time", isNumber: true },
    { name: "volts", isNumber: true },
    { name: "celsius", isNumber: true },
    { name: "note", isNumber: false },
  ],
  ...{ time: 0, left: 12 },
  rows: Array.from({ length: 2000 }, (_, index) => [
    START_MS / 1000 + index,
    3.3 + Math.sin(index / 90) * 0.2,
    21 + Math.cos(index / 300) * 4,
    index % 500 === 0 ? "<img src=x onerror=alert(1)>" : "",
  ]),
};
