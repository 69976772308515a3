/** `norbridge otp ...`: bytes outside the array that can be programmed once. */
import type { OneTimeRegister } from "../../../drivers/chip-driver.ts";
import { printable, toHex } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { OneTimeService } from "../../flash/chip-services.ts";
import type { FlashDevice } from "../../flash/flash-device.ts";
import { withDevice } from "../../runner/with-chip.ts";
import type { ConnectionRequest } from "../../runner/connection-request.ts";
import type { Outcome } from "../program/outcome.ts";
import { HexDump } from "../output/hex-dump.ts";
import { count } from "../../runner/quantities.ts";
import type { Session } from "../program/session.ts";
import { bytesOfValue, type ValueText } from "../values/value-text.ts";

export interface OtpReadRequest {
  readonly connection: ConnectionRequest;
  /** Undefined: all of them. */
  readonly register: string | undefined;
  readonly isRaw: boolean;
}

export interface OtpProgramRequest {
  readonly connection: ConnectionRequest;
  readonly register: string;
  readonly data: ValueText;
  readonly offset: number;
}

export async function otpRead(request: OtpReadRequest, session: Session): Promise<Outcome> {
  session.endWithStdout();
  const { report } = session;
  return withDevice(session, request.connection, { willChange: false }, async ({ device }) => {
    const service = serviceOf(device);
    const wanted = request.register === undefined ? service.registers : [registerOf(service, request.register)];
    const registers = [];
    for (const register of wanted) {
      const { name, lengthBytes, isWritable } = register;
      const data = await service.read(register, 0, lengthBytes);
      if (request.isRaw && !report.json) {
        report.bytes(data);
      } else {
        const kind = isWritable ? "can be programmed once" : "factory-programmed";
        const rows = new HexDump(0);
        report.text(`register ${name}, ${count(lengthBytes, "byte")}, ${kind}\n${rows.add(data)}${rows.end()}`);
      }
      registers.push({ name, lengthBytes, isWritable, data: toHex(data) });
    }
    return { kind: "done", fields: { registers, uniqueId: (await device.services?.readUniqueId?.()) ?? "" } };
  });
}

export async function otpProgram(request: OtpProgramRequest, session: Session): Promise<Outcome> {
  const data = await bytesOfValue(request.data, session.signal);
  return withDevice(session, request.connection, { willChange: true, isPermanent: true }, async ({ device }) => {
    const service = serviceOf(device);
    const register = registerOf(service, request.register);
    await service.program(register, request.offset, data, "one-time-program");
    return {
      kind: "done",
      summary: `programmed ${count(data.length, "byte")} at ${request.offset} of register ${register.name} permanently; read back and compared`,
      fields: { register: register.name, offset: request.offset, data: toHex(data) },
    };
  });
}

function serviceOf(device: FlashDevice): OneTimeService {
  const service = device.services?.oneTime;
  if (service !== undefined) return service;
  throw new NorbridgeError("USAGE", `${device.identity.name} has no known one-time registers`, { operation: "otp" });
}

function registerOf({ registers }: OneTimeService, name: string): OneTimeRegister {
  const found = registers.find((register) => register.name === name);
  if (found !== undefined) return found;
  const names = registers.map((register) => register.name).join(", ");
  throw new NorbridgeError("USAGE", `there is no register ${printable(name)}`, {
    operation: "otp",
    hint: `Available: ${names}.`,
  });
}
