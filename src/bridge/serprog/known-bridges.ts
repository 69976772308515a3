/**
 * Serprog firmwares that exist and where each departs from the protocol: one rule a quirk, with its source. A bridge
 * that is not here is treated with care and may prove in a trial that it can do more (link-trial.ts).
 */

/** What a bridge reports of itself; how one firmware is distinguished from another. */
export interface SelfDescription {
  /** Undefined if it does not know the question. */
  readonly name: string | undefined;
  readonly serialBufferBytes: number | undefined;
}

/** A quirk by name. */
export type BridgeRule =
  /** The next command only when the last is answered. */
  | { readonly kind: "one-at-a-time"; readonly because: string }
  /** Opcode and parameters in packets of their own; and one command at a time. */
  | { readonly kind: "opcode-alone"; readonly because: string }
  /** It takes commands in a row. */
  | { readonly kind: "pipelines"; readonly because: string }
  | { readonly kind: "receive-at-most"; readonly bytes: number; readonly because: string }
  /** The map promises the command, the firmware stops at it. */
  | { readonly kind: "pins-stay"; readonly because: string }
  /** It returns the requested clock, not the real one. */
  | { readonly kind: "returns-requested-clock"; readonly because: string }
  /** With a USB converter or without: its own line is a UART, and the bytes on it are not checked. */
  | { readonly kind: "uart-inside"; readonly because: string };

export interface KnownBridge {
  /** What people call it. */
  readonly firmware: string;
  /** Repository, file and commit that the rules were read in. */
  readonly source: string;
  matches(description: SelfDescription): boolean;
  readonly rules: readonly BridgeRule[];
}

const named = (name: string) => (description: SelfDescription) => description.name === name;

/** In the order of looking: if two share a name, the one that is distinguished by more comes first. */
export const KNOWN_BRIDGES: readonly KnownBridge[] = [
  {
    firmware: "frser-duino",
    source: "urjaman/frser-duino@437be18, urjaman/libfrser@a628f19",
    matches: ({ name }) => name === "frser-duino" || name === "serprog-duino",
    rules: [
      { kind: "uart-inside", because: "an ATmega328P on a UART; bytes have no checksum" },
      { kind: "pipelines", because: "an interrupt fills its ring of 1020 bytes while it works" },
    ],
  },
  {
    firmware: "stm32-serprog-rs",
    source: "nankeen/stm32-serprog-rs@8053274 (constants.rs), @0bdc015 (serprog.rs)",
    // It carries the name of the other, which announces FFFF.
    matches: ({ name, serialBufferBytes }) => name === "stm32-vserprog" && serialBufferBytes === 1024,
    rules: [
      { kind: "receive-at-most", bytes: 128, because: "its receive buffer has 128 bytes and is not checked" },
      { kind: "pins-stay", because: "S_PIN_STATE is in its map and panics" },
      { kind: "returns-requested-clock", because: "it returns the requested clock for S_SPI_FREQ" },
    ],
  },
  {
    firmware: "stm32-vserprog",
    source: "dword1511/stm32-vserprog@18fd0c0 (vserprog.c)",
    matches: named("stm32-vserprog"),
    rules: [
      {
        kind: "one-at-a-time",
        because: "the rest of the packet that ends an operation's data goes to the chip, and then it hangs",
      },
    ],
  },
  {
    firmware: "pico-serprog",
    source: "stacksmashing/pico-serprog@7ecb67d, kukrimate line (main.c)",
    matches: named("pico-serprog"),
    rules: [{ kind: "pipelines", because: "it reads byte by byte, with the flow control of USB" }],
  },
  {
    firmware: "serprog_pico (jhbdream)",
    source: "jhbdream/serprog_pico@bd2f2d6 (serprog.c)",
    matches: named("pico serprog"),
    rules: [{ kind: "pipelines", because: "it reads what it needs, with the flow control of USB" }],
  },
  {
    firmware: "picoprog",
    source: "9elements/picoprog@45a6651 (src/serprog.rs)",
    matches: named("Picoprog"),
    rules: [{ kind: "opcode-alone", because: "the opcode is taken from one packet, the parameters from the next" }],
  },
  {
    firmware: "esp32-serprog",
    source: "thisiseth/esp32-serprog@36b639a (main.c)",
    matches: named("esp32-serprog"),
    rules: [
      {
        kind: "pipelines",
        because: "it reads a stream; but it sleeps one tick per command, which makes round trips slow",
      },
    ],
  },
];

/** What is known of a bridge with these answers; undefined for an unknown one. */
export function knownBridge(
  description: SelfDescription,
  bridges: readonly KnownBridge[] = KNOWN_BRIDGES,
): KnownBridge | undefined {
  return bridges.find((known) => known.matches(description));
}
