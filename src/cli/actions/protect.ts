/** `norbridge protect ...`: shows and changes the protection against program and erase. */
import { checkInChip } from "../../jobs/target.ts";
import type { ProtectionState, ProtectionTerm } from "../../../drivers/chip-driver.ts";
import { type ByteRange, wholeChip } from "../../../drivers/geometry.ts";
import { advice } from "../../advice.ts";
import { formatRange, printable } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { ProtectionService } from "../../flash/protection-service.ts";
import type { FlashDevice } from "../../flash/flash-device.ts";
import { withDevice } from "../../runner/with-chip.ts";
import type { ConnectionRequest } from "../../runner/connection-request.ts";
import type { JsonFields, Outcome } from "../program/outcome.ts";
import { alignedRows } from "../output/table.ts";
import type { RegionRequest } from "../options/region-options.ts";
import type { Session } from "../program/session.ts";
import { prepareRanges } from "./layout-regions.ts";

export interface ProtectRequest {
  readonly connection: ConnectionRequest;
}

export interface ProtectChangeRequest extends ProtectRequest {
  /** Undefined: permanent, if the chip supports it. */
  readonly term: ProtectionTerm | undefined;
}

export interface ProtectOnRequest extends ProtectChangeRequest {
  /** Undefined: the whole chip, or `regions`. */
  readonly range: ByteRange | undefined;
  readonly regions: RegionRequest | undefined;
}

export async function protectStatus(request: ProtectRequest, session: Session): Promise<Outcome> {
  return withDevice(session, request.connection, { willChange: false }, async ({ device }) => {
    const service = serviceOf(device);
    const { control } = service;
    const state = await service.read();
    const rows = [
      ["protected", listOf(state)],
      ...(state.ranges.length === 0 ? [] : [["held by", state.heldBy]]),
      ["can be changed", changeText(state, service)],
      ...registerRows(state),
    ];
    session.report.text(alignedRows(rows.map((row) => row.map(printable))));
    return { kind: "done", fields: fieldsOf(state, control) };
  });
}

export async function protectOn(request: ProtectOnRequest, session: Session): Promise<Outcome> {
  const rangesOn = await prepareRanges(request.regions, session, "protect on", (geometry) => {
    const range = request.range ?? wholeChip(geometry);
    checkInChip(range, geometry, "protect");
    return range;
  });
  return change(request, session, async (device, control, term) => {
    const [range, ...more] = await rangesOn(device);
    if (more.length > 0) throw apart();
    const state = await control.protect(range, term);
    const [first, ...others] = state.ranges;
    const isAsAsked =
      first?.address === range.address && first.lengthBytes === range.lengthBytes && others.length === 0;
    if (!isAsAsked) throw stillProtected("protect on", state);
    return state;
  });
}

function apart(): NorbridgeError {
  return new NorbridgeError("EINVAL", "the regions are not beside each other, and protection covers one range", {
    operation: "protect on",
    hint: "Nothing was changed. Select one region, or regions beside each other.",
  });
}

export async function protectOff(request: ProtectChangeRequest, session: Session): Promise<Outcome> {
  return change(request, session, async (_device, control, term) => {
    const state = await control.lift(term);
    if (state.ranges.length > 0) throw stillProtected("protect off", state);
    return state;
  });
}

type Control = NonNullable<ProtectionService["control"]>;

async function change(
  request: ProtectChangeRequest,
  session: Session,
  act: (device: FlashDevice, control: Control, term: ProtectionTerm) => Promise<ProtectionState>,
): Promise<Outcome> {
  return withDevice(session, request.connection, { willChange: true }, async ({ device }) => {
    const service = serviceOf(device);
    const { control, noControl } = service;
    const operation = "change protection";
    const before = await service.read();
    if (control === undefined) {
      throw new NorbridgeError("EROFS", `the protection of ${device.identity.name} cannot be changed`, {
        operation,
        hint: noControl ?? "Nothing was changed.",
      });
    }
    if (before.lockedBy !== "") {
      throw new NorbridgeError("EROFS", `protection cannot be changed now: it is locked by ${before.lockedBy}`, {
        operation,
        hint: "Nothing was changed.",
      });
    }
    const term = termOf(request.term, before.terms ?? control.terms, session);
    const state = await act(device, control, term);
    const lasts = term === "lasting" ? "" : ", until the chip loses power";
    const changed = changedRegisters(before, state);
    return {
      kind: "done",
      summary: `protected: ${listOf(state)}${lasts}`,
      fields: { ...fieldsOf(state, control), changedRegisters: changed },
    };
  });
}

/** The requested term, if the chip supports it. */
function termOf(
  wish: ProtectionTerm | undefined,
  terms: readonly [ProtectionTerm, ...ProtectionTerm[]],
  session: Session,
): ProtectionTerm {
  const [only] = terms;
  const wanted = wish ?? "lasting";
  if (terms.includes(wanted)) return wanted;
  if (wish !== undefined) session.report.note("this chip keeps its protection without power, until you change it");
  return only;
}

/** Each with both values. A change of protection leaves every other bit alone. */
function changedRegisters(before: ProtectionState, after: ProtectionState): JsonFields[] {
  return before.registers.flatMap(({ name, value }) => {
    const now = after.registers.find((register) => register.name === name)?.value;
    return now === undefined || now === value ? [] : [{ name, before: value, after: now }];
  });
}

function serviceOf(device: FlashDevice): ProtectionService {
  const service = device.services?.protection;
  if (service !== undefined) return service;
  throw new NorbridgeError("USAGE", "there is no chip at this port, and so no protection", {
    operation: "protect",
  });
}

/** Every register is as asked: what is left no register can change. */
function stillProtected(operation: string, state: ProtectionState): NorbridgeError {
  return new NorbridgeError("EROFS", `${operation}: ${listOf(state)} is still protected by ${state.heldBy}`, {
    operation,
    hint: advice("", "show-protection"),
  });
}

function listOf({ ranges }: ProtectionState): string {
  return ranges.length === 0 ? "nothing" : ranges.map(formatRange).join(", ");
}

/** Of a chip with one register per sector, only the first few are shown. */
const REGISTERS_SHOWN = 4;

function registerRows({ registers }: ProtectionState): string[][] {
  const shown = registers.slice(0, REGISTERS_SHOWN);
  const rows = shown.map(({ name, value }) => [`  ${name}`, `${value.toString(16).padStart(2, "0")}h`]);
  const more = registers.length - shown.length;
  return more === 0 ? rows : [...rows, ["  ...", `${more} more; --json shows all`]];
}

function changeText({ lockedBy, terms }: ProtectionState, { control, noControl }: ProtectionService): string {
  if (control === undefined) return `no: ${noControl?.text ?? "not on this part"}`;
  if (lockedBy !== "") return `no: locked by ${lockedBy}`;
  const [only, other] = terms ?? control.terms;
  if (other !== undefined) return "yes, until power-off or permanently stored";
  return only === "lasting" ? "yes, stored without power" : "yes, until power-off";
}

function fieldsOf(state: ProtectionState, control: Control | undefined): JsonFields {
  return {
    protected: state.ranges.map(({ address, lengthBytes }) => ({ address, lengthBytes })),
    heldBy: state.ranges.length === 0 ? "" : state.heldBy,
    lockedBy: state.lockedBy,
    terms: [...(control === undefined ? [] : (state.terms ?? control.terms))],
    registers: Object.fromEntries(state.registers.map(({ name, value }) => [name, value])),
  };
}
