/** A recording in words: what went over the line, what the chip was asked, and what was sent again and why. */
import { FRAME_MARKER } from "../../../firmware-protocol/frame.ts";
import { fromHex } from "../../bytes.ts";
import type { Recording, RecordLine } from "../recording.ts";
import { NativeTrace } from "./native-trace.ts";
import { SerprogTrace } from "./serprog-trace.ts";
import { byteCount, bytesText, resultText } from "./step-text.ts";

/** One line of the explanation. */
export interface Explained {
  /** Microseconds since the recording began. */
  readonly us: number;
  /** Who did it: `step` is a step with its result, as the driver of the chip sees it. */
  readonly from: "host" | "bridge" | "step" | "line";
  readonly text: string;
}

/** Which lines are wanted. */
export interface ExplainOptions {
  /** Only the steps with their results, without the bytes of the line. */
  readonly stepsOnly: boolean;
}

/** Explains a recording line by line, in the order of time. Any recording gives lines; bytes that make no sense are shown. */
export function* explain({ lines }: Recording, { stepsOnly }: ExplainOptions): Generator<Explained> {
  const native = new NativeTrace();
  const serprog = new SerprogTrace();
  const speaksSerprog = lines.some((line) => line.type === "bridge" && line.info.protocol === "serprog");
  for (const line of lines) {
    if (line.type === "up" || line.type === "down") {
      if (stepsOnly) continue;
      const from = line.type === "up" ? "host" : "bridge";
      for (const text of textsOf(line)) yield { us: line.us, from, text };
    } else if (line.type === "step") {
      yield { us: line.us, from: "step", text: `${recordedStepText(line.step)} -> ${resultText(line.result)}` };
    } else {
      const text = lineText(line);
      if (text !== undefined) yield { us: line.us, from: "line", text };
    }
  }

  function textsOf({ type, data }: Extract<RecordLine, { readonly data: Uint8Array }>): string[] {
    if (!speaksSerprog) return native.bytes(type, data);
    if (type === "down") return [bytesText(data)];
    // HELLO also goes to a serprog bridge, which ignores it.
    return data[0] === FRAME_MARKER ? native.bytes(type, data) : serprog.commands(data);
  }
}

/** A step as a recording has it: "transfer 9f 3" becomes "transfer 9f, 3 bytes in". */
function recordedStepText(step: string): string {
  const [kind = "", send = "", count = ""] = step.split(" ");
  if (kind !== "transfer" && kind !== "digest") return step;
  const sent = bytesText(fromHex(send) ?? new Uint8Array());
  return `${kind} ${sent}${count === "0" ? "" : `, ${byteCount(Number(count))}${kind === "transfer" ? " in" : ""}`}`;
}

/** Undefined for what is shown elsewhere or not at all. */
function lineText(line: RecordLine): string | undefined {
  switch (line.type) {
    case "open":
      return `opened ${line.name} at ${line.baudRate} baud, bytes ${line.isChecked ? "checked" : "not checked"} on the way`;
    case "random":
    case "up":
    case "down":
    case "step":
      return undefined;
    case "baud":
      return `baud rate ${line.baudRate}: ${line.ok ? "set" : "not possible"}`;
    case "bridge":
      return `session with ${line.info.boardName}, ${line.info.protocol}, firmware ${line.info.firmwareVersion}`;
    case "clock":
      return `SPI clock: requested ${line.wishHz} Hz, set ${line.gotHz} Hz`;
    case "gone":
      return "the other side has closed the port";
    case "close":
      return "closed the port";
    case "full":
      return "the recording is full: what follows is not in it";
    case "end":
      return `the command ended with exit code ${line.exitCode}${line.code === "" ? "" : ` (${line.code})`}`;
  }
}
