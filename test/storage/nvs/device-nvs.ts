/**
 * A device's own mount of an NVS, as its page describes upstream's (the text of 2025), on bytes in memory: it collects and erases
 * as upstream does, also where that loses something. Shares no code with the store.
 */
export interface DeviceShape {
  readonly sectorBytes: number;
  readonly alignBytes: number;
  readonly hasDataCrc: boolean;
  readonly erasedByte: number;
}

interface Entry {
  readonly id: number;
  readonly offset: number;
  readonly length: number;
}

export class DeviceNvs {
  readonly #cells: Uint8Array;
  readonly #shape: DeviceShape;
  readonly #ate: number;
  readonly #count: number;
  #open = 0;
  #place = 0;
  #end = 0;

  /** Mounts; throws where upstream's mount fails. `cells` is changed as the mount changes the flash. */
  constructor(cells: Uint8Array, shape: DeviceShape) {
    this.#cells = cells;
    this.#shape = shape;
    this.#ate = Math.max(8, shape.alignBytes);
    this.#count = cells.length / shape.sectorBytes;
    this.#mount();
  }

  /** Items as hex, by id. */
  items(): Map<number, string> {
    const found = new Map<number, string | undefined>();
    for (const { sector, entry } of this.#walk()) {
      if (found.has(entry.id) || (entry.id === 0xffff && entry.length === 0)) continue;
      const at = sector * this.#shape.sectorBytes + entry.offset;
      const length = entry.length - (this.#shape.hasDataCrc ? 4 : 0);
      found.set(entry.id, length > 0 ? Buffer.from(this.#cells.subarray(at, at + length)).toString("hex") : undefined);
    }
    return new Map([...found].flatMap(([id, data]) => (data === undefined ? [] : [[id, data] as const])));
  }

  #isErased(sector: number, from: number, to: number): boolean {
    const base = sector * this.#shape.sectorBytes;
    for (let at = from; at < to; at++) if (this.#cells[base + at] !== this.#shape.erasedByte) return false;
    return true;
  }

  #entry(sector: number, place: number): Entry | undefined {
    const at = sector * this.#shape.sectorBytes + place;
    let crc = 0xff;
    for (const byte of this.#cells.subarray(at, at + 7)) {
      crc ^= byte;
      for (let bit = 0; bit < 8; bit++) crc = crc & 0x80 ? ((crc << 1) ^ 7) & 0xff : crc << 1;
    }
    if (crc !== this.#cells[at + 7]) return undefined;
    const view = new DataView(this.#cells.buffer, this.#cells.byteOffset + at);
    const entry = { id: view.getUint16(0, true), offset: view.getUint16(2, true), length: view.getUint16(4, true) };
    return entry.offset + entry.length <= place ? entry : undefined;
  }

  get #closePlace(): number {
    return this.#shape.sectorBytes - this.#ate;
  }

  #isClosed(sector: number): boolean {
    return !this.#isErased(sector, this.#closePlace, this.#shape.sectorBytes);
  }

  #recoverLast(sector: number): number {
    const first = this.#closePlace - this.#ate;
    let last = first;
    let end = 0;
    for (let place = first; place > end; place -= this.#ate) {
      const entry = this.#entry(sector, place);
      if (entry === undefined) continue;
      end = entry.offset + entry.length;
      last = place;
    }
    return last;
  }

  #up(length: number): number {
    return Math.ceil(length / this.#shape.alignBytes) * this.#shape.alignBytes;
  }

  #mount(): void {
    const next = (sector: number): number => (sector + 1) % this.#count;
    const sectors = Array.from({ length: this.#count }, (_, sector) => sector);
    if (sectors.every((sector) => this.#isClosed(sector))) throw new Error("EDEADLK");
    const closed = sectors.find((sector) => this.#isClosed(sector) && !this.#isClosed(next(sector)));
    const last = this.#count - 1;
    const first = this.#closePlace - this.#ate;
    this.#open = closed === undefined ? (this.#isErased(last, first, this.#closePlace) ? 0 : last) : next(closed);
    this.#findPlace();
    if (!this.#isErased(next(this.#open), 0, this.#shape.sectorBytes)) {
      const isDone = this.#hasCollectionEnd();
      if (isDone) {
        this.#erase(next(this.#open));
      } else {
        this.#erase(this.#open);
        this.#place = first;
        this.#end = 0;
        this.#collect();
      }
    } else {
      while (this.#end < this.#place && !this.#isErased(this.#open, this.#end, this.#place))
        this.#end += this.#shape.alignBytes;
    }
    if (this.#place === first && this.#end > 0) {
      this.#erase(this.#open);
      this.#end = 0;
    }
    if (this.#place === first) this.#append({ id: 0xffff, offset: 0, length: 0 });
  }

  #findPlace(): void {
    this.#end = 0;
    this.#place = this.#recoverLast(this.#open);
    while (this.#place >= this.#end && !this.#isErased(this.#open, this.#place, this.#place + this.#ate)) {
      const entry = this.#entry(this.#open, this.#place);
      if (entry !== undefined) {
        this.#end = this.#up(entry.offset + entry.length);
        if (this.#place === this.#end && entry.length > 0) throw new Error("ESPIPE");
      }
      this.#place -= this.#ate;
    }
  }

  #hasCollectionEnd(): boolean {
    for (let place = this.#place + this.#ate; place < this.#closePlace; place += this.#ate) {
      const entry = this.#entry(this.#open, place);
      if (entry?.id === 0xffff && entry.length === 0) return true;
    }
    return false;
  }

  *#walk(): Generator<{ readonly sector: number; readonly place: number; readonly entry: Entry }> {
    let sector = this.#open;
    let from = this.#place + this.#ate;
    for (let steps = 0; steps < this.#count; steps++) {
      for (let place = from; place < this.#closePlace; place += this.#ate) {
        const entry = this.#entry(sector, place);
        if (entry !== undefined) yield { sector, place, entry };
      }
      sector = (sector + this.#count - 1) % this.#count;
      if (!this.#isClosed(sector)) return;
      from = this.#lastOf(sector);
    }
  }

  #lastOf(sector: number): number {
    const close = this.#entry(sector, this.#closePlace);
    const isValid =
      close?.id === 0xffff && close.length === 0 && (this.#shape.sectorBytes - close.offset) % this.#ate === 0;
    return isValid ? close.offset : this.#recoverLast(sector);
  }

  #collect(): void {
    const source = (this.#open + 1) % this.#count;
    if (this.#isClosed(source)) {
      for (let place = this.#lastOf(source); place < this.#closePlace; place += this.#ate) {
        const entry = this.#entry(source, place);
        if (entry === undefined || entry.length === 0) continue;
        const newest = this.#newest(entry.id);
        if (newest?.sector !== source || newest.place !== place) continue;
        const base = this.#shape.sectorBytes;
        const data = this.#cells.slice(source * base + entry.offset, source * base + entry.offset + entry.length);
        this.#program(this.#open * base + this.#end, data);
        this.#append({ ...entry, offset: this.#end });
      }
    }
    if (this.#place >= this.#end + this.#ate) this.#append({ id: 0xffff, offset: this.#end, length: 0 });
    this.#erase(source);
  }

  #newest(id: number): { readonly sector: number; readonly place: number } | undefined {
    for (const found of this.#walk()) if (found.entry.id === id) return found;
    return undefined;
  }

  #append({ id, offset, length }: Entry): void {
    const bytes = new Uint8Array(8);
    const view = new DataView(bytes.buffer);
    view.setUint16(0, id, true);
    view.setUint16(2, offset, true);
    view.setUint16(4, length, true);
    bytes[6] = 0xff;
    let crc = 0xff;
    for (const byte of bytes.subarray(0, 7)) {
      crc ^= byte;
      for (let bit = 0; bit < 8; bit++) crc = crc & 0x80 ? ((crc << 1) ^ 7) & 0xff : crc << 1;
    }
    bytes[7] = crc;
    this.#program(this.#open * this.#shape.sectorBytes + this.#place, bytes);
    this.#place -= this.#ate;
    this.#end = this.#up(offset + length);
  }

  #program(at: number, data: Uint8Array): void {
    data.forEach((byte, index) => {
      const old = this.#cells[at + index] ?? 0;
      this.#cells[at + index] = this.#shape.erasedByte === 0xff ? old & byte : old | byte;
    });
  }

  #erase(sector: number): void {
    const { sectorBytes, erasedByte } = this.#shape;
    this.#cells.fill(erasedByte, sector * sectorBytes, (sector + 1) * sectorBytes);
  }
}
