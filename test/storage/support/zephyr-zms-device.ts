/**
 * A device with ZMS (32-bit keys), after the rules of Zephyr's zms.c (FORMAT.md) with its slips, and with no code of
 * ours. It programs without looking, as devices do; what it programs on cells that are not erased is counted.
 */
import { zephyrCrc8 } from "./zephyr-fcb.ts";

export interface DeviceShape {
  readonly sectorBytes: number;
  readonly sectorCount: number;
  readonly alignBytes: number;
}

interface Ate {
  readonly cycle: number;
  readonly length: number;
  readonly id: number;
  readonly low: number;
  readonly bytes: Uint8Array;
}

const HEAD = 0xffffffff;

export class ZephyrZmsDevice {
  readonly cells: Uint8Array;
  /** Bytes that were programmed onto others. */
  spoilt = 0;
  readonly #shape: DeviceShape;
  readonly #ateBytes: number;
  #sector = 0;
  #place = 0;
  #dataEnd = 0;

  constructor(cells: Uint8Array, shape: DeviceShape) {
    this.cells = cells;
    this.#shape = shape;
    this.#ateBytes = this.#up(16);
  }

  /** Starts the device; an errno name where it does not start. */
  mount(): string | undefined {
    const { sectorCount } = this.#shape;
    const closed = Array.from({ length: sectorCount }, (_, sector) => this.#isClosed(sector));
    const last = closed.findIndex((isClosed, sector) => isClosed && closed[(sector + 1) % sectorCount] === false);
    if (last >= 0) this.#sector = (last + 1) % sectorCount;
    else if (closed[0] === true) return "EDEADLK";
    else {
      const top = this.#ate(sectorCount - 1, this.#first);
      this.#sector =
        top !== undefined && top.cycle === this.#byte(sectorCount - 1, this.#head + 1) ? sectorCount - 1 : 0;
      if (this.#cycle(this.#sector) === undefined) this.#begin(this.#sector);
    }
    if (!this.#findPlace()) return "ESPIPE";
    const next = this.#next(this.#sector);
    if (!this.#isClosed(next)) return undefined;
    if (this.#hasGcDone()) this.#begin(next);
    else {
      this.#begin(this.#sector);
      this.#place = this.#first;
      this.#dataEnd = 0;
      this.#collect();
    }
    return undefined;
  }

  get(id: number): Uint8Array | undefined {
    const found = this.#newest(id);
    if (found === undefined || found.ate.length === 0) return undefined;
    const { ate, sector } = found;
    return ate.length <= 8 ? ate.bytes.slice(8, 8 + ate.length) : this.#bytes(sector, ate.low, ate.length);
  }

  /** Writes or deletes (no data); false if there is no room. */
  set(id: number, data: Uint8Array): boolean {
    const outside = data.length > 8 ? this.#up(data.length) : 0;
    const needed = data.length === 0 ? 0 : outside + this.#ateBytes;
    for (let tries = 0; tries <= this.#shape.sectorCount; tries++) {
      const isLast = this.#place === this.#ateBytes && data.length > 0;
      if (this.#place > 0 && this.#place >= this.#dataEnd + needed && !isLast) {
        this.#append(id, data);
        return true;
      }
      this.#program(
        this.#sector,
        this.#head - this.#ateBytes,
        this.#encode(HEAD, 0, [this.#place + this.#ateBytes, HEAD]),
      );
      this.#sector = this.#next(this.#sector);
      if (this.#cycle(this.#sector) === undefined) this.#begin(this.#sector);
      this.#place = this.#first;
      this.#dataEnd = 0;
      this.#collect();
    }
    return false;
  }

  #findPlace(): boolean {
    const { erased } = this;
    let last = this.#first - this.#ateBytes;
    let end = 0;
    this.#dataEnd = 0;
    for (let at = last; at > end; at -= this.#ateBytes) {
      const ate = this.#valid(this.#sector, at);
      if (ate === undefined) continue;
      last = at;
      end = ate.length > 8 && ate.id !== HEAD ? ate.low + this.#up(ate.length) : 0;
      if (end > 0) this.#dataEnd = end;
    }
    for (this.#place = last; this.#place >= this.#dataEnd; this.#place -= this.#ateBytes) {
      const bytes = this.#bytes(this.#sector, this.#place, 16);
      if (bytes.every((byte) => byte === erased)) break;
      if (this.#place === this.#dataEnd && (bytes[2] !== 0 || bytes[3] !== 0)) return false;
    }
    return true;
  }

  readonly erased = 0xff;

  #append(id: number, data: Uint8Array): void {
    const words: [number, number] = [0, 0];
    const inline = new Uint8Array(8);
    if (data.length > 8) {
      const padded = new Uint8Array(this.#up(data.length)).fill(this.erased);
      padded.set(data);
      this.#program(this.#sector, this.#dataEnd, padded);
      words[0] = this.#dataEnd;
      this.#dataEnd += padded.length;
    } else {
      inline.set(data);
      const view = new DataView(inline.buffer);
      words[0] = view.getUint32(0, true);
      words[1] = view.getUint32(4, true);
    }
    this.#program(this.#sector, this.#place, this.#encode(id, data.length, words));
    this.#place -= this.#ateBytes;
  }

  #collect(): void {
    const source = this.#next(this.#sector);
    if (this.#isClosed(source)) {
      const lowest = this.#ate(source, this.#head - this.#ateBytes)?.low ?? 0;
      for (let at = lowest; at <= this.#first; at += this.#ateBytes) {
        const ate = this.#valid(source, at);
        if (ate === undefined || ate.length === 0 || ate.id === HEAD) continue;
        const newest = this.#newest(ate.id);
        if (newest?.sector !== source || newest.at !== at) continue;
        this.#append(
          ate.id,
          ate.length > 8 ? this.#bytes(source, ate.low, ate.length) : ate.bytes.slice(8, 8 + ate.length),
        );
      }
    }
    this.#program(this.#sector, this.#place, this.#encode(HEAD, 0, [this.#dataEnd, HEAD]));
    this.#place -= this.#ateBytes;
    this.#begin(source);
  }

  #newest(id: number): { readonly ate: Ate; readonly sector: number; readonly at: number } | undefined {
    const { sectorCount } = this.#shape;
    let sector = this.#sector;
    let from = this.#place;
    for (let steps = 0; steps < sectorCount; steps++) {
      for (let at = from; at <= this.#first; at += this.#ateBytes) {
        const ate = at < 0 ? undefined : this.#valid(sector, at);
        if (ate?.id === id) return { ate, sector, at };
      }
      sector = (sector + sectorCount - 1) % sectorCount;
      if (!this.#isClosed(sector)) return undefined;
      from = this.#ate(sector, this.#head - this.#ateBytes)?.low ?? 0;
    }
    return undefined;
  }

  #hasGcDone(): boolean {
    for (let at = this.#place; at <= this.#first; at += this.#ateBytes) {
      const ate = at < 0 ? undefined : this.#valid(this.#sector, at);
      if (ate?.id === HEAD && ate.length === 0) return true;
    }
    return false;
  }

  #isClosed(sector: number): boolean {
    const cycle = this.#cycle(sector);
    const ate = this.#ate(sector, this.#head - this.#ateBytes);
    return cycle !== undefined && ate?.id === HEAD && ate.length === 0 && ate.cycle === cycle;
  }

  /** Cycle of a valid header. */
  #cycle(sector: number): number | undefined {
    const ate = this.#ate(sector, this.#head);
    return ate?.id === HEAD && ate.length === 0xffff && ate.bytes[13] === 0x42 ? ate.cycle : undefined;
  }

