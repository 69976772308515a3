/** A question to the station, and its answer as it comes. */
import { useEffect, useState } from "preact/hooks";
import type { StationLink } from "./link.ts";

export type Answer<T> =
  | { readonly kind: "waiting" }
  | { readonly kind: "here"; readonly value: T }
  | { readonly kind: "failed"; readonly sentence: string };

/** Asks when `question` changes, and again when `turn` does; the last answer stays until the next is there. */
export function useAnswer<T>(link: StationLink, question: string | undefined, turn = 0): Answer<T> {
  const [answer, setAnswer] = useState<Answer<T>>({ kind: "waiting" });
  useEffect(() => {
    if (question === undefined) return undefined;
    let isOver = false;
    link.ask(question).then(
      (value) => {
        if (!isOver) setAnswer({ kind: "here", value: value as T });
      },
      (error: unknown) => {
        if (!isOver) setAnswer({ kind: "failed", sentence: error instanceof Error ? error.message : String(error) });
      },
    );
    return () => {
      isOver = true;
    };
  }, [link, question, turn]);
  return answer;
}
