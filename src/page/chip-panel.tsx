/** The chip: what it is, what protects it, and whether the way to it is good. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Button, Facts, Panel, sizeText, Table } from "../panel/index.ts";
import { busyRefusal } from "./connect.tsx";
import type { ChipFacts, FindingFacts } from "./messages.ts";
import type { Engine } from "./use-engine.ts";

export function ChipPanel({ engine, chip }: { readonly engine: Engine; readonly chip: ChipFacts }): JSX.Element {
  const [findings, setFindings] = useState<readonly FindingFacts[]>();
  const examine = async (): Promise<void> => {
    const found = await engine.act({ kind: "doctor" }, (all) =>
      all.some(({ state }) => state === "fault" || state === "warning")
        ? "The doctor found something."
        : "All is well.",
    );
    if (found !== undefined) setFindings(found);
  };
  const clock = chip.spiClockHz === undefined ? "not reported" : `${chip.spiClockHz / 1e6} MHz`;
  return (
    <Panel title={chip.name} aside={chip.vendor}>
      <Facts
        facts={[
          ["Size", sizeText(chip.capacityBytes)],
          ["JEDEC ID", <code>{chip.jedecId}</code>],
          ["Page", sizeText(chip.pageBytes)],
          ["Erase blocks", chip.eraseSizes.map(sizeText).join(", ")],
          ["SPI clock", clock],
          ["Protection", chip.protection],
        ]}
      />
      <div class="row">
        <Button onPress={() => void examine()} refusal={busyRefusal(engine)}>
          Examine the wiring
        </Button>
      </div>
      {findings === undefined ? null : (
        <Table
          caption="What the doctor found"
          empty="Nothing was examined."
          rows={findings}
          rowKey={({ check }, index) => `${check}${index}`}
          columns={[
            { name: "Check", cell: ({ check }) => check },
            { name: "State", cell: ({ state }) => state },
            {
              name: "Evidence",
              isLong: true,
              cell: ({ evidence, fix }) => `${evidence}${fix === "" ? "" : `. ${fix}`}`,
            },
          ]}
        />
      )}
    </Panel>
  );
}
