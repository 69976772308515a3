/** The commands of the page, one at a time, on the engine of `norbridge/browser`. */
import {
  type CallOptions,
  type ChipBase,
  combineImages,
  decodeImage,
  encodeImage,
  type Finding,
  type ImageSource,
  type JobEvent,
  listStoredJobs,
  discardStoredJob,
  memoryImage,
  NorbridgeError,
  openChipOn,
  regionOf,
} from "../../index.browser.ts";
import { formatRange } from "../../bytes.ts";
import { realClock } from "../../clock.ts";
import type { ByteDuplex } from "../../transport/byte-duplex.ts";
import { isCheckedUsb } from "../../transport/usb-boards.ts";
import { mapStateIndex } from "../../panel/map-states.ts";
import type { Answers, Command, ImageFacts, JobView, PageState, PortChoice } from "../messages.ts";
import type { News } from "./news.ts";
import { keepFile, keptFile, opfsJournals, pageFolder } from "./opfs.ts";
import type { Simulator } from "./simulator.ts";
import { chipFacts, findingFacts, leftView, planFacts, regionFacts } from "./views.ts";
import { openWebSerial } from "./web-serial.ts";
import { webSerial } from "./permitted-ports.ts";
import type { WebSerialPort } from "./web-serial-port.ts";

/** The image of the last write, for a resume after a reload. */
const LAST_IMAGE = "last-image.hex";
/** A report keeps so much of what went over the link. */
const MOST_REPORT_CHARACTERS = 64 * 1024 * 1024;

/** Jobs that show on the map what they do; it stays until the next of them. */
const MAPPED: readonly string[] = ["plan", "write", "verify", "compare", "erase", "read", "resume", "undo"];

type AnswerOf<C extends Command> = Answers[C["kind"]];

export class Engine {
  readonly #news: News;
  #folder: Promise<FileSystemDirectoryHandle | string> | undefined;
  #chip: ChipBase | undefined;
  #simulator: Simulator | undefined;
  #image: ImageSource | undefined;
  #offset = 0;
  #abort = new AbortController();
  #state: PageState = { link: "closed", chip: undefined, job: undefined, jobs: [], noJournal: undefined };
  #recording: string[] = [];
  #recordedCharacters = 0;

  constructor(news: News) {
    this.#news = news;
  }

  /** What the page shows before anything is connected. */
  async start(): Promise<void> {
    const folder = await this.#pageFolder();
    this.#set({ noJournal: typeof folder === "string" ? folder : undefined });
    await this.#listJobs();
  }

  /** Ends the command in progress; it reports what was changed. */
  cancel(): void {
    this.#abort.abort("the page");
  }

  /** Runs a command. Throws NorbridgeError. */
  async run<C extends Command>(command: C): Promise<AnswerOf<C>> {
    this.#abort = new AbortController();
    try {
      return (await this.#do(command)) as AnswerOf<C>;
    } finally {
      this.#set({ job: undefined });
    }
  }

  async #do(command: Command): Promise<unknown> {
    switch (command.kind) {
      case "connect":
        return this.#connect(command);
      case "disconnect":
        return this.#disconnect();
      case "image":
        return this.#openImage(command);
      case "report":
        return this.#recording.join("");
      case "discard":
        return this.#discard(command.id);
      case "resume":
      case "undo":
        return this.#takeUp(command.kind, command.id);
      case "write":
        return this.#write();
      default:
        return this.#onChip(command);
    }
  }

