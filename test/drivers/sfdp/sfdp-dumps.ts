/** Areas read from real chips, with the values a parser must produce. */
import { readFileSync } from "node:fs";

export interface SfdpDump {
  readonly jedecId: readonly string[];
  readonly scope: "full" | "bfpt-only";
  readonly hex: string;
  readonly expect: {
    readonly headers?: readonly { readonly id: string; readonly dwords: number; readonly pointer: string }[];
    readonly bfpt: {
      readonly sizeBytes: number;
      readonly addressBytes: string;
      readonly pageSize: number;
      readonly pageProgramTypUs?: number;
      readonly pageProgramMaxUs?: number;
      readonly chipEraseTypMs?: number;
      readonly eraseTypes: readonly {
        readonly type: number;
        readonly sizeBytes: number;
        readonly opcode: string;
        readonly typMs?: number;
        readonly maxMs?: number;
      }[];
    };
  };
}

const file = new URL("../../golden/sfdp/sfdp-dumps.json", import.meta.url);
const content = JSON.parse(readFileSync(file, "utf8")) as { readonly dumps: Record<string, SfdpDump> };

export const SFDP_DUMPS: readonly (readonly [string, SfdpDump])[] = Object.entries(content.dumps);

export function sfdpBytes(name: string): Uint8Array {
  return Uint8Array.from(Buffer.from(content.dumps[name]!.hex, "hex"));
}
