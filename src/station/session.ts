/**
 * The session of a unit: from a chip with good contact to a result that is durable. What always holds:
 *
 * - a number is reserved in the ledger before the image is made, and exposed, with the image's digest, before the first
 *   byte is sent;
 * - PASS is shown when the unit is issued in the ledger, and not before;
 * - a session that was cut off after its numbers were exposed stays open: only the same unit gets them.
 */
import { printable } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import type { Identity, IdentityClues, OpenSession, RecipeRevision, StartedSession } from "../ledger/ledger.ts";
import type { CheckedRecipe } from "../recipe/load-recipe.ts";
import type { SessionOutcome, SlotChange } from "./events.ts";
import type { SessionLedger } from "./lamp.ts";
import type { Compared, Composed, UnitInSlot, WorkerFault, WorkerRequest } from "./messages.ts";
import {
  ownTexts,
  recordOf,
  reserveMissing,
  scansOf,
  shownSerial,
  splitSerial,
  textsOfUnit,
  type UnitTexts,
  whyNotScanned,
} from "./unit-plan.ts";
import { faultIn, SlotFault } from "./worker-link.ts";

/** What sessions share. */
export interface SessionWorld {
  readonly checked: CheckedRecipe;
  readonly recipe: RecipeRevision;
  readonly ledger: SessionLedger;
  /** Name of the slot in the ledger. */
  readonly slot: string;
  operator(): string;
}

/** What a session does with its slot. */
export interface SessionSlot {
  ask(request: WorkerRequest): Promise<unknown>;
  show(change: SlotChange): void;
  /** A scanned text. Rejects with `SlotFault` if the unit is taken out. */
  scan(value: string, label: string, refusal: (text: string) => string | undefined): Promise<string>;
  /** A person agrees to what the sentence says. Rejects with `SlotFault` if the unit is taken out. */
  confirm(sentence: string): Promise<void>;
}

/** How a session ended. */
export interface SessionResult {
  readonly outcome: SessionOutcome;
  readonly sentence: string;
  readonly fault: WorkerFault | undefined;
  readonly isFirst: boolean;
  readonly isRework: boolean;
  /** The job that the chip was in will not be completed. */
  readonly dropsJournal: boolean;
}

/** What is known of the unit so far. */
interface Progress {
  session: string | undefined;
  isExposed: boolean;
  isRecording: boolean;
  isRework: boolean;
  isResumed: boolean;
}

const TAKE_OUT = "Take the unit out.";

/** Does a unit. Never rejects. */
export async function runSession(world: SessionWorld, slot: SessionSlot, unit: UnitInSlot): Promise<SessionResult> {
  const session = new UnitSession(world, slot, unit);
  try {
    await session.run();
    const { isRework, isResumed } = session.progress;
    const result = { outcome: "pass", fault: undefined, isRework, isFirst: !isRework && !isResumed } as const;
    return { ...result, sentence: TAKE_OUT, dropsJournal: false };
  } catch (error) {
    return endedBy(world, session.progress, faultIn(error));
  }
}

class UnitSession {
  readonly progress: Progress = {
    ...{ session: undefined, isExposed: false, isRecording: false, isRework: false, isResumed: false },
  };
  readonly #world: SessionWorld;
  readonly #slot: SessionSlot;
  readonly #unit: UnitInSlot;

  constructor(world: SessionWorld, slot: SessionSlot, unit: UnitInSlot) {
    this.#world = world;
    this.#slot = slot;
    this.#unit = unit;
  }

