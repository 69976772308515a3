/** What the engine reports, always there, and the report that can be sent in. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Button, Dialog, Panel } from "../panel/index.ts";
import { busyRefusal } from "./connect.tsx";
import { saveFile } from "./save-file.ts";
import type { Engine } from "./use-engine.ts";

export function Messages({ engine }: { readonly engine: Engine }): JSX.Element {
  const [isAsking, setIsAsking] = useState(false);
  const { notes, state } = engine.view;
  const save = async (): Promise<void> => {
    setIsAsking(false);
    const text = await engine.act({ kind: "report" }, (all) =>
      all === "" ? "Nothing was recorded yet: connect a bridge first." : "The report is saved.",
    );
    if (text !== undefined && text !== "") saveFile("norbridge-report.jsonl", text);
  };
  return (
    <Panel title="Messages">
      {state.noJournal === undefined ? null : <p>{state.noJournal}</p>}
      <ol class="notes" tabIndex={0} aria-label="Messages of the engine">
        {notes.map(({ id, level, text }) => (
          <li key={id}>
            {level === "detail" ? "" : <strong>{level}: </strong>}
            {text}
          </li>
        ))}
      </ol>
      {notes.length === 0 ? <p class="aside">There are no messages yet.</p> : null}
      <div class="row">
        <Button onPress={() => setIsAsking(true)} refusal={busyRefusal(engine)}>
          Save the report
        </Button>
      </div>
      {isAsking ? (
        <Dialog
          title="Save the report?"
          onClose={() => setIsAsking(false)}
          actions={
            <>
              <Button onPress={() => setIsAsking(false)}>Back</Button>
              <Button kind="primary" onPress={() => void save()}>
                Save
              </Button>
            </>
          }
        >
          It holds everything that went over the link since the bridge was connected, also bytes of the chip.
        </Dialog>
      ) : null}
    </Panel>
  );
}
