/** The bridge: connected, or how to connect one. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Button, Choice, Notice, Panel, Pill, TextField } from "../panel/index.ts";
import type { PortChoice } from "./messages.ts";
import { type PermittedPort, permittedPorts, hasWebSerial, requestPort } from "./serial-picker.ts";
import type { Engine } from "./use-engine.ts";

const DEFAULT_CHIP = "AT25SF041";
const DEFAULT_BAUD = "115200";

export function Connect({ engine }: { readonly engine: Engine }): JSX.Element {
  const { chip, link } = engine.view.state;
  if (chip !== undefined) {
    return (
      <section class="bridge" aria-label="Bridge">
        <Pill tone="pass" word="Connected" />
        <strong>{chip.bridge}</strong>
        <span>{chip.protocol}</span>
        <Button onPress={() => void engine.act({ kind: "disconnect" })} refusal={busyRefusal(engine)}>
          Disconnect
        </Button>
      </section>
    );
  }
  return (
    <Panel title="Connect a bridge" aside={link === "opening" ? "Opening..." : undefined}>
      <ConnectForm engine={engine} />
    </Panel>
  );
}

/** Why a button cannot be used now. */
export function busyRefusal({ busy }: Engine): string | undefined {
  return busy === undefined ? undefined : "Another action is in progress.";
}

function ConnectForm({ engine }: { readonly engine: Engine }): JSX.Element {
  const [chip, setChip] = useState(DEFAULT_CHIP);
  const [baud, setBaud] = useState(DEFAULT_BAUD);
  const [climbs, setClimbs] = useState<YesNo>("no");
  const [keeps, setKeeps] = useState<YesNo>("yes");
  const ports = usePorts();
  const connect = (port: PortChoice): void => {
    void engine.act(
      { kind: "connect", port, keepOld: keeps === "yes", unprotect: false },
      () => "The chip is identified.",
    );
  };
  const serial = ({ vendorId, productId }: PermittedPort): void => {
    const baudRate = Number(baud);
    if (!Number.isInteger(baudRate) || baudRate < 1) {
      engine.refuse(
        "the baud rate is not a whole number",
        "Enter the rate that the board is opened with, usually 115200.",
      );
      return;
    }
    connect({ kind: "serial", vendorId, productId, baudRate, climbs: climbs === "yes" });
  };
  const pick = async (): Promise<void> => {
    try {
      const port = await requestPort();
      if (port !== undefined) serial(port);
    } catch (error) {
      engine.refuse(
        "no port was chosen",
        error instanceof Error ? error.message : "Choose a port in the window of the browser.",
      );
    }
  };
  return (
    <div class="connect">
      <div class="ways">
        {hasWebSerial() ? (
          <Button kind="primary" onPress={() => void pick()} refusal={busyRefusal(engine)}>
            Choose a serial port
          </Button>
        ) : null}
        {ports.map((port) => (
          <Button key={port.name} onPress={() => serial(port)} refusal={busyRefusal(engine)}>
            {port.name}
          </Button>
        ))}
        <Button
          kind={hasWebSerial() ? "plain" : "primary"}
          onPress={() => connect({ kind: "simulator", chip })}
          refusal={busyRefusal(engine)}
        >
          Try the simulator
        </Button>
      </div>
      {hasWebSerial() ? null : <NoWebSerial />}
      <Options {...{ engine, chip, setChip, baud, setBaud, climbs, setClimbs, keeps, setKeeps }} />
    </div>
  );
}

function NoWebSerial(): JSX.Element {
  return (
    <Notice tone="rest">
      This browser has no Web Serial. Chrome, Edge and Firefox on a computer have it; the simulator works everywhere.
    </Notice>
  );
}

interface OptionsProps {
  readonly engine: Engine;
  readonly chip: string;
  readonly setChip: (chip: string) => void;
  readonly baud: string;
  readonly setBaud: (baud: string) => void;
  readonly climbs: YesNo;
  readonly setClimbs: (climbs: YesNo) => void;
  readonly keeps: YesNo;
  readonly setKeeps: (keeps: YesNo) => void;
}

function Options(props: OptionsProps): JSX.Element {
  return (
    <details>
      <summary>Options</summary>
      <div class="fields">
        <div class="field">
          <label for="chip">Chip of the simulator</label>
          <select
            id="chip"
            class="input"
            value={props.chip}
            onChange={(event) => props.setChip(event.currentTarget.value)}
          >
            {props.engine.view.chips.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </div>
        <TextField label="Baud rate at the start" value={props.baud} onInput={props.setBaud} isMono={true} />
        <Labelled text="Keep the old content, so that a job can be undone">
          <Choice label="Keep the old content" value={props.keeps} options={YES_NO} onChoose={props.setKeeps} />
        </Labelled>
        <Labelled text="Raise the baud rate (not for boards that restart when they are opened)">
          <Choice label="Raise the baud rate" value={props.climbs} options={YES_NO} onChoose={props.setClimbs} />
        </Labelled>
      </div>
    </details>
  );
}

type YesNo = "yes" | "no";
const YES_NO = [
  { value: "yes", word: "Yes" },
  { value: "no", word: "No" },
] as const;

function Labelled({ text, children }: { readonly text: string; readonly children: JSX.Element }): JSX.Element {
  return (
    <div class="field">
      <span>{text}</span>
      {children}
    </div>
  );
}

/** Ports that the user permitted earlier: one press opens them. */
function usePorts(): readonly PermittedPort[] {
  const [ports, setPorts] = useState<readonly PermittedPort[]>([]);
  useEffect(() => permittedPorts(setPorts), []);
  return ports;
}
