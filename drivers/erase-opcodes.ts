/** Opcodes that no part uses for an erase of its array: a description that lists one of them for an erase is wrong. */

/** What they do, for messages. Several parts do several things with one: the worst is named. */
const OTHER_USES: ReadonlyMap<number, string> = new Map([
  ...[0x01, 0x11, 0x31].map((opcode) => [opcode, "writes a status register"] as const),
  ...[0x02, 0x12].map((opcode) => [opcode, "programs a page"] as const),
  ...[0x03, 0x0b, 0x0c, 0x13, 0x3b, 0x6b, 0xbb, 0xeb].map((opcode) => [opcode, "reads data"] as const),
  ...[0x04, 0x06].map((opcode) => [opcode, "sets or clears the write latch"] as const),
  ...[0x05, 0x15, 0x35].map((opcode) => [opcode, "reads a status register"] as const),
  ...[0x5a, 0x90, 0x9f, 0xab].map((opcode) => [opcode, "reads what the part is, or wakes it"] as const),
  ...[0xb7, 0xe9].map((opcode) => [opcode, "changes the number of address bytes"] as const),
  [0xb9, "powers the chip down"],
  ...[0x42, 0x9b, 0xa5].map((opcode) => [opcode, "programs bytes that cannot be erased"] as const),
  ...[0x2f, 0x33, 0x34, 0x68, 0x85].map((opcode) => [opcode, "locks a part of the chip permanently"] as const),
  [0x44, "erases the security registers"],
]);

/** What a command does that is not an erase of the array, as the middle of a sentence; undefined if it may be one. */
export function otherUseOf(opcode: number): string | undefined {
  return OTHER_USES.get(opcode);
}
