/** Jobs that were interrupted, and jobs that can be undone. */
import type { JSX } from "preact";
import { Button, Panel } from "../panel/index.ts";
import { busyRefusal } from "./connect.tsx";
import type { LeftView } from "./messages.ts";
import type { Engine } from "./use-engine.ts";

export function LeftJobs({ engine }: { readonly engine: Engine }): JSX.Element | null {
  const { jobs } = engine.view.state;
  if (jobs.length === 0) return null;
  return (
    <Panel title="Jobs" aside={jobs.some(({ canResume }) => canResume) ? "A job was interrupted." : undefined}>
      <ul class="jobs">
        {jobs.map((job) => (
          <Job key={job.id} job={job} engine={engine} />
        ))}
      </ul>
    </Panel>
  );
}

function Job({ job, engine }: { readonly job: LeftView; readonly engine: Engine }): JSX.Element {
  const isOpen = engine.view.state.chip !== undefined;
  const refusal = busyRefusal(engine) ?? (isOpen ? undefined : "Connect the bridge with its chip first.");
  return (
    <li>
      <span>
        <strong>{job.state}</strong>: {job.text}
      </span>
      <span class="row">
        {job.canResume ? (
          <Button
            kind="primary"
            refusal={refusal}
            label={`Resume ${job.text}`}
            onPress={() => void engine.act({ kind: "resume", id: job.id }, () => "The job is completed and verified.")}
          >
            Resume
          </Button>
        ) : null}
        {job.canUndo ? (
          <Button
            refusal={refusal}
            label={`Take back ${job.text}`}
            onPress={() => void engine.act({ kind: "undo", id: job.id }, () => "The old content is restored.")}
          >
            Take back
          </Button>
        ) : null}
        <Button
          kind="quiet"
          refusal={busyRefusal(engine)}
          label={`Discard the journal of ${job.text}`}
          onPress={() => void engine.act({ kind: "discard", id: job.id }, () => "The journal is removed.")}
        >
          Discard
        </Button>
      </span>
    </li>
  );
}
