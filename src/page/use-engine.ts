/** The engine of the page as a hook: its view, and one action at a time with what came of it. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { CommandError, EngineClient, type View } from "./client.ts";
import type { Answers, Command, Failure } from "./messages.ts";

/** What the last action came to. */
export type Outcome =
  | { readonly kind: "done"; readonly text: string }
  | { readonly kind: "failed"; readonly failure: Failure };

export interface Engine {
  readonly view: View;
  readonly outcome: Outcome | undefined;
  /** What is in progress; undefined if nothing is. */
  readonly busy: string | undefined;
  /** Runs a command; `then` returns the sentence that reports it. Undefined if it failed: that is shown. */
  act<K extends keyof Answers>(
    command: Extract<Command, { readonly kind: K }>,
    then?: (answer: Answers[K]) => string,
  ): Promise<Answers[K] | undefined>;
  cancel(): void;
  /** Shows an error of the page itself. */
  refuse(message: string, hint: string): void;
}

export function useEngine(): Engine | undefined {
  const [view, setView] = useState<View>();
  const [outcome, setOutcome] = useState<Outcome>();
  const [busy, setBusy] = useState<string>();
  const client = useRef<EngineClient>();
  useEffect(() => {
    client.current = new EngineClient(setView);
  }, []);
  return useMemo(() => {
    const { current } = client;
    if (view === undefined || current === undefined) return undefined;
    return {
      ...{ view, outcome, busy },
      async act(command, then) {
        setBusy(command.kind);
        setOutcome(undefined);
        try {
          const answer = await current.run(command);
          const text = then?.(answer);
          if (text !== undefined) setOutcome({ kind: "done", text });
          return answer;
        } catch (error) {
          setOutcome({ kind: "failed", failure: failureIn(error) });
          return undefined;
        } finally {
          setBusy(undefined);
        }
      },
      cancel: () => current.cancel(),
      refuse: (message, hint) =>
        setOutcome({ kind: "failed", failure: { code: "USAGE", message, hint, changed: false } }),
    };
  }, [view, outcome, busy]);
}

function failureIn(error: unknown): Failure {
  if (error instanceof CommandError) return error.failure;
  const message = error instanceof Error ? error.message : String(error);
  return { code: "BUG", message, hint: "Load the page again.", changed: false };
}
