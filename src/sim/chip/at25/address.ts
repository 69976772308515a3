/**
 * How an AT25-like chip takes its addresses: three bytes or four (a mode that many parts above 8 MiB have), and a register with
 * the bits above the third byte. Pure over the registers, which the model keeps.
 */
import type { At25Part } from "./part.ts";
import type { Command } from "../core/spi-chip.ts";

/** Both are gone when power goes. */
export interface AddressState {
  isFourByteMode: boolean;
  /** Bits 31..24 of addresses with three bytes. */
  bank: number;
}

/** What these commands need of the chip. */
export interface AddressHost {
  readonly part: At25Part;
  readonly state: AddressState;
  /** Takes the write-enable latch; false, and a broken rule noted, where it was clear. */
  readonly takeLatch: (opcode: number, nowNs: number) => boolean;
}

const MODE_BIT = 0x80;

/** The address that a head carries, with the bank where it has three bytes; not yet cut to the size of the chip. */
export function wholeAddress({ bank }: AddressState, head: readonly number[], addressBytes: 3 | 4): number {
  const low = ((head[addressBytes - 2] ?? 0) << 16) | ((head[addressBytes - 1] ?? 0) << 8) | (head[addressBytes] ?? 0);
  return low + (addressBytes === 4 ? (head[1] ?? 0) : bank) * 2 ** 24;
}

/** Adds what changes mode and bank. */
export function addAddressCommands(table: Map<number, Command>, host: AddressHost): void {
  const { addressMode, bank } = host.part;
  if (addressMode?.opcodes !== undefined) {
    const [enter, leave] = addressMode.opcodes;
    table.set(enter, switching(host, enter, true));
    table.set(leave, switching(host, leave, false));
  }
  if (bank !== undefined) addBank(table, host, bank);
}

function switching({ part, state, takeLatch }: AddressHost, opcode: number, isFourByteMode: boolean): Command {
  const needsLatch = part.addressMode?.needsLatch === true;
  return {
    headBytes: 1,
    isRead: false,
    end: (_, nowNs) => {
      if (!needsLatch || takeLatch(opcode, nowNs)) state.isFourByteMode = isFourByteMode;
    },
  };
}

function addBank(
  table: Map<number, Command>,
  { part, state, takeLatch }: AddressHost,
  { writeOpcode, readOpcode, needsLatch, holdsMode }: NonNullable<At25Part["bank"]>,
): void {
  const banks = Math.max(1, part.capacityBytes / 2 ** 24);
  let value = 0;
  table.set(readOpcode, {
    headBytes: 1,
    isRead: true,
    answer: () => state.bank | (holdsMode && state.isFourByteMode ? MODE_BIT : 0),
  });
  table.set(writeOpcode, {
    headBytes: 2,
    isRead: false,
    begin: (head) => {
      value = head[1] ?? 0;
    },
    end: (_, nowNs) => {
      if (needsLatch && !takeLatch(writeOpcode, nowNs)) return;
      state.bank = value & ~MODE_BIT & (banks - 1);
      if (holdsMode) state.isFourByteMode = (value & MODE_BIT) !== 0;
    },
  });
}
