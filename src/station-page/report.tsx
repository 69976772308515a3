/** The supervisor's view: yield, times, failures, places, numbers. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import {
  type Bar,
  Bars,
  Choice,
  clockText,
  durationText,
  every,
  Facts,
  hexText,
  isoTime,
  Notice,
  Panel,
  percentText,
  Pill,
  sizeText,
  Table,
  wallMs,
  wholeText,
} from "../panel/index.ts";
import type { StationLink } from "./link.ts";
import { FailureMap } from "./failure-map.tsx";
import type { NumberAccount, Report, Yield } from "./records.ts";
import type { StationView } from "./station-view.ts";
import { useAnswer } from "./use-answer.ts";

const AGAIN_MS = 10_000;
const HOUR_MS = 3_600_000;
type Span = "8h" | "24h" | "all";
const SPANS: readonly { readonly value: Span; readonly word: string }[] = [
  { value: "8h", word: "8 hours" },
  { value: "24h", word: "24 hours" },
  { value: "all", word: "All" },
];

export function ReportView({
  link,
  view,
}: {
  readonly link: StationLink;
  readonly view: StationView | undefined;
}): JSX.Element {
  const [span, setSpan] = useState<Span>("8h");
  const [turn, setTurn] = useState(0);
  useEffect(() => every(AGAIN_MS, () => setTurn((before) => before + 1)), []);
  const hours = span === "all" ? undefined : Number.parseInt(span, 10);
  // To the minute, so that the question does not change with each draw.
  const since = hours === undefined ? undefined : Math.floor(wallMs() / 60_000) * 60_000 - hours * HOUR_MS;
  const question = since === undefined ? "report" : `report?since=${encodeURIComponent(isoTime(since))}`;
  const answer = useAnswer<Report>(link, question, turn);
  return (
    <div class="report">
      <div class="report-head">
        <h1>{view === undefined || view.recipe === "" ? "Production" : view.recipe}</h1>
        <Choice label="Time" value={span} options={SPANS} onChoose={setSpan} />
      </div>
      {answer.kind === "failed" ? <Notice tone="fail">{answer.sentence}</Notice> : null}
      {answer.kind === "waiting" ? <Notice tone="work">Reading the records.</Notice> : null}
      {answer.kind === "here" ? <ReportPanels report={answer.value} /> : null}
    </div>
  );
}

function ReportPanels({ report }: { readonly report: Report }): JSX.Element {
  return (
    <div class="panels">
      <Panel title="Units">
        <Facts
          isBig={true}
          facts={[
            ["Done", wholeText(report.units)],
            ["Yield", percentText(report.passed, report.units)],
            ["First pass", percentText(report.firstPass, report.units)],
            ["Failed", wholeText(report.failed)],
          ]}
        />
      </Panel>
      <Panel title="Yield by hour">
        <Yields
          label="Yield by hour"
          rows={report.byHour.map((row) => ({ ...row, name: clockText(row.name).slice(0, 5) }))}
        />
      </Panel>
      <Panel title="Slots compared">
        <Yields label="Yield by slot" rows={report.bySlot} />
        <Bars
          label="Median time by slot"
          bars={report.bySlot.flatMap(({ name, medianMs }) =>
            medianMs === undefined ? [] : [timeBar(name, medianMs)],
          )}
        />
      </Panel>
      <Panel title="Yield by batch">
        <Yields label="Yield by batch" rows={report.byBatch} />
      </Panel>
      <Panel title="Where the time goes" aside="median of a unit, and the slowest">
        <Bars
          label="Parts of a unit's time"
          bars={report.times.map(({ step, medianMs, worstMs }) => ({
            ...timeBar(step, medianMs),
            text: `${durationText(medianMs)}, ${durationText(worstMs)}`,
          }))}
        />
        {report.times.length === 0 ? <p class="table-empty">No unit is done yet.</p> : null}
      </Panel>
      <Failures report={report} />
      <Numbers accounts={report.numbers} />
    </div>
  );
}

function Yields({ rows, label }: { readonly rows: readonly Yield[]; readonly label: string }): JSX.Element {
  if (rows.length === 0) return <p class="table-empty">No unit is done yet.</p>;
  const bars = rows.map(
    ({ name, passed, failed }): Bar => ({
      name,
      parts: [
        { tone: "pass", value: passed },
        { tone: "fail", value: failed },
      ],
      text: `${percentText(passed, passed + failed)}, ${wholeText(passed)} of ${wholeText(passed + failed)}`,
    }),
  );
  return <Bars label={label} bars={bars} />;
}

function timeBar(name: string, medianMs: number): Bar {
  return { name, parts: [{ tone: "work", value: medianMs }], text: durationText(medianMs) };
}

function Failures({ report }: { readonly report: Report }): JSX.Element {
  return (
    <>
      <Panel title="Failures by code">
        <Table
          caption="Failures by code"
          empty="Nothing has failed."
          rows={report.failures}
          rowKey={({ code }) => code}
          columns={[
            { name: "Code", cell: ({ code }) => <Pill tone="fail" word={code} /> },
            { name: "Units", isRight: true, cell: ({ count }) => wholeText(count) },
            { name: "For example", isLong: true, cell: ({ example }) => example },
          ]}
        />
      </Panel>
      <Panel title="Failures by address">
        {report.places.length === 0 ? null : <FailureMap places={report.places} />}
        <Table
          caption="Failures by address"
          empty="No address has failed."
          rows={report.places}
          rowKey={({ address }) => address}
          columns={[
            { name: "Address", isMono: true, cell: ({ address }) => hexText(address) },
            { name: "Size", cell: ({ lengthBytes }) => sizeText(lengthBytes) },
            { name: "Units", isRight: true, cell: ({ count }) => wholeText(count) },
          ]}
        />
      </Panel>
    </>
  );
}

function Numbers({ accounts }: { readonly accounts: readonly NumberAccount[] }): JSX.Element {
  const count = (name: string, of: (account: NumberAccount) => number) => ({
    name,
    isRight: true,
    cell: (account: NumberAccount) => wholeText(of(account)),
  });
  return (
    <Panel title="Numbers" aside="every number below the highest is accounted for">
      <Table
        caption="What became of the numbers"
        empty="This recipe takes no numbers."
        rows={accounts}
        rowKey={({ pool }) => pool}
        columns={[
          { name: "Pool", cell: ({ pool }) => pool },
          count("Issued", ({ issued }) => issued),
          count("Open", ({ open }) => open),
          count("Burned", ({ burned }) => burned),
          count("Returned", ({ returned }) => returned),
          count("Retired", ({ retired }) => retired),
          { name: "Left", isRight: true, cell: ({ left }) => left },
          {
            name: "Unexplained",
            cell: ({ unexplained }) => (
              <Pill
                tone={unexplained === 0 ? "pass" : "alarm"}
                word={unexplained === 0 ? "None" : wholeText(unexplained)}
              />
            ),
          },
        ]}
      />
    </Panel>
  );
}
