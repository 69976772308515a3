/** What an AT45 is set to (at45.md): sector protection, page size, and the security register, which is programmed once. */
import { type At45Host, bigEndian } from "./command-access.ts";
import { binaryPageBytes, registerBytes, TIMES } from "./part.ts";
import { type Command, keepFirst } from "../core/spi-chip.ts";

const SECURITY_USER_BYTES = 64;

/** Adds the commands that read and change settings. */
export function addSettingCommands(table: Map<number, Command>, chip: At45Host): void {
  const { part, state } = chip;
  table.set(0x3d, settings(chip));
  table.set(0x32, { headBytes: 4, isRead: true, answer: (i) => state.protection[i] ?? 0xff });
  table.set(0x35, { headBytes: 4, isRead: true, answer: (i) => (i < registerBytes(part) ? 0x00 : 0xff) });
  table.set(0x77, { headBytes: 4, isRead: true, answer: (i) => securityByte(chip, i) });
  table.set(0x9b, programSecurity(chip));
}

/** 3Dh: four bytes select the setting. */
function settings(chip: At45Host): Command {
  let code = 0;
  let data: number[] = [];
  return {
    headBytes: 4,
    isRead: false,
    begin: (head) => {
      code = bigEndian(head);
      data = [];
    },
    take: keepFirst(registerBytes(chip.part), () => data),
    end: (_, nowNs) => set(chip, code, data, nowNs),
  };
}

function set(chip: At45Host, code: number, data: readonly number[], nowNs: number): void {
  const state = chip.state;
  const busy = (): void => {
    state.busyBuffer = 1;
    chip.work("other", { address: 0, lengthBytes: 0 }, TIMES.register, nowNs);
  };
  switch (code) {
    case 0x2a7fa9:
      state.isProtectionOn = true;
      return;
    case 0x2a7f9a:
      state.isProtectionOn = false;
      return;
    case 0x2a7fcf:
      busy();
      state.protection = state.protection.map(() => 0xff);
      return;
    case 0x2a7ffc:
      busy();
      state.protection = state.protection.map((old, i) => old & (data[i] ?? 0xff));
      return;
    case 0x2a7f30:
      chip.violate("forbidden-one-time", 0x3d, nowNs, "locks a sector down permanently");
      return;
    case 0x2a80a6:
      chip.violate("forbidden-one-time", 0x3d, nowNs, "changes the page size and the address of every byte");
      busy();
      // D parts do it at the next power-up, and never go back.
      if (chip.part.isE) chip.setPageBytes(binaryPageBytes(chip.part));
      else state.becomesBinary = true;
      return;
    case 0x2a80a7:
      if (!chip.part.isE) {
        chip.violate("unknown-opcode", 0x3d, nowNs, "a D part does not go back to standard pages");
        return;
      }
      chip.violate("forbidden-one-time", 0x3d, nowNs, "changes the page size and the address of every byte");
      busy();
      chip.setPageBytes(chip.part.standardPageBytes);
      return;
    default:
      chip.violate("unknown-opcode", 0x3d, nowNs, "the bytes after it belong to no command");
  }
}

function securityByte(chip: At45Host, index: number): number {
  if (index < SECURITY_USER_BYTES) return chip.state.security?.[index] ?? 0xff;
  return (index * 37 + chip.seed) & 0xff;
}

/** 9Bh and three zero bytes; what is not sent of the user's half can never be sent. */
function programSecurity(chip: At45Host): Command {
  let data: number[] = [];
  let isRight = false;
  return {
    headBytes: 4,
    isRead: false,
    begin: (head) => {
      data = [];
      isRight = bigEndian(head) === 0;
    },
    take: keepFirst(SECURITY_USER_BYTES, () => data),
    end: (_, nowNs) => {
      const state = chip.state;
      if (!isRight) {
        chip.violate("unknown-opcode", 0x9b, nowNs, "the bytes after it belong to no command");
        return;
      }
      if (state.security !== undefined) {
        chip.violate("write-while-protected", 0x9b, nowNs, "the user's half was programmed before");
        return;
      }
      chip.violate("forbidden-one-time", 0x9b, nowNs, "programs bytes that no erase clears");
      state.busyBuffer = 1;
      chip.work("other", { address: 0, lengthBytes: 0 }, TIMES.register, nowNs);
      state.security = Array.from({ length: SECURITY_USER_BYTES }, (_unused, index) => data[index] ?? 0xff);
      chip.buffer(1).set(data.slice(0, SECURITY_USER_BYTES));
    },
  };
}
