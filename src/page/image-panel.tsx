/** The image: files, their place, the plan before anything changes, and the jobs. */
import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import {
  Button,
  Choice,
  Dialog,
  durationText,
  hexText,
  Panel,
  sizeText,
  TextField,
  wholeText,
} from "../panel/index.ts";
import { addressIn } from "./addresses.ts";
import { busyRefusal } from "./connect.tsx";
import type { ChipFacts, DroppedFile, ImageFacts, PlanFacts, Range } from "./messages.ts";
import { saveFile } from "./save-file.ts";
import type { Engine } from "./use-engine.ts";

interface Props {
  readonly engine: Engine;
  readonly chip: ChipFacts;
  readonly selection: Range | undefined;
}

interface Opened {
  readonly image: ImageFacts;
  readonly plan: PlanFacts | undefined;
}

export function ImagePanel({ engine, chip, selection }: Props): JSX.Element {
  const [files, setFiles] = useState<readonly DroppedFile[]>([]);
  const [places, setPlaces] = useState<readonly string[]>([]);
  const [opened, setOpened] = useState<Opened>();
  const open = async (next: readonly DroppedFile[], at: readonly string[]): Promise<void> => {
    setFiles(next);
    setPlaces(at);
    setOpened(undefined);
    const placed: DroppedFile[] = [];
    for (const [index, file] of next.entries()) {
      const place = addressIn(at[index] ?? "");
      if (place === "wrong") {
        engine.refuse("an address is not a number", "Enter it as 0x1000 or 4096, or leave it empty.");
        return;
      }
      placed.push({ ...file, place });
    }
    const image = await engine.act({ kind: "image", files: placed, offset: 0 });
    if (image === undefined) return;
    setOpened({ image, plan: undefined });
    const plan = await engine.act({ kind: "plan" });
    if (plan !== undefined) setOpened({ image, plan });
  };
  return (
    <Panel
      title="Image"
      aside={files.length === 0 ? undefined : `${files.length} ${files.length === 1 ? "file" : "files"}`}
    >
      <DropZone
        onFiles={(dropped) =>
          void open(
            dropped,
            dropped.map(() => ""),
          )
        }
      />
      {files.map(({ name, bytes }, index) => (
        <div class="placed" key={`${name}${index}`}>
          <span>
            {name}, {sizeText(bytes.length)}
          </span>
          <TextField
            label={`Address of ${name}`}
            value={places[index] ?? ""}
            placeholder="as in the file"
            isMono={true}
            onInput={(text) => setPlaces(places.map((place, at) => (at === index ? text : place)))}
            onEnter={() => void open(files, places)}
          />
        </div>
      ))}
      {opened === undefined ? null : <Plan opened={opened} onPlan={() => void open(files, places)} engine={engine} />}
      <Jobs engine={engine} chip={chip} selection={selection} hasImage={opened !== undefined} />
    </Panel>
  );
}

function DropZone({ onFiles }: { readonly onFiles: (files: readonly DroppedFile[]) => void }): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setIsOver] = useState(false);
  const take = async (list: FileList | null | undefined): Promise<void> => {
    const files = await Promise.all(
      [...(list ?? [])].map(async (file) => ({
        name: file.name,
        bytes: new Uint8Array(await file.arrayBuffer()),
        place: undefined,
      })),
    );
    if (files.length > 0) onFiles(files);
  };
  return (
    <div
      class={isOver ? "drop over" : "drop"}
      onDragOver={(event) => {
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setIsOver(false);
        void take(event.dataTransfer?.files);
      }}
    >
      <p>Drop files here: raw, Intel HEX, S-record, UF2 or ELF.</p>
      <Button onPress={() => input.current?.click()}>Choose files</Button>
      <input
        ref={input}
        class="only-read"
        type="file"
        multiple={true}
        tabIndex={-1}
        aria-label="Image files"
        onChange={(event) => {
          void take(event.currentTarget.files);
          // A file that was built again and is chosen again is a change too.
          event.currentTarget.value = "";
        }}
      />
    </div>
  );
}