  async #onChip(
    command: Exclude<Command, { kind: "connect" | "disconnect" | "image" | "report" | "discard" }>,
  ): Promise<unknown> {
    const chip = this.#open();
    const how = this.#how(command.kind);
    switch (command.kind) {
      case "plan":
        return planFacts(await chip.plan(this.#given(), { ...how, offset: this.#offset }));
      case "verify": {
        const { equal, comparedBytes, differing } = await chip.verify(this.#given(), { ...how, offset: this.#offset });
        return { equal, comparedBytes, differing };
      }
      case "compare": {
        const found = await chip.diff(this.#given(), { ...how, offset: this.#offset });
        return found.map(({ address, lengthBytes }) => ({ address, lengthBytes }));
      }
      case "erase":
        return this.#changed(chip.erase(command.range, how));
      case "read":
        return this.#read(chip, command);
      case "bytes":
        return chip.read(command.range, { signal: how.signal });
      case "regions":
        return this.#regions(chip);
      case "records":
        return this.#records(chip, command, how);
      case "doctor":
        return this.#examine(chip);
      default:
        throw new NorbridgeError("BUG", "an unknown command", { operation: command.kind });
    }
  }

  async #connect({ port, keepOld, unprotect }: Extract<Command, { kind: "connect" }>): Promise<void> {
    await this.#disconnect();
    this.#set({ link: "opening" });
    this.#recording = [];
    this.#recordedCharacters = 0;
    const folder = await this.#pageFolder();
    try {
      const open = await this.#opener(port, folder);
      this.#chip = await openChipOn(await open(), {
        ...{ keepOld, unprotect, reopen: open, signal: this.#abort.signal },
        journals: typeof folder === "string" ? undefined : opfsJournals(folder),
        onNote: ({ level, message, remedies }) => {
          if (!remedies.includes("list-jobs")) this.#news.note({ level, text: message });
        },
        onRecord: (text) => this.#record(text),
      });
    } catch (error) {
      await this.#disconnect();
      throw error;
    }
    await this.#show(this.#chip);
  }

  async #opener(port: PortChoice, folder: FileSystemDirectoryHandle | string): Promise<() => Promise<ByteDuplex>> {
    if (port.kind === "simulator") {
      const { openSimulator } = await import("./simulator.ts");
      const simulator = await openSimulator(port.chip, folder);
      this.#simulator = simulator;
      return () => Promise.resolve(simulator.open());
    }
    const { vendorId, productId, baudRate, climbs } = port;
    const ids = [vendorId, productId].map((id) => (id ?? 0).toString(16).padStart(4, "0")).join(":");
    const usb = { identity: ids, serialNumber: "", manufacturer: "", product: "" };
    const isChecked = vendorId !== undefined && isCheckedUsb(usb);
    const name = vendorId === undefined ? "the serial port" : `the serial port ${ids}`;
    return async () => openWebSerial(await findPort(vendorId, productId, name), { name, baudRate, climbs, isChecked });
  }

  async #show(chip: ChipBase): Promise<void> {
    const protection = await protectionText(chip);
    this.#set({ link: "open", chip: chipFacts(chip, 0, protection) });
    this.#news.newMap(this.#sectors());
    await this.#listJobs();
  }

  async #disconnect(): Promise<void> {
    const chip = this.#chip;
    this.#chip = undefined;
    try {
      await chip?.close();
    } finally {
      this.#simulator?.close();
      this.#simulator = undefined;
      this.#set({ link: "closed", chip: undefined });
    }
  }

  async #openImage({ files, offset }: Extract<Command, { kind: "image" }>): Promise<ImageFacts> {
    const byName = new Map(files.map((file, index) => [nameOf(file.name, index, files.length), file]));
    const placed = [...byName].map(([file, { place }]) => ({ file, place }));
    const { image } = await combineImages(placed, {}, (name, how) =>
      decodeImage(name, byName.get(name)?.bytes ?? new Uint8Array(), how),
    );
    this.#image = image;
    this.#offset = offset;
    const ranges = image.segments.map(({ address, lengthBytes }) => ({ address: address + offset, lengthBytes }));
    return { name: image.name, totalBytes: image.totalBytes, ranges, notes: image.notes ?? [] };
  }

  async #write(): Promise<unknown> {
    const chip = this.#open();
    const image = this.#given();
    const folder = await this.#pageFolder();
    // Before anything is changed: a page that is closed in the middle finds the bytes again.
    if (typeof folder !== "string") await keepFile(folder, LAST_IMAGE, await encodeImage(image, "hex"));
    const how = { ...this.#how("write"), offset: this.#offset };
    const { imageBytes, durationUs, sha256 } = await this.#changed(chip.write(image, how));
    return { writtenBytes: imageBytes, durationMs: durationUs / 1000, sha256 };
  }

  async #takeUp(kind: "resume" | "undo", id: string): Promise<unknown> {
    const chip = this.#open();
    const how = this.#how(kind);
    if (kind === "undo") return this.#changed(chip.undo(id, how));
    const folder = await this.#pageFolder();
    const kept = typeof folder === "string" ? undefined : await keptFile(folder, LAST_IMAGE);
    const image = this.#image ?? (kept === undefined ? undefined : decodeImage(LAST_IMAGE, kept));
    return this.#changed(chip.resume(id, { ...how, image }));
  }

  async #read(chip: ChipBase, { range, format }: Extract<Command, { kind: "read" }>): Promise<unknown> {
    const bytes = await chip.read(range, this.#how("read"));
    const address = range?.address ?? 0;
    const name = `${chip.identity.name}-${address.toString(16).padStart(6, "0")}.${format}`;
    if (format === "bin") return { name, file: bytes };
    return { name, file: await encodeImage(memoryImage(name, [{ address, data: bytes }]), format) };
  }

  async #records(
    chip: ChipBase,
    { region, layout }: Extract<Command, { kind: "records" }>,
    how: CallOptions,
  ): Promise<unknown> {
    const { readRecords } = await import("./records.ts");
    return chip.run((device) => readRecords(regionOf(device, region), layout), how);
  }

  async #regions(chip: ChipBase): Promise<unknown> {
    const { recogniseRegions } = await import("../../storage/recognise/pass.ts");
    this.#job({ what: "regions", phase: "read", doneBytes: 0, totalBytes: chip.geometry.capacityBytes });
    const whole = { address: 0, lengthBytes: chip.geometry.capacityBytes };
    const found = await chip.run((device) => recogniseRegions(regionOf(device, whole)), this.#how("regions"));
    return found.map(regionFacts);
  }

  async #examine(chip: ChipBase): Promise<unknown> {
    const { examineBridge } = await import("../../runner/examine-bridge.ts");
    const findings: Finding[] = [];
    const { bridge } = chip;
    if (bridge === undefined) return [];
    await chip.run(async () => {
      await examineBridge(bridge, realClock, 0, findings);
    }, this.#how("doctor"));
    return findings.map(findingFacts);
  }

  async #discard(id: string): Promise<void> {
    const folder = await this.#pageFolder();
    if (typeof folder !== "string") await discardStoredJob(opfsJournals(folder), id);
    await this.#listJobs();
  }

  /** A job that changes the chip: the list of jobs is new after it, however it ends. */
  async #changed<T>(job: Promise<T>): Promise<T> {
    try {
      return await job;
    } finally {
      await this.#listJobs();
    }
  }

  async #listJobs(): Promise<void> {
    const folder = await this.#pageFolder();
    if (typeof folder === "string") return;
    const jobs = await listStoredJobs(opfsJournals(folder));
    this.#set({ jobs: jobs.map(leftView) });
  }

  #how(what: string): { readonly signal: AbortSignal; readonly onEvent: (event: JobEvent) => void } {
    this.#job({ what, phase: "", doneBytes: 0, totalBytes: 0 });
    if (MAPPED.includes(what)) this.#news.newMap(this.#sectors());
    return { signal: this.#abort.signal, onEvent: (event) => this.#onEvent(what, event) };
  }

  #onEvent(what: string, event: JobEvent): void {
    if (event.kind === "note") {
      this.#news.note({ level: "note", text: event.message });
    } else if (event.kind === "sector") {
      const { sectorBytes = 1 } = this.#state.chip ?? {};
      const state = mapStateIndex(event.state);
      const { address, lengthBytes } = event.range;
      for (let at = address; at < address + lengthBytes; at += sectorBytes) {
        this.#news.sector(Math.floor(at / sectorBytes), state);
      }
    } else {
      const doneBytes = event.kind === "progress" ? event.doneBytes : 0;
      this.#job({ what, phase: event.phase, doneBytes, totalBytes: event.totalBytes });
    }
  }

  #job(job: JobView): void {
    this.#set({ job });
  }

  #set(change: Partial<PageState>): void {
    this.#state = { ...this.#state, ...change };
    this.#news.state(this.#state);
  }

  #sectors(): number {
    const { chip } = this.#state;
    return chip === undefined ? 0 : Math.ceil(chip.capacityBytes / chip.sectorBytes);
  }

  #pageFolder(): Promise<FileSystemDirectoryHandle | string> {
    this.#folder ??= pageFolder();
    return this.#folder;
  }

  #record(text: string): void {
    this.#recordedCharacters += text.length;
    if (this.#recordedCharacters > MOST_REPORT_CHARACTERS) throw new Error("the report is full");
    this.#recording.push(text);
  }

  #open(): ChipBase {
    if (this.#chip !== undefined) return this.#chip;
    throw new NorbridgeError("ESHUTDOWN", "no chip is open", {
      operation: "use chip",
      hint: "Connect a bridge first.",
    });
  }

  #given(): ImageSource {
    if (this.#image !== undefined) return this.#image;
    throw new NorbridgeError("EINVAL", "no image is open", { operation: "use image", hint: "Drop a file first." });
  }
}

/** The port that the user permitted. Asked for anew each time: after a replug it may be another object. */
async function findPort(
  vendorId: number | undefined,
  productId: number | undefined,
  name: string,
): Promise<WebSerialPort> {
  const ports = (await webSerial()?.getPorts()) ?? [];
  const found = ports.filter((port) => {
    const info = port.getInfo();
    return info.usbVendorId === vendorId && info.usbProductId === productId;
  });
  // Of several that look alike the last one is the one that was chosen last.
  const port = found.at(-1);
  if (port !== undefined) return port;
  throw new NorbridgeError("PORT_NOT_FOUND", `${name} is not plugged in, or this page may not use it`, {
    operation: "open port",
    hint: "Plug it in, and choose it again.",
  });
}

async function protectionText(chip: ChipBase): Promise<string> {
  try {
    const { ranges, heldBy } = await chip.protection();
    return ranges.length === 0 ? "nothing is protected" : `${ranges.map(formatRange).join(", ")} by ${heldBy}`;
  } catch (error) {
    return error instanceof Error ? error.message : "unknown";
  }
}

/** Files of one name are told apart: each is opened by its name. */
function nameOf(name: string, index: number, count: number): string {
  return count === 1 ? name : `${index + 1}/${name}`;
}
