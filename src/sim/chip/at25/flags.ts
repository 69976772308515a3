/**
 * What AT25-like chips show of a program or erase that failed or is suspended, each family in its place: Micron's flag status
 * register (70h), Macronix' security register (2Bh), Spansion's status registers, whose error bits keep the chip busy until 30h.
 */
import type { At25Part } from "./part.ts";
import type { Command } from "../core/spi-chip.ts";

/** What power loss resets. */
export interface FlagState {
  /** An operation failed or was refused, and the host has not cleared the flag. */
  failed: "none" | "program" | "erase";
  /** It was refused because of protection. */
  wasProtected: boolean;
}

/** What these commands need of the chip. */
export interface FlagHost {
  readonly part: At25Part;
  readonly state: FlagState & { readonly isFourByteMode: boolean };
  readonly suspended: () => "program" | "erase" | undefined;
  readonly isBusy: (nowNs: number) => boolean;
  readonly clearLatch: () => void;
}

const FSR_READY = 0x80;
const STICKY_PROGRAM = 0x40;
const STICKY_ERASE = 0x20;

/** Bits of SR1 of a part whose errors stay and keep it busy. */
export function stickyBits({ flags }: At25Part, { failed }: FlagState): number {
  if (flags?.kind !== "sticky" || failed === "none") return 0;
  return failed === "program" ? STICKY_PROGRAM : STICKY_ERASE;
}

/** Bits of SR1 that show what is suspended, on parts that have them there. */
export function suspendedBits1({ flags }: At25Part, suspended: "program" | "erase" | undefined): number {
  if (flags?.kind !== "sr1" || suspended === undefined) return 0;
  return suspended === "erase" ? 0x04 : 0x08;
}

/** Bits of SR2, as 35h reads it, that show what is suspended. */
export function suspendedBits({ flags, isNewer }: At25Part, suspended: "program" | "erase" | undefined): number {
  if (suspended === undefined) return 0;
  if (flags?.kind === "sr2") return suspended === "erase" ? 0x80 : flags.programMask;
  return flags === undefined && isNewer ? 0x80 : 0;
}

/** Adds what reads and clears the flags. */
export function addFlagCommands(table: Map<number, Command>, host: FlagHost): void {
  const { flags, addressMode } = host.part;
  const { state } = host;
  const clearing: Command = {
    headBytes: 1,
    isRead: false,
    end: () => {
      state.failed = "none";
      state.wasProtected = false;
      host.clearLatch();
    },
  };
  const reading = (answer: (nowNs: number) => number): Command => ({
    headBytes: 1,
    isRead: true,
    answer: (_, nowNs) => answer(nowNs),
  });
  switch (flags?.kind) {
    case "flag-status":
      table.set(
        0x70,
        reading((nowNs) => flagStatus(host, nowNs)),
      );
      table.set(0x50, clearing);
      break;
    case "security-register":
      table.set(
        0x2b,
        reading(() => (host.suspended() === "erase" ? 0x08 : host.suspended() === "program" ? 0x04 : 0)),
      );
      if (addressMode !== undefined) {
        table.set(
          0x15,
          reading(() => (state.isFourByteMode ? 0x20 : 0)),
        );
      }
      break;
    case "sticky":
      table.set(0x30, clearing);
      addStatus2(table, host, reading);
      break;
    case "function-register":
      table.set(
        0x48,
        reading(() => (host.suspended() === "erase" ? 0x08 : host.suspended() === "program" ? 0x04 : 0)),
      );
      break;
    case "status-07":
      addStatus2(table, host, reading);
      // Configuration register 2; WPS in bit 2 stays 0 here.
      table.set(
        0x15,
        reading(() => (state.isFourByteMode ? 0x01 : 0)),
      );
      break;
    case "sr1":
    case "sr2":
    case undefined:
  }
}

/** Spansion's second status register: what is suspended. 35h reads another register there. */
function addStatus2(
  table: Map<number, Command>,
  { suspended }: FlagHost,
  reading: (answer: (nowNs: number) => number) => Command,
): void {
  table.set(
    0x07,
    reading(() => (suspended() === "erase" ? 0x02 : suspended() === "program" ? 0x01 : 0)),
  );
}

function flagStatus({ state, suspended, isBusy }: FlagHost, nowNs: number): number {
  const failed = state.failed === "erase" ? 0x20 : state.failed === "program" ? 0x10 : 0;
  const open = suspended();
  return (
    (isBusy(nowNs) ? 0 : FSR_READY) |
    (open === "erase" ? 0x40 : open === "program" ? 0x04 : 0) |
    failed |
    (state.wasProtected ? 0x02 : 0) |
    (state.isFourByteMode ? 0x01 : 0)
  );
}