  async run(): Promise<void> {
    const { chip, uid } = this.#unit;
    this.#slot.show({ phase: "reserving", sentence: "The unit gets its numbers.", chip, uniqueId: uid ?? null });
    const open = await this.#openSession();
    if (open?.plan !== undefined)
      return this.#resume(open, new Map(open.plan.texts.map((one) => [one.name, one.text])));
    // Nothing of it was ever sent: its numbers go back.
    if (open !== undefined) await this.#giveBack(open.session);
    const clues = this.#clues(undefined);
    const first = await this.#identify(clues);
    if (first.kind === "known") return this.#rework(clues, first.serial);
    const scans = await this.#scan();
    const scanned = this.#clues(scans);
    const identity = scanned.scanned === undefined ? first : await this.#identify(scanned);
    if (identity.kind === "known") return this.#rework(scanned, identity.serial);
    this.#refuseUnrecognisable(scanned);
    await this.#makeNew(scanned, scans);
  }

  /** The session that this very chip was cut off in. */
  async #openSession(): Promise<OpenSession | undefined> {
    const { jedec, uid, stored } = this.#unit;
    const { checked, ledger } = this.#world;
    const all = await ledger.openSessions();
    return all.find((one) => {
      if (one.recipe !== this.#world.recipe.name || (one.jedec ?? jedec) !== jedec) return false;
      if (uid !== undefined && one.uid !== undefined) return one.uid === uid;
      // A chip without a unique ID is known by the number that it holds.
      const serial = one.plan?.texts.find(({ name }) => name === checked.serialName)?.text;
      return uid === one.uid && stored !== undefined && stored === serial;
    });
  }

