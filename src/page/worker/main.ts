/** The worker of the page: the engine runs here, so a page that is blocked never holds up a job. */
import { type FromWorker, MESSAGES_VERSION, type ToWorker } from "../messages.ts";
import { Engine } from "./engine.ts";
import { News } from "./news.ts";
import { failureOf } from "./views.ts";

const post = (message: FromWorker): void => postMessage(message);
const news = new News(post);
const engine = new Engine(news);
/** Commands wait for those before them. */
let last: Promise<unknown> = engine.start();

addEventListener("message", ({ data }: MessageEvent<ToWorker>) => {
  if (data.version !== MESSAGES_VERSION) {
    news.note({ level: "warning", text: "this page and its worker are of different versions: load the page again" });
  } else if ("cancel" in data) {
    engine.cancel();
  } else {
    const { id, command } = data;
    last = last.then(() => answer(id, () => engine.run(command)));
  }
});

async function answer(id: number, run: () => Promise<unknown>): Promise<void> {
  try {
    const value = await run();
    news.flush();
    post({ version: MESSAGES_VERSION, kind: "answer", id, value });
  } catch (error) {
    news.flush();
    post({ version: MESSAGES_VERSION, kind: "failure", id, failure: failureOf(error) });
  }
}

// The simulator is a third of the code: the page is usable before it is here.
const { simulatedChipNames } = await import("../../sim/chip/chip-catalog.ts");
post({ version: MESSAGES_VERSION, kind: "ready", chips: simulatedChipNames() });
