/**
 * A simulated slot by its words: `sim:AT25SF161B?units=20&bounce=0.3`. What happens is drawn from the seed of the port
 * and the name of the slot; the other settings are those of any simulated port.
 */
import { join } from "node:path";
import { NorbridgeError } from "../errors.ts";
import { makeFolder } from "../disk/folder.ts";
import { replaceFile } from "../disk/replace-file.ts";
import { createChip } from "../sim/chip/chip-catalog.ts";
import type { SimUnit, Visit } from "../sim/fixture.ts";
import { createRandom, type Random } from "../sim/random.ts";
import { parseSimParameters, type SimParameters } from "../sim/sim-parameters.ts";
import { parsePortSpec, type PortSpec } from "../transport/port-spec.ts";
import { simWires } from "./sim-wires.ts";
import type { SlotWires } from "./wires.ts";

/** What a slot's script is drawn from: shares are 0 to 1. */
export interface Script {
  /** New units that come. */
  readonly units: number;
  /** Share of units whose contacts bounce. */
  readonly bounce: number;
  /** Share of units that are pulled too early; each is put in again. */
  readonly pull: number;
  /** Share of units that are put in again after they are done. */
  readonly again: number;
  /** Share of units that are followed by another with the same unique ID. */
  readonly clone: number;
  /** Folder that gets what each unit holds when it is taken out. */
  readonly keep: string | undefined;
}

const SHARES = ["bounce", "pull", "again", "clone"] as const;
const MAX_UNITS = 1_000_000;

/** A slot with units by script. Throws USAGE for settings that are none. */
export function scriptedSlot(port: string, slot: string): SlotWires {
  const { spec, script, params } = readScriptedSlot(port);
  return simWires(spec, params, new DrawnUnits(script, params, slot));
}

/** Reads the words of a simulated slot. Throws USAGE. */
export function readScriptedSlot(port: string): {
  readonly spec: PortSpec;
  readonly script: Script;
  readonly params: SimParameters;
} {
  const spec = parsePortSpec(port);
  if (spec.kind !== "sim") throw refuse(`${port} is no simulated slot`);
  const settings = new Map(spec.settings);
  const script = readScript(settings);
  return { spec, script, params: parseSimParameters(spec.chip, settings) };
}

function readScript(settings: Map<string, string>): Script {
  const take = (name: string): string | undefined => {
    const text = settings.get(name);
    settings.delete(name);
    return text;
  };
  const units = take("units") ?? "0";
  if (!/^[0-9]{1,7}$/.test(units) || Number(units) > MAX_UNITS) throw refuse(`units: a number up to ${MAX_UNITS}`);
  const [bounce = 0, pull = 0, again = 0, clone = 0] = SHARES.map((name) => {
    const text = take(name) ?? "0";
    if (!/^(?:0(?:\.[0-9]{1,6})?|1)$/.test(text)) throw refuse(`${name}: a share from 0 to 1, such as 0.25`);
    return Number(text);
  });
  return { units: Number(units), bounce, pull, again, clone, keep: take("keep") };
}

/** Units as they come, by seed. */
class DrawnUnits {
  readonly #script: Script;
  readonly #params: SimParameters;
  readonly #slot: string;
  readonly #random: Random;
  #made = 0;
  /** What is put in next, before a new unit. */
  readonly #next: SimUnit[] = [];

  constructor(script: Script, params: SimParameters, slot: string) {
    this.#script = script;
    this.#params = params;
    this.#slot = slot;
    this.#random = createRandom(params.seed).branch(`slot ${slot}`);
    if (script.keep !== undefined) makeFolder(script.keep);
  }

  next(): Visit | undefined {
    const { units, bounce, pull, again, clone } = this.#script;
    const random = this.#random;
    const waiting = this.#next.shift();
    if (waiting === undefined && this.#made >= units) return undefined;
    const unit = waiting ?? this.#newUnit(this.#seedOf(this.#made));
    const isPulled = waiting === undefined && random.chance(pull);
    if (isPulled || (waiting === undefined && random.chance(again))) this.#next.push(unit);
    if (waiting === undefined && random.chance(clone)) this.#next.push(this.#newUnit(this.#seedOf(this.#made - 1)));
    return {
      unit,
      afterMs: 200 + random.intBelow(800),
      bounces: random.chance(bounce) ? 1 + random.intBelow(6) : 0,
      pullAfterMs: isPulled ? 600 + random.intBelow(1500) : undefined,
      stayMs: 200 + random.intBelow(800),
    };
  }

  removed({ name, chip }: SimUnit): void {
    const { keep } = this.#script;
    if (keep !== undefined) replaceFile(join(keep, `${name}.bin`), chip.peek(0, chip.geometry.capacityBytes));
  }

  /** Two slots never make chips with one unique ID: the name of the slot is part of the seed. */
  #seedOf(index: number): number {
    const number = /^[0-9]{1,3}$/.test(this.#slot) ? Number(this.#slot) : createRandom(this.#slot).nextUint32();
    return (((number & 0xff) << 16) | ((this.#params.seed + index) & 0xffff)) >>> 0;
  }

  #newUnit(seed: number): SimUnit {
    this.#made++;
    const { chip, times, pageBytes, statusRegisters } = this.#params;
    const name = `${this.#slot}-${this.#made}`;
    return { name, chip: createChip(chip, { seed, times, pageBytes, statusRegisters }) };
  }
}

function refuse(message: string): NorbridgeError {
  return new NorbridgeError("USAGE", message, { operation: "open slot" });
}