/** What a write would do. Nothing is changed by looking. */
function Plan(props: { readonly opened: Opened; readonly onPlan: () => void; readonly engine: Engine }): JSX.Element {
  const { image, plan } = props.opened;
  return (
    <div class="plan">
      <ul>
        {image.ranges.slice(0, 20).map(({ address, lengthBytes }) => (
          <li key={address}>
            <code>
              {hexText(address)} to {hexText(address + lengthBytes - 1)}
            </code>
            , {sizeText(lengthBytes)}
          </li>
        ))}
        {image.ranges.length > 20 ? <li>and {wholeText(image.ranges.length - 20)} more ranges</li> : null}
      </ul>
      {image.notes.map((note) => (
        <p key={note}>{note}</p>
      ))}
      {plan === undefined ? null : (
        <p>
          <strong>Plan: </strong>
          {plan.programBytes === 0 && plan.eraseBlocks === 0
            ? "the chip holds the image already."
            : `erase ${wholeText(plan.eraseBlocks)} blocks (${sizeText(plan.eraseBytes)}), program ${wholeText(plan.programBytes)} bytes, keep ${wholeText(plan.keptBytes)} bytes around them; ${wholeText(plan.sameBytes)} bytes are the same. About ${durationText(plan.estimateMs)}.`}
        </p>
      )}
      <Button kind="quiet" onPress={props.onPlan} refusal={busyRefusal(props.engine)}>
        Plan again
      </Button>
    </div>
  );
}

const FORMATS = [
  { value: "bin", word: "Raw" },
  { value: "hex", word: "HEX" },
  { value: "srec", word: "S-record" },
  { value: "uf2", word: "UF2" },
] as const;

function Jobs({ engine, chip, selection, hasImage }: Props & { readonly hasImage: boolean }): JSX.Element {
  const [format, setFormat] = useState<"bin" | "hex" | "srec" | "uf2">("bin");
  const [isAsking, setIsAsking] = useState(false);
  const refusal = busyRefusal(engine);
  const noImage = refusal ?? (hasImage ? undefined : "Drop a file first.");
  const where =
    selection === undefined ? "the whole chip" : `${hexText(selection.address)}, ${sizeText(selection.lengthBytes)}`;
  const read = async (): Promise<void> => {
    const file = await engine.act({ kind: "read", range: selection, format }, ({ name }) => `Read into ${name}.`);
    if (file !== undefined) saveFile(file.name, file.file);
  };
  const erase = (): void => {
    setIsAsking(false);
    void engine.act({ kind: "erase", range: selection ?? "all" }, () => `Erased ${where}.`);
  };
  return (
    <>
      <div class="row">
        <Button kind="primary" refusal={noImage} onPress={() => void engine.act({ kind: "write" }, writtenText)}>
          Write
        </Button>
        <Button refusal={noImage} onPress={() => void engine.act({ kind: "verify" }, verifiedText)}>
          Verify
        </Button>
        <Button refusal={noImage} onPress={() => void engine.act({ kind: "compare" }, comparedText)}>
          Compare
        </Button>
      </div>
      <div class="row">
        <Choice label="Format of the file" value={format} options={FORMATS} onChoose={setFormat} />
        <Button refusal={refusal} onPress={() => void read()}>
          Read {where}
        </Button>
        <Button kind="danger" refusal={refusal} onPress={() => setIsAsking(true)}>
          Erase {where}
        </Button>
      </div>
      {isAsking ? (
        <Dialog
          title={`Erase ${where}?`}
          onClose={() => setIsAsking(false)}
          actions={
            <>
              <Button onPress={() => setIsAsking(false)}>Keep it</Button>
              <Button kind="danger" onPress={erase}>
                Erase
              </Button>
            </>
          }
        >
          Of {chip.name}, {where} is erased. All other bytes stay.
        </Dialog>
      ) : null}
    </>
  );
}

function writtenText(report: {
  readonly writtenBytes: number;
  readonly durationMs: number;
  readonly sha256: string;
}): string {
  return `Written and verified: ${wholeText(report.writtenBytes)} bytes in ${durationText(report.durationMs)}, SHA-256 ${report.sha256}.`;
}

function verifiedText({
  equal,
  comparedBytes,
  differing,
}: {
  readonly equal: boolean;
  readonly comparedBytes: number;
  readonly differing: readonly Range[];
}): string {
  if (equal) return `The chip holds the image: ${wholeText(comparedBytes)} bytes are the same.`;
  return `The chip differs from the image in ${rangesText(differing)}.`;
}

function comparedText(differences: readonly Range[]): string {
  return differences.length === 0 ? "No byte differs." : `Bytes differ in ${rangesText(differences)}.`;
}

function rangesText(ranges: readonly Range[]): string {
  const first = ranges.slice(0, 8).map(({ address, lengthBytes }) => `${hexText(address)} (${sizeText(lengthBytes)})`);
  const more = ranges.length - first.length;
  return `${first.join(", ")}${more > 0 ? ` and ${wholeText(more)} more places` : ""}`;
}
