/** The methods of a `FlashDevice` that are sugar for one operation: whoever extends this says how one is carried out. */
import type { FlashOp, FlashResult } from "./flash-device.ts";

export abstract class SingleOperations {
  /** Carries out one operation. Throws where its result would be `failed`. */
  protected abstract one(op: FlashOp): Promise<FlashResult>;

  async read(address: number, lengthBytes: number): Promise<Uint8Array> {
    const result = await this.one({ kind: "read", address, lengthBytes });
    return result.kind === "read" ? result.data : new Uint8Array();
  }

  async program(address: number, data: Uint8Array): Promise<void> {
    await this.one({ kind: "program", address, data });
  }

  async erase(address: number, lengthBytes: number): Promise<void> {
    await this.one({ kind: "erase", address, lengthBytes });
  }

  async digest(address: number, lengthBytes: number): Promise<number> {
    const result = await this.one({ kind: "digest", address, lengthBytes });
    return result.kind === "digest" ? result.crc32 : 0;
  }
}
