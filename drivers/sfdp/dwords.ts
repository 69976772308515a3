/** Dwords and bits of SFDP tables, numbered as JESD216 does. */

/** Dword by its number in the standard, from 1. */
export function dword(dwords: readonly number[], number: number): number {
  const value = dwords[number - 1];
  if (value === undefined) throw new RangeError(`the table has no dword ${number}`);
  return value;
}

/** Bits `high` to `low` of an unsigned dword. */
export function bits(value: number, high: number, low: number): number {
  return Math.floor(value / 2 ** low) % 2 ** (high - low + 1);
}

/** Whether bit `number` is set. */
export function bit(value: number, number: number): boolean {
  return bits(value, number, number) === 1;
}