  async #giveBack(session: string): Promise<void> {
    await this.#world.ledger.giveUp(session, {
      outcome: "abort",
      reason: "cut off before it was sent",
      unused: "return",
    });
  }

  #clues(scans: UnitTexts | undefined): IdentityClues {
    const { jedec, uid, stored } = this.#unit;
    const { checked } = this.#world;
    const { product } = checked.recipe.head;
    return { product, jedec, uid, stored, scanned: scans?.get(checked.serialName) };
  }

  async #identify(clues: IdentityClues): Promise<Exclude<Identity, { readonly kind: "contradiction" }>> {
    const identity = await this.#world.ledger.identify(clues);
    if (identity.kind !== "contradiction") return identity;
    throw new NorbridgeError("EINVAL", identity.reason, { operation: "identify unit" });
  }

  /** What is scanned for a new unit. */
  async #scan(): Promise<UnitTexts> {
    const { checked } = this.#world;
    const texts = new Map<string, string>();
    for (const { value, label } of scansOf(checked)) {
      const text = await this.#slot.scan(value, label, (one) => whyNotScanned(checked, value, one));
      texts.set(value, text);
    }
    return texts;
  }

  /** Without any of the three, a unit that comes back would get a second number. */
  #refuseUnrecognisable({ uid, scanned }: IdentityClues): void {
    const { recipe } = this.#world.checked;
    if (uid !== undefined || scanned !== undefined || recipe.head.unit?.stored !== undefined) return;
    const message = "this chip has no unique ID, so the unit could not be recognised when it comes back";
    const hint = "Specify in the recipe where the serial number is stored (unit, stored), or scan it.";
    throw new NorbridgeError("EINVAL", `${message}: ${hint}`, { operation: "identify unit", hint });
  }

  async #begin(clues: IdentityClues): Promise<StartedSession> {
    const { ledger, checked, recipe, slot } = this.#world;
    const { head } = checked.recipe;
    const started = await ledger.beginSession({
      ...clues,
      ...{ recipe, slot, operator: this.#world.operator(), serialName: checked.serialName },
      seenAgain: head.unit?.["seen-again"] ?? "keep",
    });
    this.progress.session = started.session;
    return started;
  }

  async #makeNew(clues: IdentityClues, scans: UnitTexts): Promise<void> {
    const { ledger, checked } = this.#world;
    const started = await this.#begin(clues);
    const numbers = await reserveMissing(ledger, checked, started, started.madeAt);
    const texts = new Map([...ownTexts(checked, this.#unit, started.madeAt), ...scans]);
    for (const { name, text } of numbers) texts.set(name, text);
    await this.#make(started.session, texts);
  }

  /** A unit that is in the ledger keeps what it has. */
  async #rework(clues: IdentityClues, serial: string): Promise<void> {
    this.progress.isRework = true;
    const { ledger, checked } = this.#world;
    this.#slot.show({
      ...{ phase: "reserving", sentence: "The unit is known: it keeps its numbers." },
      ...{ serial: printable(serial), isRework: true },
    });
    const { product } = checked.recipe.head;
    const [account] = await ledger.units(serial, product);
    const known = account === undefined ? new Map<string, string>() : textsOfUnit(checked, account);
    if (this.#unit.stored !== serial) {
      const before = account?.contentSha256;
      if (before !== undefined && (await this.#holds(known, before))) {
        const { session } = await this.#begin(clues);
        return this.#make(session, known);
      }
      // A chip with the unique ID of another one would get its number.
      await this.#slot.confirm(
        `The chip has the ID of unit ${printable(serial)}, but not its content. Confirm that it is this unit, or take it out.`,
      );
    }
    const started = await this.#begin(clues);
    const numbers = await reserveMissing(ledger, checked, started, started.madeAt);
    const texts = new Map([...ownTexts(checked, this.#unit, started.madeAt), ...known]);
    for (const { name, text } of numbers) texts.set(name, text);
    await this.#make(started.session, texts);
  }

  /** Whether the chip holds what the unit was made as. */
  async #holds(texts: UnitTexts, sha256: string): Promise<boolean> {
    if (!texts.has(this.#world.checked.serialName)) return false;
    try {
      const composed = await this.#compose(texts);
      return composed.sha256 === sha256 && (await this.#compare()).isEqual;
    } catch (error) {
      // A later revision may have values that the unit does not have.
      if (error instanceof SlotFault && error.fault.blame === "station") return false;
      throw error;
    }
  }

  async #resume(open: OpenSession, texts: UnitTexts): Promise<void> {
    this.progress.session = open.session;
    this.progress.isExposed = true;
    this.progress.isResumed = true;
    this.progress.isRework = open.isRework;
    const { checked } = this.#world;
    this.#slot.show({
      ...{ phase: "reserving", sentence: "This unit was interrupted: it is completed." },
      ...{ serial: shownSerial(texts, checked) ?? null, isResumed: true, isRework: open.isRework },
    });
    const composed = await this.#compose(texts);
    if (composed.sha256 !== open.plan?.contentSha256) {
      const message = `the unit was begun by revision ${open.revision} of the recipe, and this one makes another image`;
      throw new NorbridgeError("EINVAL", message, { operation: "resume unit" });
    }
    const { isEqual, isBlank } = await this.#compare();
    if (isBlank) {
      // The number may be on the chip that was here before: another one with the same ID must not get it as well.
      const serial = shownSerial(texts, checked) ?? "";
      await this.#slot.confirm(
        `The chip has the ID of the interrupted unit ${serial}, but is blank. Confirm that it is this unit, or take it out.`,
      );
    }
    if (!isEqual) await this.#write();
    await this.#record(open.session, texts, composed.sha256);
  }

  /** From values to a unit that is recorded. */
  async #make(session: string, texts: UnitTexts): Promise<void> {
    const { ledger, checked } = this.#world;
    const serial = shownSerial(texts, checked) ?? null;
    this.#slot.show({ phase: "reserving", sentence: "The image of the unit is made.", serial });
    const { sha256: contentSha256 } = await this.#compose(texts);
    const plan = { contentSha256, texts: [...texts].map(([name, text]) => ({ name, text })) };
    await ledger.expose(session, plan);
    this.progress.isExposed = true;
    await this.#write();
    await this.#record(session, texts, contentSha256);
  }

  async #compose(texts: UnitTexts): Promise<Composed> {
    const { serial, others } = splitSerial(this.#world.checked, texts);
    return composedOf(await this.#slot.ask({ kind: "compose", serial, texts: others }));
  }

  async #write(): Promise<void> {
    this.#slot.show({ phase: "writing", sentence: "The unit is programmed. Do not touch it." });
    await this.#slot.ask({ kind: "write" });
    const { isEqual, difference } = await this.#compare();
    if (isEqual) return;
    const message = `the chip differs from the image at ${difference}`;
    throw new SlotFault({ code: "CHECK_FAILED", message, blame: "unit" });
  }

  /** All of the image, and that the chip is still the one of the session. */
  async #compare(): Promise<Compared> {
    this.#slot.show({ phase: "verifying", sentence: "The unit is compared with its image." });
    return comparedOf(await this.#slot.ask({ kind: "verify" }));
  }

  async #record(session: string, texts: UnitTexts, contentSha256: string): Promise<void> {
    const { ledger, checked } = this.#world;
    this.#slot.show({ phase: "recording", sentence: "The result is stored." });
    this.progress.isRecording = true;
    await ledger.issue(session, recordOf(checked, texts, contentSha256));
  }
}

