/** Whether the bytes are checked on their way to the bridge, and why that is known: for people. */
import type { BridgeInfo } from "../../bridge/bridge.ts";
import { KNOWN_BRIDGES } from "../../bridge/serprog/known-bridges.ts";
import type { PortSpec } from "../../transport/port-spec.ts";

export interface LineCheck {
  readonly isChecked: boolean;
  /** Why, in half a sentence, and what to do where it may be wrong. */
  readonly why: string;
}

export interface LineFacts {
  /** The form of the port; undefined: the one bridge that was found. */
  readonly portKind: PortSpec["kind"] | undefined;
  /** What --checked or --unchecked said; undefined: neither was given. */
  readonly said: boolean | undefined;
}

/** What is to be said of the line to this bridge. */
export function lineCheck({ protocol, firmwareVersion, isUnchecked }: BridgeInfo, facts: LineFacts): LineCheck {
  const isChecked = !isUnchecked;
  if (protocol === "native") return { isChecked, why: "every frame has a CRC" };
  if (facts.said === isChecked) return { isChecked, why: `specified by --${isChecked ? "checked" : "unchecked"}` };
  if (isChecked) return { isChecked, why: whyChecked(facts) };
  const isUartInside = KNOWN_BRIDGES.some(
    ({ firmware, rules }) => firmware === firmwareVersion && rules.some(({ kind }) => kind === "uart-inside"),
  );
  return { isChecked, why: isUartInside ? `${firmwareVersion} has a UART` : whyUnchecked(facts) };
}

function whyChecked({ portKind }: LineFacts): string {
  switch (portKind) {
    case "sim":
      return "the simulated line has no UART";
    case "replay":
      return "as recorded";
    default:
      return "USB, up to the board's processor";
  }
}

function whyUnchecked({ portKind }: LineFacts): string {
  switch (portKind) {
    case "sim":
      return "the simulated line is a UART";
    case "replay":
      return "as recorded";
    case "tcp":
      return "tcp:// may lead to a serial server; add --checked if the bridge itself is on the network";
    default:
      return "this port may have a UART; add --checked if it is the board's own USB";
  }
}
