/**
 * Protection bits whose ranges are known: read, and changed to cover a range or nothing. What they cover is `bp-map.ts`,
 * how registers are written is `status-registers.ts`.
 */
import type { At25Protection, BpMap, RegisterBit, StatusName } from "../../chip-descriptor.ts";
import type { ProtectableRanges, ProtectionChange, ProtectionState, ProtectionTerm } from "../../chip-driver.ts";
import type { ByteRange } from "../../geometry.ts";
import { STATUS_1_SRP0, STATUS_2_SRP1 } from "../status.ts";
import { bitsOfMap, type BitValues, coveredRange, valuesOfMap } from "./bp-map.ts";
import { acceptsEnable, type ProtectionScheme } from "./register-write.ts";
import {
  bankChange,
  CONFIGURATION,
  readBank,
  SR1,
  SR2,
  SR3,
  type StatusRegister,
  type StatusRegisterBank,
  termsOf,
} from "./status-registers.ts";

/** A part with block protection bits, and how its registers are written. */
export type BpBitsProtection = Omit<Extract<At25Protection, { scheme: "bp-sec-tb-cmp" }>, "scheme">;

const REGISTERS: Readonly<Record<StatusName, StatusRegister>> = { SR1, SR2, SR3, CR: CONFIGURATION };

function places(register: StatusName, ...bits: readonly number[]): readonly RegisterBit[] {
  return bits.map((bit) => ({ register, bit }));
}

const [TB, SEC] = places("SR1", 5, 6);
const [CMP] = places("SR2", 6);
/** Of most parts up to 16 MiB: AT25SF, W25Q, GD25Q. */
const COMMON_MAP: BpMap = { rule: "blocks", bp: places("SR1", 2, 3, 4), tb: TB, sec: SEC, cmp: CMP };

/** Protection by the bits of the common map. */
export function protectionFromBpBits(capacityBytes: number, status1: number, status2: number): ProtectionState {
  return stateOf(COMMON_MAP, capacityBytes, [
    { name: "SR1", value: status1 },
    { name: "SR2", value: status2 },
  ]);
}

type Registers = ProtectionState["registers"];

function stateOf(map: BpMap, capacityBytes: number, registers: Registers): ProtectionState {
  const read = (name: StatusName): number => registers.find((register) => register.name === name)?.value ?? 0;
  const range = coveredRange(map, capacityBytes, read);
  const { cmp } = map;
  const isComplement = cmp !== undefined && (read(cmp.register) & (1 << cmp.bit)) !== 0;
  const isGuarded = (read("SR1") & STATUS_1_SRP0) !== 0;
  return {
    ranges: range === undefined ? [] : [range],
    registers,
    lockedBy: lockOf(read("SR1"), read("SR2")),
    heldBy: isComplement ? `BP bits in status register 1 and CMP in ${longName(cmp)}` : "BP bits in status register 1",
    ifRefused: isGuarded ? "SRP0 in status register 1 is set, so the WP# pin is low" : undefined,
  };
}

function longName({ register }: RegisterBit): string {
  return register === "CR" ? "the configuration register" : `status register ${register.slice("SR".length)}`;
}

/** SRP1 locks the registers until power-off, with SRP0 permanently; SRP0 alone while the WP# pin is low, which cannot be read. */
function lockOf(status1: number, status2: number): string {
  if ((status2 & STATUS_2_SRP1) === 0) return "";
  return (status1 & STATUS_1_SRP0) === 0
    ? "SRP1 in status register 2, until the next power-up"
    : "SRP1 and SRP0 in the status registers, permanently";
}

/** Reads and changes the bits. `more`: registers that no change may move. */
export function bpBitsScheme(
  capacityBytes: number,
  { map = COMMON_MAP, write, hasVolatileWrite }: BpBitsProtection,
  more: readonly StatusRegister[] = [],
): ProtectionScheme {
  const bank: StatusRegisterBank = { registers: registersFor(map, write, more), write, hasVolatileWrite };
  const changed = (state: ProtectionState, values: BitValues, term: ProtectionTerm): ProtectionChange =>
    bankChange(bank, state, withBits(map, state.registers, values), term);
  /** The first values that cover `range`, with the bits that cannot be changed as they are. */
  const valuesFor = (registers: Registers, range: ByteRange | undefined): BitValues | ProtectableRanges => {
    const choices = new Map<string, ByteRange>();
    for (const values of valuesOfMap(map)) {
      const bits = withBits(map, registers, values);
      const covered = coveredRange(map, capacityBytes, (name) => bits.get(name) ?? 0);
      if (covered?.address === range?.address && covered?.lengthBytes === range?.lengthBytes) return values;
      if (covered !== undefined) choices.set(`${covered.address},${covered.lengthBytes}`, covered);
    }
    return {
      choices: [...choices.values()].toSorted((a, b) => a.lengthBytes - b.lengthBytes || a.address - b.address),
    };
  };
  return {
    read: readBank(bank, (_, registers) => stateOf(map, capacityBytes, registers)),
    control: {
      terms: termsOf(bank),
      lift: (state, term) => {
        const values = valuesFor(state.registers, undefined);
        return changed(state, "choices" in values ? new Map() : values, term);
      },
      restore: (before, _, term) => bankChange(bank, before, new Map(), term),
      protect: (state, range, term) => {
        const values = valuesFor(state.registers, range);
        return "choices" in values ? values : changed(state, values, term);
      },
      acceptsEnable,
    },
  };
}

/** SR1, the second byte of 01h if there is one, and whatever else has bits of the map or is to be watched. */
function registersFor(
  map: BpMap,
  write: BpBitsProtection["write"],
  more: readonly StatusRegister[],
): readonly [StatusRegister, ...StatusRegister[]] {
  const used = bitsOfMap(map).map(({ register }) => REGISTERS[register]);
  const all = [SR1, ...(write === "only-first" ? [] : [SR2]), ...used, ...more];
  const [first = SR1, ...others] = new Map(all.map((register) => [register.name, register])).values();
  return [first, ...others];
}

/** The registers with these values of the bits that can be changed. */
function withBits(map: BpMap, registers: Registers, values: BitValues): ReadonlyMap<StatusName, number> {
  const changeable = bitsOfMap(map).filter(({ isFixed }) => isFixed !== true);
  const names = [...new Set(bitsOfMap(map).map(({ register }) => register))];
  return new Map(
    names.map((name) => {
      const is = registers.find((register) => register.name === name)?.value ?? 0;
      const mask = changeable.filter(({ register }) => register === name).reduce((sum, { bit }) => sum | (1 << bit), 0);
      return [name, (is & ~mask) | (values.get(name) ?? 0)];
    }),
  );
}
