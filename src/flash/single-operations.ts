/** The methods of a `FlashDevice` that are sugar for one operation: a subclass implements how one is carried out. */
import { Claims } from "./claims.ts";
import type { FlashOp, FlashResult } from "./flash-device.ts";
import { rangeOfOp } from "./op-parts.ts";

const WHO = "a program or erase of the device";

export abstract class SingleOperations {
  readonly claims = new Claims();

  /** Carries out one operation. Throws if its result would be `failed`. */
  protected abstract one(op: FlashOp): Promise<FlashResult>;

  /** Throws for an operation that makes no sense here. */
  protected abstract check(op: FlashOp): void;

  async read(address: number, lengthBytes: number): Promise<Uint8Array> {
    const result = await this.one({ kind: "read", address, lengthBytes });
    return result.kind === "read" ? result.data : new Uint8Array();
  }

  async program(address: number, data: Uint8Array): Promise<void> {
    await this.#change({ kind: "program", address, data });
  }

  async erase(address: number, lengthBytes: number): Promise<void> {
    await this.#change({ kind: "erase", address, lengthBytes });
  }

  async #change(op: FlashOp): Promise<void> {
    this.check(op);
    this.claims.changing(rangeOfOp(op), WHO);
    await this.one(op);
  }

  async digest(address: number, lengthBytes: number): Promise<number> {
    const result = await this.one({ kind: "digest", address, lengthBytes });
    return result.kind === "digest" ? result.check : 0;
  }
}
