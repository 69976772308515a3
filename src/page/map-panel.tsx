/** The map of the chip, which lives while a job works, and the bytes of what is marked on it. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Button, ChipMap, hexText, Panel } from "../panel/index.ts";
import { busyRefusal } from "./connect.tsx";
import type { ChipFacts, Range } from "./messages.ts";
import type { Engine } from "./use-engine.ts";

/** The hex view shows so many bytes at once. */
const SHOWN_BYTES = 4096;
const ROW_BYTES = 16;

export function MapPanel(props: {
  readonly engine: Engine;
  readonly chip: ChipFacts;
  readonly selection: Range | undefined;
  readonly onSelect: (range: Range) => void;
}): JSX.Element {
  const { engine, chip, selection } = props;
  const { sectorBytes, capacityBytes } = chip;
  const [shown, setShown] = useState<{ readonly address: number; readonly bytes: Uint8Array }>();
  const show = async (): Promise<void> => {
    const address = selection?.address ?? 0;
    const lengthBytes = Math.min(selection?.lengthBytes ?? SHOWN_BYTES, SHOWN_BYTES, capacityBytes - address);
    const bytes = await engine.act({ kind: "bytes", range: { address, lengthBytes } });
    if (bytes !== undefined) setShown({ address, bytes });
  };
  return (
    <Panel title="Map" aside="Marking cells chooses what is read or erased.">
      <ChipMap
        label={`Map of ${chip.name}`}
        states={engine.view.map}
        version={engine.view.version}
        placeOf={(sector) => ({ address: sector * sectorBytes, lengthBytes: sectorBytes })}
        onSelect={(first, last) => {
          const address = first * sectorBytes;
          props.onSelect({ address, lengthBytes: Math.min(capacityBytes, (last + 1) * sectorBytes) - address });
        }}
      />
      <div class="row">
        <Button onPress={() => void show()} refusal={busyRefusal(engine)}>
          Show the bytes at {hexText(selection?.address ?? 0)}
        </Button>
      </div>
      {shown === undefined ? null : (
        <pre class="hex" tabIndex={0} aria-label={`Bytes from ${hexText(shown.address)}`}>
          {hexDump(shown.address, shown.bytes)}
        </pre>
      )}
    </Panel>
  );
}

/** Rows of address, 16 bytes, and their text. */
export function hexDump(address: number, bytes: Uint8Array): string {
  const rows: string[] = [];
  for (let at = 0; at < bytes.length; at += ROW_BYTES) {
    const row = [...bytes.subarray(at, at + ROW_BYTES)];
    const hex = row.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const text = row.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".")).join("");
    rows.push(`${(address + at).toString(16).padStart(6, "0")}  ${hex.padEnd(ROW_BYTES * 3 - 1)}  ${text}`);
  }
  return rows.join("\n");
}
