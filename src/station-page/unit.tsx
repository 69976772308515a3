/** The view of a unit: what it is, the sessions that it was in, its chip, and the logs that were extracted from it. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Facts, momentText, Notice, Panel, Pill, Table, TextField, type Tone } from "../panel/index.ts";
import type { StationLink } from "./link.ts";
import { LogView } from "./log.tsx";
import type { Unit, UnitSession } from "./records.ts";
import { UnitMap } from "./unit-map.tsx";
import { useAnswer } from "./use-answer.ts";

export function UnitView(props: {
  readonly link: StationLink;
  readonly serial: string;
  readonly onSerial: (serial: string) => void;
}): JSX.Element {
  const { link, serial } = props;
  const [text, setText] = useState(serial);
  const question = serial === "" ? undefined : `units?serial=${encodeURIComponent(serial)}`;
  const answer = useAnswer<readonly Unit[]>(link, question);
  return (
    <div class="report">
      <div class="report-head">
        <h1>{serial === "" ? "Find a unit" : serial}</h1>
        <div class="find">
          <TextField
            label="Serial number"
            type="search"
            isMono={true}
            value={text}
            onInput={setText}
            onEnter={(entered) => props.onSerial(entered.trim())}
            hint="Type or scan it; Enter finds the unit."
          />
        </div>
      </div>
      {question !== undefined && answer.kind === "failed" ? <Notice tone="fail">{answer.sentence}</Notice> : null}
      {question !== undefined && answer.kind === "waiting" ? <Notice tone="work">Reading the records.</Notice> : null}
      {question !== undefined && answer.kind === "here"
        ? answer.value.map((unit) => <UnitPanels key={unit.unit} unit={unit} link={link} />)
        : null}
    </div>
  );
}

function UnitPanels({ unit, link }: { readonly unit: Unit; readonly link: StationLink }): JSX.Element {
  return (
    <>
      <div class="panels">
        <Panel title={unit.product} aside={<LastOutcome sessions={unit.sessions} />}>
          <Facts
            facts={[
              ["Serial number", <span class="mono">{unit.serial}</span>],
              ["Made", momentText(unit.madeAt)],
              ...unit.chips.map(({ jedec, uid }) => ["Chip", <span class="mono">{`${jedec} ${uid}`}</span>] as const),
              ...unit.values.map(({ name, text }) => [name, <span class="mono">{text}</span>] as const),
              ["Checksum of its image", <span class="mono small">{unit.contentSha256}</span>],
            ]}
          />
        </Panel>
        <Panel title="Numbers">
          <Table
            caption="Numbers of the unit"
            empty="The unit has no numbers."
            rows={unit.numbers}
            rowKey={({ pool, text }) => `${pool} ${text}`}
            columns={[
              { name: "For", cell: ({ name }) => name },
              { name: "Number", isMono: true, cell: ({ text }) => text },
              { name: "Pool", cell: ({ pool }) => pool },
              { name: "State", cell: ({ state }) => state },
            ]}
          />
        </Panel>
        <Panel title="Sessions">
          <Sessions sessions={unit.sessions} />
        </Panel>
        {unit.map.length === 0 ? null : (
          <Panel title="Chip">
            <UnitMap map={unit.map} />
          </Panel>
        )}
      </div>
      {unit.logs.map((log) => (
        <Panel key={log.extraction} title={log.name} aside={`read out ${momentText(log.at)}`}>
          <LogView link={link} log={log} />
        </Panel>
      ))}
    </>
  );
}

const TONES: Readonly<Record<string, Tone>> = { pass: "pass", fail: "fail", abort: "act" };
const WORDS: Readonly<Record<string, string>> = { pass: "Pass", fail: "Fail", abort: "Ended early" };

function Outcome({ outcome }: { readonly outcome: string | undefined }): JSX.Element {
  if (outcome === undefined) return <Pill tone="work" word="Open" />;
  return <Pill tone={TONES[outcome] ?? "rest"} word={WORDS[outcome] ?? outcome} />;
}

function LastOutcome({ sessions }: { readonly sessions: readonly UnitSession[] }): JSX.Element {
  return <Outcome outcome={sessions.at(-1)?.outcome} />;
}

function Sessions({ sessions }: { readonly sessions: readonly UnitSession[] }): JSX.Element {
  return (
    <Table
      caption="Sessions of the unit"
      empty="The unit was in no session."
      rows={sessions}
      rowKey={({ session }) => session}
      columns={[
        { name: "Start", cell: ({ startedAt }) => momentText(startedAt) },
        { name: "Result", cell: ({ outcome }) => <Outcome outcome={outcome} /> },
        { name: "Slot", cell: ({ slot }) => slot },
        { name: "Recipe", cell: ({ recipe, revision }) => `${recipe} ${revision}` },
        { name: "Why", isLong: true, cell: ({ reason, isRework }) => reason ?? (isRework ? "was here before" : "") },
        { name: "Operator", cell: ({ operator }) => operator },
      ]}
    />
  );
}