  #valid(sector: number, at: number): Ate | undefined {
    const ate = this.#ate(sector, at);
    return ate !== undefined && ate.cycle === (this.#cycle(sector) ?? 0) ? ate : undefined;
  }

  #ate(sector: number, at: number): Ate | undefined {
    const bytes = this.#bytes(sector, at, 16);
    if (zephyrCrc8(bytes.subarray(1)) !== bytes[0]) return undefined;
    const view = new DataView(bytes.buffer);
    const [length, id, low] = [view.getUint16(2, true), view.getUint32(4, true), view.getUint32(8, true)];
    return { cycle: bytes[1] ?? 0, length, id, low, bytes };
  }

  #encode(
    id: number,
    length: number,
    words: readonly [number, number],
    cycle = this.#cycle(this.#sector) ?? 0,
  ): Uint8Array {
    const bytes = new Uint8Array(this.#ateBytes);
    const view = new DataView(bytes.buffer);
    view.setUint8(1, cycle);
    view.setUint16(2, length, true);
    [id, ...words].forEach((word, index) => {
      view.setUint32(4 + 4 * index, word, true);
    });
    bytes[0] = zephyrCrc8(bytes.subarray(1, 16));
    bytes.fill(this.erased, 16);
    return bytes;
  }

  #begin(sector: number): void {
    const { sectorBytes } = this.#shape;
    const count = this.#cycle(sector) === undefined ? 1 : (this.#ate(sector, this.#head)?.low ?? 0) + 1;
    this.cells.fill(this.erased, sector * sectorBytes, (sector + 1) * sectorBytes);
    this.#program(sector, this.#head, this.#encode(HEAD, 0xffff, [count, 0x4201], 1));
  }

  #program(sector: number, at: number, data: Uint8Array): void {
    const base = sector * this.#shape.sectorBytes + at;
    data.forEach((byte, index) => {
      const now = (this.cells[base + index] ?? 0) & byte;
      if (now !== byte) this.spoilt++;
      this.cells[base + index] = now;
    });
  }

  #bytes(sector: number, at: number, length: number): Uint8Array {
    const base = sector * this.#shape.sectorBytes + at;
    return this.cells.slice(base, base + length);
  }

  #byte(sector: number, at: number): number {
    return this.cells[sector * this.#shape.sectorBytes + at] ?? 0;
  }

  #next(sector: number): number {
    return (sector + 1) % this.#shape.sectorCount;
  }

  #up(bytes: number): number {
    return Math.ceil(bytes / this.#shape.alignBytes) * this.#shape.alignBytes;
  }

  get #head(): number {
    return this.#shape.sectorBytes - this.#ateBytes;
  }

  get #first(): number {
    return this.#shape.sectorBytes - 3 * this.#ateBytes;
  }
}
