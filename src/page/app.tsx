/** The page: bridge and chip on top, the image with its plan, the map, and what was read. One screen, no wizard. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Brand, Button, LiveRegion, Notice, Progress, sizeText, ThemeSwitch, wholeText } from "../panel/index.ts";
import { ChipPanel } from "./chip-panel.tsx";
import { Connect } from "./connect.tsx";
import { ImagePanel } from "./image-panel.tsx";
import { LeftJobs } from "./left-jobs.tsx";
import { MapPanel } from "./map-panel.tsx";
import { Messages } from "./messages-panel.tsx";
import type { Range } from "./messages.ts";
import { RegionsPanel } from "./regions-panel.tsx";
import { type Engine, useEngine } from "./use-engine.ts";
import { useOnlyWindow } from "./only-window.ts";

export function App(): JSX.Element {
  const isOnly = useOnlyWindow();
  return (
    <>
      <header class="top">
        <Brand />
        <ThemeSwitch />
      </header>
      {isOnly === false ? (
        <main class="page">
          <h1 class="only-read">norbridge</h1>
          <Notice tone="alarm">
            norbridge is open in another window of this browser. Use that window, or close it: this page then continues
            by itself.
          </Notice>
        </main>
      ) : isOnly === undefined ? null : (
        <Workbench />
      )}
    </>
  );
}

function Workbench(): JSX.Element | null {
  const engine = useEngine();
  const [selection, setSelection] = useState<Range>();
  useKeys(engine);
  useLeaving(engine?.busy);
  if (engine === undefined) return null;
  const { state } = engine.view;
  return (
    <main class="page">
      <h1 class="only-read">norbridge</h1>
      <Connect engine={engine} />
      <Result engine={engine} />
      <LeftJobs engine={engine} />
      {state.chip === undefined ? null : (
        <div class="bench">
          <ChipPanel engine={engine} chip={state.chip} />
          <ImagePanel engine={engine} chip={state.chip} selection={selection} />
          <MapPanel engine={engine} chip={state.chip} selection={selection} onSelect={setSelection} />
          <RegionsPanel engine={engine} />
        </div>
      )}
      <Messages engine={engine} />
    </main>
  );
}

/** What is in progress, and what the last action came to. */
function Result({ engine }: { readonly engine: Engine }): JSX.Element {
  const { outcome, busy, view } = engine;
  const { job } = view.state;
  const percent =
    job === undefined || job.totalBytes === 0 ? 0 : Math.floor((10 * job.doneBytes) / job.totalBytes) * 10;
  const progress =
    job === undefined ? "" : `${job.phase} ${wholeText(job.doneBytes)} of ${wholeText(job.totalBytes)} bytes`;
  return (
    <section class="result" aria-label="Progress and result">
      {busy !== undefined && job !== undefined ? (
        <div class="working">
          <Progress label={job.what} done={job.doneBytes} total={job.totalBytes} text={progress} />
          <Button kind="danger" keyName="Escape" onPress={() => engine.cancel()}>
            Cancel
          </Button>
        </div>
      ) : null}
      {outcome?.kind === "done" ? <Notice tone="pass">{outcome.text}</Notice> : null}
      {outcome?.kind === "failed" ? (
        <Notice tone="fail">
          <strong>{outcome.failure.message}</strong> <code>{outcome.failure.code}</code>
          <br />
          {outcome.failure.hint}
        </Notice>
      ) : null}
      <LiveRegion
        text={job === undefined || busy === undefined ? "" : `${job.what}, ${job.phase}, ${percent} percent`}
      />
    </section>
  );
}

/** Escape cancels; every other key is on its button. */
function useKeys(engine: Engine | undefined): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === "Escape" && engine?.busy !== undefined) engine.cancel();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [engine]);
}

const CHANGING: readonly string[] = ["write", "erase", "resume", "undo"];

/** Asks before the page is left in the middle of a change. */
function useLeaving(busy: string | undefined): void {
  useEffect(() => {
    if (busy === undefined || !CHANGING.includes(busy)) return undefined;
    const onLeave = (event: BeforeUnloadEvent): void => event.preventDefault();
    addEventListener("beforeunload", onLeave);
    return () => removeEventListener("beforeunload", onLeave);
  }, [busy]);
}

export { sizeText };
