/** The records of a log as a plot and a table. */
import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { Choice, type Column, momentText, Notice, Plot, type PlotProps, Table, wholeText } from "../panel/index.ts";
import type { StationLink } from "./link.ts";
import type { LogRecords, UnitLog } from "./records.ts";
import { useAnswer } from "./use-answer.ts";

type Row = LogRecords["rows"][number];

export function LogView({ link, log }: { readonly link: StationLink; readonly log: UnitLog }): JSX.Element {
  const answer = useAnswer<LogRecords>(link, `log?extraction=${encodeURIComponent(log.extraction)}`);
  switch (answer.kind) {
    case "waiting":
      return <Notice tone="work">Reading the log.</Notice>;
    case "failed":
      return <Notice tone="fail">{answer.sentence}</Notice>;
    case "here":
      return <Records name={log.name} records={answer.value} />;
  }
}

function Records({ name, records }: { readonly name: string; readonly records: LogRecords }): JSX.Element {
  const plotted = records.columns.flatMap((column, index) =>
    column.isNumber && index !== records.time ? [{ ...column, index }] : [],
  );
  const [chosen, setChosen] = useState(plotted[0]?.name ?? "");
  const plot = useMemo(() => plotOf(name, records, chosen), [name, records, chosen]);
  const columns = records.columns.map(
    ({ name: title, isNumber }, index): Column<Row> => ({
      name: title,
      isRight: isNumber,
      cell: (row) => cellText(row[index], index === records.time),
    }),
  );
  return (
    <>
      {plotted.length > 1 ? (
        <Choice
          label="What is drawn"
          value={chosen}
          options={plotted.map((column) => ({ value: column.name, word: column.name }))}
          onChoose={setChosen}
        />
      ) : null}
      {plot === undefined ? null : <Plot {...plot} />}
      <Table
        caption={`Records of ${name}`}
        empty="The log holds no record."
        rows={records.rows}
        rowKey={(_, index) => index}
        columns={columns}
      />
      {records.left === 0 ? null : (
        <p class="plot-summary">{`${wholeText(records.left)} more records are in the exported file.`}</p>
      )}
    </>
  );
}

/** The chosen column over time, or over the number of the record. */
function plotOf(name: string, { columns, rows, time }: LogRecords, chosen: string): PlotProps | undefined {
  const index = columns.findIndex((column) => column.name === chosen);
  if (index < 0 || rows.length < 2) return undefined;
  const points = rows
    .map((row, at) => ({ x: time === undefined ? at : Number(row[time]), y: numberOf(row[index]) }))
    .filter(({ x }) => Number.isFinite(x))
    .toSorted((a, b) => a.x - b.x);
  return {
    title: `${name}, ${chosen}`,
    x: points.map(({ x }) => x),
    xName: time === undefined ? "record" : (columns[time]?.name ?? "time"),
    isTime: time !== undefined,
    series: [{ name: chosen, values: points.map(({ y }) => y) }],
  };
}

/** Most of the digits of a number; all of them are in the exported file. */
function cellText(value: Row[number] | undefined, isTime: boolean): string {
  if (typeof value !== "number") return String(value ?? "");
  if (isTime) return momentText(value * 1000);
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(9)));
}

function numberOf(value: Row[number] | undefined): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}
