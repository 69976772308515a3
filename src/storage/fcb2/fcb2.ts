/** Mynewt's FCB2, read: sectors in the order of their ids, entries in the order of the directories. Nothing is ever written. */
import { isFilledWith } from "../../bytes.ts";
import { NorbridgeError } from "../../errors.ts";
import type { OffsetRange } from "../../flash/flash-region.ts";
import { decodeHeader, HEADER_BYTES, type SectorHeader } from "../circular-buffer/format.ts";
import { type Chain, chainsOf, isOneChain } from "../circular-buffer/sector-chain.ts";
import { noSector } from "../no-sector.ts";
import type { ReadableRegion } from "../recognise/region-finding.ts";
import type { LogDamage, LogPlace, LogRecord, LogSector, ReadRecordsOptions, RecordLog } from "../record-log.ts";
import { FCB2_ALIGNMENTS } from "./format.ts";
import { tallyFcb2, walkFcb2Sector } from "./sector-walk.ts";

/** What is specified about an FCB2; nothing of it is stored on the flash but magic and version. */
export interface Fcb2Options {
  /** Size of a sector: a multiple of the erase block. The smallest, if `sectors` lists them. */
  readonly sectorBytes: number;
  /** Sectors of different sizes, in the order of the ring; if left out, the region is cut into sectors of `sectorBytes`. */
  readonly sectors?: readonly OffsetRange[] | undefined;
  /** 32 bits. */
  readonly magic: number;
  /** 8 bits; devices do not mount a log of another version. */
  readonly version: number;
  /** Write alignment of the device: 1, 2, 4, 8, 16 or 32. */
  readonly alignBytes: number;
}

/** An entry of an FCB2. `offset` is the place of its data. */
export interface Fcb2Record extends LogRecord {
  /** Number in the directory of its sector, from 1. */
  readonly number: number;
}

/** A log in an FCB2. `mount` opens one. It is read only: calls that would change it throw LAYOUT_MISMATCH. */
export class Fcb2 implements RecordLog {
  readonly sectorBytes: number;
  readonly #region: ReadableRegion;
  readonly #options: Fcb2Options;
  readonly #places: readonly OffsetRange[];
  readonly #headers: readonly SectorHeader[];
  readonly #chain: Chain | undefined;
  readonly #isOrderCertain: boolean;

  private constructor(
    region: ReadableRegion,
    options: Fcb2Options,
    places: readonly OffsetRange[],
    headers: readonly SectorHeader[],
    { chain, isOrderCertain }: Chosen,
  ) {
    this.sectorBytes = options.sectorBytes;
    this.#region = region;
    this.#options = options;
    this.#places = places;
    this.#headers = headers;
    this.#chain = chain;
    this.#isOrderCertain = isOrderCertain;
  }

  /**
   * Opens a log; reads its headers, and where two orders of them are possible the last sector of each. Throws EINVAL for options
   * that make no sense, and what the region throws.
   */
  static async mount(region: ReadableRegion, options: Fcb2Options): Promise<Fcb2> {
    const places = placesOf(region, options);
    const headers: SectorHeader[] = [];
    for await (const bytes of region.readMany(places.map(({ offset }) => ({ offset, lengthBytes: HEADER_BYTES })))) {
      headers.push(headerOf(bytes, options));
    }
    return new Fcb2(region, options, places, headers, await chooseChain(region, options, places, headers));
  }

  /** Whether no sector has a header of this log. */
  get isBlank(): boolean {
    return this.#chain === undefined;
  }

  /** Sectors of the log, oldest first; empty if there is none. */
  get sectorsInUse(): readonly number[] {
    return this.#chain?.sectors ?? [];
  }

  get orderDoubt(): string | undefined {
    return this.#isOrderCertain ? undefined : "the ids of its sectors do not form one chain";
  }

  get sectorsOutOfOrder(): readonly number[] {
    const used = new Set(this.sectorsInUse);
    return this.#headers.flatMap(({ kind }, sector) => (kind === "used" && !used.has(sector) ? [sector] : []));
  }

  /** Id of the newest sector; undefined if there is none. */
  get activeId(): number | undefined {
    return this.#chain?.activeId;
  }

  /** Entries, oldest first, with damage where it lies. */
  async *records(options: ReadRecordsOptions = {}): AsyncGenerator<Fcb2Record | LogDamage> {
    if (options.last !== undefined) {
      yield* await this.#newest(options.last);
      return;
    }
    yield* this.#strangeSectors();
    for (const sector of this.sectorsInUse) yield* await this.#itemsOf(sector);
  }

