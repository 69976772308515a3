/**
 * The serprog protocol in a recording: the commands of the host by name. Responses have no form of their own: they are shown
 * as bytes.
 */
import { OPCODE, parameterBytesOf } from "../../../firmware-protocol/serprog/command.ts";
import { byteCount, bytesText } from "./step-text.ts";

/** As the protocol's own description names them (SERPROG.md). */
const NAMES: ReadonlyMap<number, string> = new Map([
  [OPCODE.nop, "NOP"],
  [OPCODE.queryInterface, "Q_IFACE"],
  [OPCODE.queryCommandMap, "Q_CMDMAP"],
  [OPCODE.queryName, "Q_PGMNAME"],
  [OPCODE.querySerialBuffer, "Q_SERBUF"],
  [OPCODE.queryBusTypes, "Q_BUSTYPE"],
  [OPCODE.queryOperationBuffer, "Q_OPBUF"],
  [OPCODE.queryMaxSend, "Q_WRNMAXLEN"],
  [OPCODE.initOperations, "O_INIT"],
  [OPCODE.delay, "O_DELAY"],
  [OPCODE.execute, "O_EXEC"],
  [OPCODE.syncNop, "SYNCNOP"],
  [OPCODE.queryMaxReceive, "Q_RDNMAXLEN"],
  [OPCODE.setBusType, "S_BUSTYPE"],
  [OPCODE.spiOperation, "O_SPIOP"],
  [OPCODE.setSpiClock, "S_SPI_FREQ"],
  [OPCODE.setPinState, "S_PIN_STATE"],
]);

export class SerprogTrace {
  #unread = new Uint8Array();

  /** What bytes of the host complete, a command a line. */
  commands(bytes: Uint8Array): string[] {
    const all = new Uint8Array(this.#unread.length + bytes.length);
    all.set(this.#unread);
    all.set(bytes, this.#unread.length);
    const lines: string[] = [];
    let at = 0;
    while (at < all.length) {
      const [text, end] = commandAt(all, at);
      if (end > all.length) break;
      lines.push(text);
      at = end;
    }
    this.#unread = all.slice(at);
    return repeatedOnce(lines);
  }
}

/** The command at a place and the index after it. */
function commandAt(bytes: Uint8Array, at: number): readonly [string, number] {
  const opcode = bytes[at] ?? 0;
  const name = NAMES.get(opcode) ?? `unknown command ${opcode.toString(16).padStart(2, "0")}`;
  const start = at + 1;
  const dataAt = start + parameterBytesOf(opcode);
  if (opcode !== OPCODE.spiOperation) {
    const parameters = bytes.subarray(start, dataAt);
    return [parameters.length === 0 ? name : `${name} ${bytesText(parameters)}`, dataAt];
  }
  const u24 = (from: number): number =>
    (bytes[from] ?? 0) | ((bytes[from + 1] ?? 0) << 8) | ((bytes[from + 2] ?? 0) << 16);
  const end = dataAt + (bytes.length < dataAt ? 0 : u24(start));
  return [`${name} ${bytesText(bytes.subarray(dataAt, end))}, ${byteCount(u24(start + 3))} in`, end];
}

/** The same command many times in a row, as a poll sends it, is one line. */
function repeatedOnce(lines: readonly string[]): string[] {
  const short: { readonly text: string; count: number }[] = [];
  for (const text of lines) {
    const last = short.at(-1);
    if (last?.text === text) last.count++;
    else short.push({ text, count: 1 });
  }
  return short.map(({ text, count }) => (count === 1 ? text : `${text}, ${count} times`));
}
