/** One MCUboot image of a flash: its hash during the pass, and what its header, TLVs and hash prove. */
import { sameBytes } from "../../bytes.ts";
import { type HashInProgress, type HashName, newHash } from "../../hashes/hashes.ts";
import type { Certainty, ReadableRegion, RegionFinding } from "../recognise/region-finding.ts";
import { decodeTlvs, hashedBytes, type ImageHeader, MAX_TLV_BYTES, type TlvAreas } from "./format.ts";

/** Bytes of one read of an image. */
const READ_BYTES = 64 * 1024;

const HASH_TYPES: ReadonlyMap<number, HashName> = new Map([
  [0x10, "sha256"],
  [0x11, "sha384"],
  [0x12, "sha512"],
]);

/** An image whose SHA-256 is made of the blocks of the pass, so that it is not read twice. */
export class HashingImage {
  readonly place: number;
  readonly header: ImageHeader;
  /** Place after the last byte that the hash covers. */
  readonly end: number;
  readonly #hash: HashInProgress | undefined;
  #next: number;

  /** `hashes`: whether the hash is to be made during the pass. */
  constructor(place: number, header: ImageHeader, hashes: boolean) {
    this.place = place;
    this.header = header;
    this.end = place + hashedBytes(header);
    this.#next = place;
    this.#hash = hashes ? newHash("sha256") : undefined;
  }

  /** Whether it still takes bytes at this place. */
  isHashing(place: number): boolean {
    return this.#hash !== undefined && place < this.end;
  }

  /** Takes what it needs of the bytes at `start`; bytes that it has are left out. */
  take(start: number, bytes: Uint8Array): void {
    const from = this.#next - start;
    const to = Math.min(bytes.length, this.end - start);
    if (this.#hash === undefined || from < 0 || from >= to) return;
    this.#hash.update(bytes.subarray(from, to));
    this.#next = start + to;
  }

  /** The SHA-256, once; undefined if not all bytes came by. */
  sha256(): Uint8Array | undefined {
    return this.#hash === undefined || this.#next < this.end ? undefined : this.#hash.digest();
  }
}

/** What the flash proves of an image, and how many bytes were read to hash it: at most `mostBytes`. */
export async function imageFinding(
  region: ReadableRegion,
  image: HashingImage,
  mostBytes: number,
): Promise<{ readonly finding: RegionFinding; readonly readBytes: number }> {
  const { place, header, end } = image;
  const bodyEnd = place + header.headerBytes + header.imageBytes;
  const tlvBytes = Math.min(header.protectedBytes + MAX_TLV_BYTES, region.lengthBytes - bodyEnd);
  const areas = tlvBytes < 4 ? undefined : decodeTlvs(await region.read(bodyEnd, tlvBytes), header.protectedBytes);
  const lengthBytes = Math.min(areas === undefined ? end : bodyEnd + areas.lengthBytes, region.lengthBytes) - place;
  if (areas === undefined) {
    const why =
      tlvBytes < 4
        ? "but the image would end after the region"
        : "but no valid TLVs at its end: incomplete, or a swap is in progress";
    return { finding: findingOf(image, lengthBytes, "possible", `header, ${why}`, {}), readBytes: 0 };
  }
  const wanted = wantedHash(areas);
  if (wanted === undefined) {
    const finding = findingOf(image, lengthBytes, "likely", "header and TLVs fit together; no hash to check", {});
    return { finding, readBytes: 0 };
  }
  const { actual, readBytes } = await actualHash(region, image, wanted.name, mostBytes);
  const isHashValid = actual !== undefined && sameBytes(actual, wanted.value);
  const { certainty, why } = verdict(wanted.name, header, actual !== undefined, isHashValid);
  const isChecked = actual !== undefined && (isHashValid || !header.isEncrypted);
  return {
    finding: findingOf(image, lengthBytes, certainty, why, isChecked ? { isHashValid } : {}),
    readBytes,
  };
}

function wantedHash({ tlvs }: TlvAreas): { readonly name: HashName; readonly value: Uint8Array } | undefined {
  for (const { type, value } of tlvs) {
    const name = HASH_TYPES.get(type);
    if (name !== undefined) return { name, value };
  }
  return undefined;
}

async function actualHash(
  region: ReadableRegion,
  image: HashingImage,
  name: HashName,
  mostBytes: number,
): Promise<{ readonly actual: Uint8Array | undefined; readonly readBytes: number }> {
  const ready = name === "sha256" ? image.sha256() : undefined;
  if (ready !== undefined) return { actual: ready, readBytes: 0 };
  const { place, end } = image;
  if (end > region.lengthBytes || end - place > mostBytes) return { actual: undefined, readBytes: 0 };
  const hash = newHash(name);
  for (let at = place; at < end; at += READ_BYTES) hash.update(await region.read(at, Math.min(READ_BYTES, end - at)));
  return { actual: hash.digest(), readBytes: end - place };
}

function verdict(
  name: HashName,
  header: ImageHeader,
  isHashed: boolean,
  isHashValid: boolean,
): { readonly certainty: Certainty; readonly why: string } {
  const hash = name.replace("sha", "SHA-");
  if (isHashValid) {
    const note = header.isEncrypted ? ", so it is decrypted" : "";
    return { certainty: "certain", why: `${hash} of ${hashedBytes(header)} bytes matches${note}` };
  }
  if (header.isEncrypted) return { certainty: "likely", why: `encrypted: ${hash} cannot be checked without the key` };
  if (!isHashed) return { certainty: "likely", why: `header and TLVs fit together; ${hash} was not checked` };
  return { certainty: "likely", why: `${hash} does not match: damaged, or a swap is in progress` };
}

function findingOf(
  { place, header }: HashingImage,
  lengthBytes: number,
  certainty: Certainty,
  why: string,
  checked: Readonly<Record<string, boolean>>,
): RegionFinding {
  const { version, headerBytes, imageBytes, isEncrypted, isBootable, loadAddress } = header;
  return {
    layout: "mcuboot-image",
    offset: place,
    lengthBytes,
    certainty,
    why: `version ${version}, ${why}`,
    // The hash covers every byte.
    proofs: certainty === "certain" ? lengthBytes : undefined,
    facts: {
      version,
      headerBytes,
      imageBytes,
      ...checked,
      isEncrypted: isEncrypted ? true : undefined,
      isBootable: isBootable ? undefined : false,
      loadAddress,
    },
  };
}