  /**
   * The entries of one sector, also of one that is out of order; none of one that is not in use. Throws ERANGE for one
   * that is not there.
   */
  async *recordsOfSector(sector: number): AsyncGenerator<Fcb2Record | LogDamage> {
    if (!Number.isInteger(sector) || sector < 0 || sector >= this.#places.length) {
      throw noSector(sector, this.#places.length);
    }
    if (this.#headers[sector]?.kind === "used") yield* await this.#itemsOf(sector);
  }

  /** Always throws LAYOUT_MISMATCH. */
  append(): Promise<LogPlace> {
    return Promise.reject(readOnly("append"));
  }

  /** Always throws LAYOUT_MISMATCH. */
  clear(): Promise<void> {
    return Promise.reject(readOnly("clear"));
  }

  /** Every sector, in order of place. */
  async sectors(): Promise<readonly LogSector[]> {
    const used = new Set(this.sectorsInUse);
    const active = this.sectorsInUse.at(-1);
    const sectors: LogSector[] = [];
    for (const [sector, place] of this.#places.entries()) {
      if (used.has(sector)) sectors.push({ sector, state: sector === active ? "active" : "used" });
      else {
        const bytes = await this.#region.read(place.offset, place.lengthBytes);
        const isFree = isFilledWith(bytes, this.#region.erasedByte);
        sectors.push({ sector, state: isFree ? "free" : this.#headers[sector]?.kind === "used" ? "bad" : "torn" });
      }
    }
    return sectors;
  }

  async #itemsOf(sector: number): Promise<(Fcb2Record | LogDamage)[]> {
    const place = this.#places[sector] ?? { offset: 0, lengthBytes: 0 };
    const bytes = await this.#region.read(place.offset, place.lengthBytes);
    return [...walkFcb2Sector(bytes, this.#options.alignBytes)].map((item) => {
      if (item.kind === "damage") return { ...item, sector };
      const { offset, number } = item;
      return {
        kind: "record",
        sector,
        offset,
        dataOffset: offset,
        number,
        data: item.data.slice(),
        isUnconfirmed: false,
      };
    });
  }

  /** The newest entries and the damage among them: sectors are read from the newest on. */
  async #newest(count: number): Promise<readonly (Fcb2Record | LogDamage)[]> {
    let items: (Fcb2Record | LogDamage)[] = [];
    let left = count;
    for (const sector of [...this.sectorsInUse].reverse()) {
      if (left <= 0) break;
      const found = await this.#itemsOf(sector);
      const first = found.findLastIndex(({ kind }) => kind === "record" && --left === 0);
      items = [...found.slice(Math.max(0, first)), ...items];
    }
    return items;
  }

  /** Sectors that are neither free nor part of the log. */
  *#strangeSectors(): Generator<LogDamage> {
    const used = new Set(this.sectorsInUse);
    for (const [sector, header] of this.#headers.entries()) {
      if (header.kind === "free" || used.has(sector)) continue;
      const reason =
        header.kind === "used"
          ? `a sector with id ${header.id}, which is out of order`
          : "a sector whose header is damaged or belongs to another log";
      yield { kind: "damage", sector, offset: 0, lengthBytes: this.#places[sector]?.lengthBytes ?? 0, reason };
    }
  }
}

/** The error for a change of an FCB2. */
export function readOnly(operation: string): NorbridgeError {
  return new NorbridgeError("LAYOUT_MISMATCH", `${operation}: the log is an FCB2, which is read and not written`, {
    operation,
    hint: "Nothing was changed. Only the device adds to this log.",
  });
}

function placesOf(region: ReadableRegion, { sectorBytes, sectors, alignBytes }: Fcb2Options): readonly OffsetRange[] {
  const refuse = (message: string): NorbridgeError => new NorbridgeError("EINVAL", message, { operation: "open FCB2" });
  if (!FCB2_ALIGNMENTS.some((one) => one === alignBytes)) throw refuse(`an alignment of ${alignBytes} does not exist`);
  if (sectors !== undefined) {
    const isOutside = sectors.some(
      ({ offset, lengthBytes }) => offset < 0 || offset + lengthBytes > region.lengthBytes,
    );
    if (isOutside || sectors.length === 0) throw refuse("the sectors are not within the region");
    return sectors;
  }
  const count = region.lengthBytes / sectorBytes;
  if (!Number.isSafeInteger(count) || count < 1)
    throw refuse(`the region is not made of sectors of ${sectorBytes} bytes`);
  return Array.from({ length: count }, (_, sector) => ({ offset: sector * sectorBytes, lengthBytes: sectorBytes }));
}

/** A header of another version, or without its fixed byte, is torn or of another log. */
function headerOf(bytes: Uint8Array, { magic, version }: Fcb2Options): SectorHeader {
  const header = isFilledWith(bytes, 0xff) ? ({ kind: "free" } as const) : decodeHeader(bytes, magic, 0xff);
  const isOurs = header.kind === "used" && header.version === version && bytes[5] === 0xff;
  return header.kind === "free" || isOurs ? header : { kind: "foreign", magic: 0 };
}

interface Chosen {
  /** Undefined: no sector has a header. */
  readonly chain: Chain | undefined;
  readonly isOrderCertain: boolean;
}

/** The longest chain of ids; of equally long ones the one whose last sector holds most entries. */
async function chooseChain(
  region: ReadableRegion,
  { alignBytes }: Fcb2Options,
  places: readonly OffsetRange[],
  headers: readonly SectorHeader[],
): Promise<Chosen> {
  const all = chainsOf(headers);
  const longest = all.filter(({ sectors }) => sectors.length === all[0]?.sectors.length);
  let best: { readonly chain: Chain; readonly right: number } | undefined;
  let withEntries = 0;
  for (const chain of longest.length < 2 ? [] : longest) {
    const place = places[chain.sectors.at(-1) ?? 0] ?? { offset: 0, lengthBytes: 0 };
    const { right } = tallyFcb2(await region.read(place.offset, place.lengthBytes), alignBytes);
    if (right > 0) withEntries++;
    if (best === undefined || right > best.right) best = { chain, right };
  }
  const chain = best?.chain ?? longest[0];
  return { chain, isOrderCertain: withEntries <= 1 && isOneChain(all, chain) };
}
