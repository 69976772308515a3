/** Steps and results in words, for `norbridge explain`. */
import type { WireResult } from "../../../firmware-protocol/result.ts";
import type { RecordMeaning } from "../../../firmware-protocol/record.ts";
import type { SpiStep } from "../../../firmware-protocol/step.ts";
import { toHex } from "../../bytes.ts";

/** Bytes that are shown of long data. */
const SHOWN_BYTES = 16;

/** Bytes as hex digits, long ones shortened: "02 001000 aabb..." with their number. */
export function bytesText(bytes: Uint8Array): string {
  if (bytes.length <= SHOWN_BYTES) return bytes.length === 0 ? "no bytes" : toHex(bytes);
  return `${toHex(bytes.subarray(0, SHOWN_BYTES))}... (${bytes.length} bytes)`;
}

/** "1 byte", "3 bytes". */
export function byteCount(count: number): string {
  return `${count} ${count === 1 ? "byte" : "bytes"}`;
}

/** A step: "transfer 9f, 3 bytes in". */
export function stepText(step: SpiStep): string {
  switch (step.kind) {
    case "transfer":
      return `transfer ${bytesText(step.send)}${step.receiveBytes === 0 ? "" : `, ${byteCount(step.receiveBytes)} in`}`;
    case "poll":
      return `poll ${bytesText(step.send)} until (status & ${hex(step.mask)}) = ${hex(step.value)}, ${step.timeoutMs} ms`;
    case "digest":
      return `digest ${bytesText(step.send)}, ${byteCount(step.lengthBytes)}`;
    case "delay":
      return `delay ${step.durationUs} us`;
  }
}

/** A record of the step stream: "step 0 stored: poll 05 ...". */
export function recordText(meaning: RecordMeaning, defineSlot: number | undefined): string {
  const text = meaningText(meaning);
  return defineSlot === undefined ? text : `store in slot ${defineSlot} and run: ${text}`;
}

function meaningText(meaning: RecordMeaning): string {
  switch (meaning.kind) {
    case "begin":
      return `begin run ${meaning.run}`;
    case "step":
      return stepText(meaning.step);
    case "spi-clock":
      return `set the SPI clock to at most ${meaning.clockHz} Hz`;
    case "pins":
      return `set pins ${hex(meaning.mask)} to ${hex(meaning.level)}`;
    case "chip-select":
      return `use chip select ${meaning.index}`;
    case "use":
      return `run slot ${meaning.slot}`;
    case "later":
      return `a record of a later version, ${hex(meaning.code)}`;
  }
}

/** A result: "1f8401", "status 00", "failed: timeout". */
export function resultText(result: WireResult): string {
  switch (result.kind) {
    case "transfer":
      return result.received.length === 0 ? "done" : bytesText(result.received);
    case "poll":
      return `status ${hex(result.status)}`;
    case "digest":
      return `block check ${result.check.toString(16).padStart(8, "0")}`;
    case "spi-clock":
      return `SPI clock ${result.clockHz} Hz`;
    case "delay":
    case "setting":
      return "done";
    case "failed":
      return `failed: ${result.reason}${result.status === undefined ? "" : `, last status ${hex(result.status)}`}`;
    case "skipped":
      return "skipped";
  }
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}
