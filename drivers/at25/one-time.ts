/**
 * Bytes beside the array: the factory's unique ID, and registers that the user can write once. Nothing here asks for
 * consent: `irreversible.ts` checks it, and the caller gives it.
 */
import type { SpiStep, StepResult, TransferStep } from "../../firmware-protocol/step.ts";
import type { OneTimeArea, UniqueIdPlace } from "../chip-descriptor.ts";
import type { BridgeLimits, ChipAnswer, OneTimeControl, OneTimeRegister, StepProgram } from "../chip-driver.ts";
import type { FlashGeometry } from "../geometry.ts";
import { addressed, answerOf, asking, outcomeOf, receivedAt, sending, sendingData, waiting } from "../step-answers.ts";
import { READY } from "./status.ts";

const WRITE_ENABLE = 0x06;
const READ_UNIQUE_ID = 0x4b;
const READ_SECURITY_ID = 0x88;
const READ_OTP = 0x77;
const PROGRAM_OTP = 0x9b;
const READ_REGISTER = 0x48;
const PROGRAM_REGISTER = 0x42;
const READ_OTP_PAGE = 0x4b;
const ENTER_SECURED = 0xb1;
const LEAVE_SECURED = 0xc1;
const READ = 0x03;
const PAGE_PROGRAM = 0x02;
const DUMMY = 0x00;
const OTP_USER_BYTES = 64;
const OTP_FACTORY_BYTES = 64;
const SECURED_ID_BYTES = 16;
const SECURITY_ID_BYTES = 8;
const PAGE_BYTES = 256;
const POLL_INTERVAL_US = 100;

/** How the unique ID is asked for. */
export function at25UniqueId(place: UniqueIdPlace): () => StepProgram<ChipAnswer<Uint8Array>> {
  switch (place.kind) {
    case "command-4b":
      return () => onlyTransfer([asking(place.lengthBytes, READ_UNIQUE_ID, DUMMY, DUMMY, DUMMY, DUMMY)], 0);
    case "otp-77":
      return () => onlyTransfer([otpRead(OTP_USER_BYTES, OTP_FACTORY_BYTES)], 0);
    case "secured-area":
      return () =>
        onlyTransfer([sending(ENTER_SECURED), asking(SECURED_ID_BYTES, READ, 0, 0, 0), sending(LEAVE_SECURED)], 1);
    case "command-88":
      return () => onlyTransfer([asking(SECURITY_ID_BYTES, READ_SECURITY_ID, 0, 0, DUMMY)], 0);
  }
}

