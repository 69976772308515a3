/** UF2 out. The format of a block is in uf2-block.ts. */
import { concatBytes, formatAddress } from "../bytes.ts";
import { NorbridgeError } from "../errors.ts";
import type { ImageEncoder } from "./image-encoder.ts";
import { BLOCK_BYTES, encodeBlock, FLAG } from "./uf2-block.ts";

const ENCODED_PAYLOAD_BYTES = 256;
const GIB_4 = 0x1_0000_0000;

/** What a UF2 file must know before its first block. */
export interface Uf2EncoderOptions {
  /** First address that `data` will be called with, as it stands in the file. */
  readonly address: number;
  /** All bytes that will come: each block specifies how many blocks there are. They come without gaps. */
  readonly lengthBytes: number;
  /** Default: none. */
  readonly familyId?: number | undefined;
}

/** Blocks of up to 256 bytes that end at multiples of 256. Throws EINVAL for data that differs from the options. */
export function uf2Encoder(options: Uf2EncoderOptions): ImageEncoder {
  const end = options.address + options.lengthBytes;
  if (end > GIB_4) throw invalidOutput(`UF2 cannot express addresses past 4 GiB (${formatAddress(end)})`);
  const blockCount = Math.ceil(end / ENCODED_PAYLOAD_BYTES) - Math.floor(options.address / ENCODED_PAYLOAD_BYTES);
  let nextAddress = options.address;
  let blockNumber = 0;
  let pending: Uint8Array = new Uint8Array(0);
  return {
    data(address, bytes) {
      if (address !== nextAddress || address + bytes.length > end) {
        throw invalidOutput(`UF2 data at ${formatAddress(address)} does not continue at ${formatAddress(nextAddress)}`);
      }
      nextAddress += bytes.length;
      const ready = concatBytes([pending, bytes]);
      const start = nextAddress - ready.length;
      const blocks: Uint8Array[] = [];
      let done = 0;
      while (done < ready.length) {
        const at = start + done;
        const lengthBytes = Math.min(ENCODED_PAYLOAD_BYTES - (at % ENCODED_PAYLOAD_BYTES), end - at);
        if (done + lengthBytes > ready.length) break;
        const payload = ready.subarray(done, done + lengthBytes);
        const flags = options.familyId === undefined ? 0 : FLAG.familyId;
        const numbers = { blockNumber, blockCount, familyId: options.familyId ?? 0 };
        blocks.push(encodeBlock({ flags, address: at, payload, ...numbers }));
        blockNumber++;
        done += lengthBytes;
      }
      pending = ready.slice(done);
      return joinBlocks(blocks);
    },
    end() {
      if (nextAddress !== end) throw invalidOutput(`UF2 data ends at ${formatAddress(nextAddress)}, too early`);
      return new Uint8Array(0);
    },
  };
}

/** The same for data with gaps: each block says how many there are, so all are kept until the end. */
export function sparseUf2Encoder(familyId: number | undefined): ImageEncoder {
  const blocks: { readonly address: number; readonly payload: Uint8Array }[] = [];
  return {
    data(address, bytes) {
      const end = address + bytes.length;
      if (end > GIB_4) throw invalidOutput(`UF2 cannot express addresses past 4 GiB (${formatAddress(end)})`);
      for (let done = 0; done < bytes.length; ) {
        const at = address + done;
        const lengthBytes = Math.min(ENCODED_PAYLOAD_BYTES - (at % ENCODED_PAYLOAD_BYTES), bytes.length - done);
        blocks.push({ address: at, payload: bytes.slice(done, done + lengthBytes) });
        done += lengthBytes;
      }
      return new Uint8Array(0);
    },
    end() {
      const flags = familyId === undefined ? 0 : FLAG.familyId;
      const blockCount = blocks.length;
      return joinBlocks(
        blocks.map((block, blockNumber) =>
          encodeBlock({ flags, ...block, blockNumber, blockCount, familyId: familyId ?? 0 }),
        ),
      );
    },
  };
}

function joinBlocks(blocks: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(blocks.length * BLOCK_BYTES);
  blocks.forEach((block, index) => all.set(block, index * BLOCK_BYTES));
  return all;
}

function invalidOutput(message: string): NorbridgeError {
  return new NorbridgeError("EINVAL", message, { operation: "write image", hint: "Use the format hex or bin." });
}
