/** Colour where the output wants it. */
import { styleText } from "node:util";
import type { TextOutput } from "../program/cli-io.ts";

export type Paint = "red" | "green" | "yellow" | "cyan" | "blue" | "magenta" | "dim" | "bold";

/** `text` in a colour, or as it is where the output shows none. */
export function paint(output: Pick<TextOutput, "colour">, colour: Paint, text: string): string {
  // The output has already asked its terminal and NO_COLOR; styleText would ask the wrong stream.
  return output.colour ? styleText(colour, text, { validateStream: false }) : text;
}
