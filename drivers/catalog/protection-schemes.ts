/**
 * The protection schemes that the lines of `parts/` name. A line a scheme: name, rule, BP bits from BP0 on, then TB, SEC
 * and CMP. `1.5` is bit 5 of SR1, `c.3` bit 3 of the configuration register; `*` is a bit that is written once or never.
 *
 * P12, P15 and P18 have no published rule. P32 and P33 are U-Boot's, which differ from the datasheets of chips below
 * 4 MiB: neither is believed.
 */
import type { BpMap, BpRule, RegisterBit, StatusName } from "../chip-descriptor.ts";

const SCHEMES = `
P01 blocks 1.2,1.3,1.4 tb=1.5 sec=1.6 cmp=2.6
P02 blocks 1.2,1.3,1.4 tb=1.5
P03 blocks-64k 1.2,1.3,1.4 tb=1.5
P04 sixteenth 1.2,1.3,1.4 tb=1.5 sec=1.6 cmp=2.6
P05 blocks 1.2,1.3,1.4,1.5 tb=1.6 cmp=2.6
P06 blocks 1.2,1.3,1.4,1.5 tb=1.6
P07 blocks 1.2,1.3,1.4,1.5 tb=1.6 cmp=3.3
P08 blocks 1.2,1.3,1.4 tb=1.5 sec=1.6 cmp=3.4
P09 blocks 1.2,1.3,1.4,1.5 tb=c.3*
P10 blocks 1.2,1.3,1.4,1.5
P11 bit-cmp 1.2,1.3,1.4 cmp=1.5
P12 none 1.2,1.3,1.4,1.5 tb=c.3*
P13 two-blocks 1.2,1.3,1.4,1.5
P14 blocks 1.2,1.3,1.4,1.6 tb=1.5
P15 none 1.2,1.3,1.4,1.6 tb=1.5
P16 blocks 1.2,1.3
P17 blocks 1.2,1.3 tb=1.5
P18 none 1.2,1.3,1.4,1.5 tb=1.6
P19 blocks 1.2,1.3 tb=1.5 cmp=2.4
P20 blocks 1.2,1.3,1.4 tb=1.5 cmp=2.4
P21 blocks 1.2,1.3,1.4 tb=1.5 sec=1.6 cmp=2.4
P22 blocks 1.2,1.3,1.4 tb=1.5 cmp=1.6
P23 linux 1.2,1.3,1.4
P24 linux 1.2,1.3,1.4 sector=32
P25 linux 1.2,1.3,1.4 tb=1.5
P26 linux 1.2,1.3,1.4 tb=1.6
P27 linux 1.2,1.3,1.4,1.5
P28 linux 1.2,1.3,1.4,1.6 tb=1.5
P29 linux 1.2,1.3,1.4 sector=256
P30 linux 1.2,1.3,1.4,1.5 tb=1.6
P31 linux 1.2,1.3,1.4,1.5 tb=1.6 cmp=2.6
P32 none 1.2,1.3,1.4 tb=1.5
P33 none 1.2,1.3,1.4
`;

const KIB = 1024;

const RULES: readonly BpRule[] = ["blocks", "blocks-64k", "bit-cmp", "two-blocks", "sixteenth", "linux"];
const REGISTERS: ReadonlyMap<string, StatusName> = new Map([
  ["1", "SR1"],
  ["2", "SR2"],
  ["3", "SR3"],
  ["c", "CR"],
]);

/** A scheme. `map` without a rule: the bits are known, what they cover is not. */
export interface KnownScheme {
  /** Its name in the lines of `parts/`. */
  readonly name: string;
  /** Places of the bits. `rule` is undefined if none is published or it is not believed. */
  readonly bits: Omit<BpMap, "rule">;
  /** How the bits count. */
  readonly rule: BpRule | undefined;
}

/** A scheme by its name. Throws RangeError if there is none. */
export function protectionScheme(name: string): KnownScheme {
  const start = SCHEMES.indexOf(`\n${name} `);
  if (start < 0) throw new RangeError(`no protection scheme is named ${name}`);
  const [, ruleText = "", bp = "", ...others] = SCHEMES.slice(start + 1, SCHEMES.indexOf("\n", start + 1)).split(" ");
  const at = (key: string): string | undefined =>
    others.find((field) => field.startsWith(`${key}=`))?.slice(key.length + 1);
  const place = (key: string): RegisterBit | undefined => {
    const text = at(key);
    return text === undefined ? undefined : bitOf(text);
  };
  const sectorKib = at("sector");
  return {
    name,
    rule: RULES.find((rule) => rule === ruleText),
    bits: {
      bp: bp.split(",").map(bitOf),
      tb: place("tb"),
      sec: place("sec"),
      cmp: place("cmp"),
      sectorBytes: sectorKib === undefined ? undefined : Number(sectorKib) * KIB,
    },
  };
}

/** The map of a scheme. Throws RangeError if there is none with this name, or it has no rule. */
export function mapOfScheme(name: string): BpMap {
  const { bits, rule } = protectionScheme(name);
  if (rule === undefined) throw new RangeError(`no rule is known of the protection scheme ${name}`);
  return { ...bits, rule };
}

/** The names of all schemes. */
export function protectionSchemeNames(): readonly string[] {
  return SCHEMES.split("\n").flatMap((line) => (line === "" ? [] : [line.slice(0, line.indexOf(" "))]));
}

function bitOf(text: string): RegisterBit {
  const register = REGISTERS.get(text[0] ?? "");
  if (register === undefined) throw new RangeError(`no register of a protection bit: ${text}`);
  return { register, bit: Number(text[2]), isFixed: text.endsWith("*") ? (true as const) : undefined };
}