/** What becomes of a session that failed. */
async function endedBy(world: SessionWorld, progress: Progress, fault: WorkerFault): Promise<SessionResult> {
  const { session, isExposed, isRecording, isRework, isResumed } = progress;
  const base = { fault, isFirst: !isRework && !isResumed, isRework };
  if (isRecording) {
    const sentence = "Keep this unit here: its result could not be stored.";
    return { ...base, outcome: "not-recorded", sentence, dropsJournal: false };
  }
  const isOfUnit = fault.blame === "unit";
  // What was sent stays with the chip: the session is completed when it is there again.
  if (session !== undefined && isExposed && !isOfUnit) {
    return { ...base, outcome: "abort", sentence: interruptedSentence(fault), dropsJournal: false };
  }
  const outcome = isOfUnit ? "fail" : "abort";
  if (session === undefined) return { ...base, outcome, sentence: refusedSentence(fault), dropsJournal: false };
  const unused = world.checked.recipe.head.unit?.["number-unused"] ?? "return";
  try {
    await world.ledger.giveUp(session, { outcome, reason: `${fault.code}: ${fault.message}`, unused });
  } catch {
    // It stays open: the next start returns what was never sent.
    const sentence = "Take the unit out and keep it apart: the result could not be stored.";
    return { ...base, outcome, sentence, dropsJournal: false };
  }
  return { ...base, outcome, sentence: refusedSentence(fault), dropsJournal: isExposed };
}

function interruptedSentence({ blame }: WorkerFault): string {
  switch (blame) {
    case "gone":
      return "The unit was taken out too early. Put the same unit in again.";
    case "link":
      return "The bridge was lost. Leave the unit in: it is completed when the bridge is back.";
    default:
      return "The unit is not complete. Take it out, and put the same unit in again.";
  }
}

function refusedSentence({ blame }: WorkerFault): string {
  if (blame === "unit") return "Take the unit out, and set it aside as failed.";
  if (blame === "gone") return "The unit was taken out. Nothing was changed.";
  return "Take the unit out, and ask the supervisor.";
}

function composedOf(value: unknown): Composed {
  if (typeof value === "object" && value !== null && "sha256" in value && typeof value.sha256 === "string") {
    const totalBytes = "totalBytes" in value ? Number(value.totalBytes) : 0;
    return { sha256: value.sha256, totalBytes };
  }
  throw new NorbridgeError("BUG", "the process of the slot returned no image", { operation: "compose" });
}

function comparedOf(value: unknown): Compared {
  if (typeof value === "object" && value !== null && "isEqual" in value) {
    const difference = "difference" in value ? String(value.difference) : "";
    return { isEqual: value.isEqual === true, difference, isBlank: "isBlank" in value && value.isBlank === true };
  }
  throw new NorbridgeError("BUG", "the process of the slot returned no comparison", { operation: "verify" });
}
