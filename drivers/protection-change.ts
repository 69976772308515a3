/** What all schemes of protection report of registers alike: whether one reads as expected. */
import type { ExpectedRegister, ProtectionState } from "./chip-driver.ts";

/** Whether a register reads as expected; one that was not read does not count. */
export function readsAs(state: ProtectionState, { name, value, mask }: ExpectedRegister): boolean {
  const found = state.registers.find((register) => register.name === name);
  return found === undefined || ((found.value ^ value) & mask) === 0;
}