/** The registers of a part and how to get at them. */
export function at25OneTime(area: OneTimeArea, geometry: FlashGeometry, limits: BridgeLimits): OneTimeControl {
  const programmed = waiting(READY, geometry.programMaximumUs, POLL_INTERVAL_US);
  const programs = (
    transfers: readonly TransferStep[],
    before: readonly SpiStep[] = [],
    after: readonly SpiStep[] = [],
  ) => ({
    steps: [...before, ...transfers.flatMap((transfer) => [sending(WRITE_ENABLE), transfer, programmed]), ...after],
    decode: outcomeOf,
  });
  const pieceBytes = Math.min(PAGE_BYTES, limits.maxSendBytes - 4);
  const reads = (
    head: (offset: number) => Uint8Array,
    offset: number,
    lengthBytes: number,
    before: readonly SpiStep[] = [],
    after: readonly SpiStep[] = [],
  ): StepProgram<ChipAnswer<Uint8Array>> => {
    const transfers = pieces(offset, lengthBytes, limits.maxReceiveBytes).map(
      ([at, count]): TransferStep => ({ kind: "transfer", send: head(at), receiveBytes: count }),
    );
    return {
      steps: [...before, ...transfers, ...after],
      decode: (results) =>
        answerOf(results, () => joined(results.slice(before.length, before.length + transfers.length), lengthBytes)),
    };
  };

  switch (area.kind) {
    case "security-registers": {
      const base = (register: OneTimeRegister): number => Number(register.name) << area.numberShift;
      return {
        registers: Array.from({ length: area.count }, (_, index) => register(String(index + 1), area.registerBytes)),
        read: (which, offset, lengthBytes) =>
          reads((at) => addressed(READ_REGISTER, base(which) + at, DUMMY), offset, lengthBytes),
        program: (which, offset, data) =>
          programs(
            pieces(offset, data.length, pieceBytes, PAGE_BYTES).map(([at, count]) =>
              sendingData(PROGRAM_REGISTER, base(which) + at, data.subarray(at - offset, at - offset + count)),
            ),
          ),
      };
    }
    case "otp-128":
      return {
        registers: [
          { name: "user", lengthBytes: OTP_USER_BYTES, isWritable: true, allAtOnce: true },
          { name: "factory", lengthBytes: OTP_FACTORY_BYTES, isWritable: false, allAtOnce: false },
        ],
        read: (which, offset, lengthBytes) => {
          const base = which.name === "user" ? 0 : OTP_USER_BYTES;
          return onlyTransfer([otpRead(base + offset, lengthBytes)], 0);
        },
        program: (_, offset, data) => programs([sendingData(PROGRAM_OTP, offset, data)]),
      };
    case "otp-pages": {
      const base = (which: OneTimeRegister): number => Number(which.name) * area.pageBytes;
      return {
        registers: Array.from({ length: area.count }, (_, index) => ({
          ...register(String(index), area.pageBytes),
          isWritable: index >= area.factoryPages,
        })),
        read: (which, offset, lengthBytes) =>
          reads((at) => addressed(READ_OTP_PAGE, base(which) + at, DUMMY), offset, lengthBytes),
        program: (which, offset, data) => programs([sendingData(PROGRAM_OTP, base(which) + offset, data)]),
      };
    }
    case "secured-area": {
      const { factoryBytes, lengthBytes: allBytes } = area;
      const [enter, leave] = [[sending(ENTER_SECURED)], [sending(LEAVE_SECURED)]];
      const base = (which: OneTimeRegister): number => (which.name === "factory" ? 0 : factoryBytes);
      return {
        registers: [
          { name: "factory", lengthBytes: factoryBytes, isWritable: false, allAtOnce: false },
          register("user", allBytes - factoryBytes),
        ],
        read: (which, offset, lengthBytes) =>
          reads((at) => addressed(READ, at), base(which) + offset, lengthBytes, enter, leave),
        program: (which, offset, data) => {
          const start = base(which) + offset;
          const transfers = pieces(start, data.length, pieceBytes, PAGE_BYTES).map(([at, count]) =>
            sendingData(PAGE_PROGRAM, at, data.subarray(at - start, at - start + count)),
          );
          return programs(transfers, enter, leave);
        },
      };
    }
  }
}

function register(name: string, lengthBytes: number): OneTimeRegister {
  return { name, lengthBytes, isWritable: true, allAtOnce: false };
}

/** Two dummy bytes. */
function otpRead(address: number, lengthBytes: number): TransferStep {
  return { kind: "transfer", send: addressed(READ_OTP, address, DUMMY, DUMMY), receiveBytes: lengthBytes };
}

/** Cuts a range to what fits into one transfer, and at borders where there are any. */
function pieces(offset: number, lengthBytes: number, mostBytes: number, borderBytes = Infinity): [number, number][] {
  const cut: [number, number][] = [];
  const end = offset + lengthBytes;
  for (let at = offset; at < end; ) {
    const untilBorder = borderBytes === Infinity ? end - at : borderBytes - (at % borderBytes);
    const count = Math.min(mostBytes, end - at, untilBorder);
    cut.push([at, count]);
    at += count;
  }
  return cut;
}

/** Steps of which one's bytes are the answer. */
function onlyTransfer(steps: readonly SpiStep[], index: number): StepProgram<ChipAnswer<Uint8Array>> {
  return { steps, decode: (results) => answerOf(results, () => receivedAt(results, index)) };
}

function joined(results: readonly StepResult[], lengthBytes: number): Uint8Array {
  const data = new Uint8Array(lengthBytes);
  let at = 0;
  results.forEach((_, index) => {
    const piece = receivedAt(results, index);
    data.set(piece, at);
    at += piece.length;
  });
  return data;
}
