/** The page: its places, the connection, and what is above every place. */
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { Brand, Button, clockText, Dialog, every, Notice, TextField, ThemeSwitch } from "../panel/index.ts";
import { type StationEvent, type StationState, stationStateAfter } from "../station/events.ts";
import { type LinkStatus, StationLink } from "./link.ts";
import { Operator } from "./operator.tsx";
import { type Place, placeOf, placeText, tokenOf } from "./place.ts";
import { ReportView } from "./report.tsx";
import type { StationView } from "./station-view.ts";
import { UnitView } from "./unit.tsx";
import { viewOf } from "./view-of.ts";

const TICK_MS = 200;

export function App(): JSX.Element {
  const { link, status, model } = useStation();
  const [place, setPlace] = usePlace();
  const [isEntering, setEntering] = useState(true);
  const view = useMemo(() => (model === undefined ? undefined : viewOf(model)), [model]);
  return (
    <div class="station">
      <Top place={place} view={view} onPlace={setPlace} />
      <main>
        <Connection status={status} />
        {status.kind === "locked" && isEntering ? <Enter link={link} onClose={() => setEntering(false)} /> : null}
        {place.kind === "operator" ? (
          <OperatorPlace link={link} view={view} isOld={status.kind !== "connected"} />
        ) : null}
        {place.kind === "report" ? <ReportView link={link} view={view} /> : null}
        {place.kind === "unit" ? (
          <UnitView link={link} serial={place.serial} onSerial={(serial) => setPlace({ kind: "unit", serial })} />
        ) : null}
      </main>
    </div>
  );
}

interface Station {
  readonly link: StationLink;
  readonly status: LinkStatus;
  readonly model: StationState | undefined;
}

function useStation(): Station {
  const [status, setStatus] = useState<LinkStatus>({ kind: "connecting" });
  const [model, setModel] = useState<StationState>();
  const link = useMemo(
    () =>
      new StationLink(
        {
          status: setStatus,
          // They come from the server of this very page, which is of the same version.
          state: (state) => setModel(state as StationState),
          change: (event) =>
            setModel((before) => (before === undefined ? undefined : stationStateAfter(before, event as StationEvent))),
        },
        tokenOf(location.hash),
      ),
    [],
  );
  useEffect(() => {
    // The token is not left in the address, where it would be read over a shoulder or kept in a bookmark.
    if (tokenOf(location.hash) !== undefined) history.replaceState(null, "", location.pathname);
    void link.start();
  }, [link]);
  return { link, status, model };
}

function usePlace(): [Place, (place: Place) => void] {
  const [place, setPlace] = useState(() => placeOf(location.hash));
  useEffect(() => {
    const follow = (): void => setPlace(placeOf(location.hash));
    window.addEventListener("hashchange", follow);
    return () => window.removeEventListener("hashchange", follow);
  }, []);
  return [
    place,
    (next) => {
      location.hash = placeText(next);
    },
  ];
}

function Top(props: {
  readonly place: Place;
  readonly view: StationView | undefined;
  readonly onPlace: (place: Place) => void;
}): JSX.Element {
  const { view, place } = props;
  return (
    <header class="top">
      <Brand>{view?.station ?? "station"}</Brand>
      <p class="recipe">{view === undefined ? "" : view.recipe}</p>
      <nav aria-label="Views">
        <Link to={{ kind: "operator" }} at={place}>
          Operator
        </Link>
        <Link to={{ kind: "report" }} at={place}>
          Supervisor
        </Link>
        <Link to={{ kind: "unit", serial: "" }} at={place}>
          Unit
        </Link>
      </nav>
      <ThemeSwitch />
    </header>
  );
}

function Link({
  to,
  at,
  children,
}: {
  readonly to: Place;
  readonly at: Place;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <a href={placeText(to)} aria-current={to.kind === at.kind ? "page" : undefined}>
      {children}
    </a>
  );
}

function Connection({ status }: { readonly status: LinkStatus }): JSX.Element | null {
  switch (status.kind) {
    case "connected":
      return null;
    case "connecting":
      return (
        <Notice tone="work" sign="work">
          Connecting to the station.
        </Notice>
      );
    case "lost":
      return (
        <Notice tone="alarm" sign="off">
          <strong>No connection to the station</strong> {`since ${clockText(status.sinceMs)}. `}
          What is shown is old: do not put in or take out a unit. The page connects again by itself. If it does not,
          look if the program still runs.
        </Notice>
      );
    case "locked":
      return (
        <Notice tone="act" sign="question">
          This station needs its token. Open the address that the program has printed.
        </Notice>
      );
  }
}

function Enter({ link, onClose }: { readonly link: StationLink; readonly onClose: () => void }): JSX.Element {
  const [token, setToken] = useState("");
  const [wrong, setWrong] = useState<string>();
  const enter = (): void => {
    void link
      .enter(token.trim())
      .then((isRight) => setWrong(isRight ? undefined : "This is not the token of the station."));
  };
  return (
    <Dialog
      title="Token of the station"
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>Not now</Button>
          <Button kind="primary" onPress={enter}>
            Open
          </Button>
        </>
      }
    >
      <TextField
        label="Token"
        type="password"
        value={token}
        onInput={setToken}
        onEnter={enter}
        wrong={wrong}
        hint="It follows # in the address that the program has printed."
      />
    </Dialog>
  );
}

function OperatorPlace(props: {
  readonly link: StationLink;
  readonly view: StationView | undefined;
  readonly isOld: boolean;
}): JSX.Element | null {
  const { link, view } = props;
  const [nowMs, setNowMs] = useState(() => link.stationMs());
  const [refusal, setRefusal] = useState<string>();
  useEffect(() => every(TICK_MS, () => setNowMs(link.stationMs())), [link]);
  if (view === undefined) return null;
  return (
    <>
      {refusal === undefined ? null : <Notice tone="fail">{refusal}</Notice>}
      <Operator
        view={view}
        nowMs={nowMs}
        isOld={props.isOld}
        onScan={(text) => link.command({ kind: "scan", text })}
        onAction={(slot, { kind }) => {
          void link.command({ kind, slot }).then(setRefusal);
        }}
      />
    </>
  );
}
