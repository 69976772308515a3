/** What is on the chip: logs, stores, file systems and images, as `norbridge regions` recognises them. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Button, hexText, Panel, Plot, sizeText, Table } from "../panel/index.ts";
import { busyRefusal } from "./connect.tsx";
import { csvText, jsonLines } from "./csv.ts";
import type { Records, RegionFacts } from "./messages.ts";
import { saveFile } from "./save-file.ts";
import type { Engine } from "./use-engine.ts";

const READABLE: readonly string[] = ["fcb", "px-log-fs", "nvs", "zms"];

export function RegionsPanel({ engine }: { readonly engine: Engine }): JSX.Element {
  const [regions, setRegions] = useState<readonly RegionFacts[]>();
  const [records, setRecords] = useState<Records>();
  const look = async (): Promise<void> => {
    const found = await engine.act({ kind: "regions" }, (all) => `${all.length} regions were recognised.`);
    if (found !== undefined) setRegions(found);
  };
  const read = async (region: RegionFacts): Promise<void> => {
    const { address, lengthBytes, layout } = region;
    const found = await engine.act(
      { kind: "records", region: { address, lengthBytes }, layout },
      ({ rows }) => `${rows.length} rows.`,
    );
    if (found !== undefined) setRecords(found);
  };
  return (
    <Panel title="Logs, settings and images">
      <div class="row">
        <Button onPress={() => void look()} refusal={busyRefusal(engine)}>
          Look what is on the chip
        </Button>
      </div>
      {regions === undefined ? null : (
        <Table
          caption="Regions of the chip"
          empty="Nothing was recognised."
          rows={regions}
          rowKey={({ address, layout }) => `${layout}${address}`}
          columns={[
            { name: "From", isMono: true, cell: ({ address }) => hexText(address) },
            { name: "Size", isRight: true, cell: ({ lengthBytes }) => sizeText(lengthBytes) },
            { name: "What", cell: ({ layout, content }) => (content === undefined ? layout : `${layout}, ${content}`) },
            { name: "Certainty", cell: ({ certainty }) => certainty },
            { name: "Evidence", isLong: true, cell: ({ why }) => why },
            {
              name: "Open",
              cell: (region) =>
                READABLE.includes(region.layout) ? (
                  <Button
                    label={`Read the ${region.layout} at ${hexText(region.address)}`}
                    onPress={() => void read(region)}
                    refusal={busyRefusal(engine)}
                  >
                    Read
                  </Button>
                ) : (
                  "-"
                ),
            },
          ]}
        />
      )}
      {records === undefined ? null : <RecordsView records={records} />}
    </Panel>
  );
}

function RecordsView({ records }: { readonly records: Records }): JSX.Element {
  const { title, columns, rows } = records;
  const bytesAt = columns.indexOf("bytes");
  const lengths = rows.map((row) => Number(row[bytesAt] ?? 0));
  return (
    <>
      <div class="row">
        <Button onPress={() => saveFile(`${title}.csv`, csvText(columns, rows))}>Save as CSV</Button>
        <Button onPress={() => saveFile(`${title}.jsonl`, jsonLines(columns, rows))}>Save as JSON lines</Button>
      </div>
      <Table
        caption={`Records of the ${title}`}
        empty="There are no records."
        rows={rows}
        rowKey={(_, index) => index}
        columns={columns.map((name, index) => ({
          name,
          isMono: name === "hex",
          isRight: name === "bytes" || name === "record",
          cell: (row: readonly (string | number | null)[]) => row[index] ?? "",
        }))}
      />
      {rows.length > 1 ? (
        <Plot
          title={`Length of the records of the ${title}`}
          x={rows.map((_, index) => index)}
          xName="record"
          series={[{ name: "bytes", values: lengths }]}
        />
      ) : null}
    </>
  );
}
