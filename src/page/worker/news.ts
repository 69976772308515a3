/** What happens in the worker goes to the page once a frame: a job reports over a thousand events a second. */
import { type Clock, realClock } from "../../clock.ts";
import { type FromWorker, MESSAGES_VERSION, type Note, type PageState } from "../messages.ts";

const FRAME_US = 16_000;
/** More notes than this at once are counted, not sent. */
const MOST_NOTES = 200;

/** Gathers the news of a frame. */
export class News {
  readonly #post: (message: FromWorker) => void;
  readonly #clock: Clock;
  #state: PageState | undefined;
  #sectors = 0;
  #isNewMap = false;
  readonly #changes = new Map<number, number>();
  #notes: Note[] = [];
  #isWaiting = false;

  constructor(post: (message: FromWorker) => void, clock: Clock = realClock) {
    this.#post = post;
    this.#clock = clock;
  }

  state(state: PageState): void {
    this.#state = state;
    this.#soon();
  }

  /** A map of so many sectors, all untouched. */
  newMap(sectors: number): void {
    this.#sectors = sectors;
    this.#isNewMap = true;
    this.#changes.clear();
    this.#soon();
  }

  sector(sector: number, state: number): void {
    this.#changes.set(sector, state);
    this.#soon();
  }

  note(note: Note): void {
    if (this.#notes.length < MOST_NOTES) this.#notes.push(note);
    this.#soon();
  }

  /** Sends what there is: an answer must not overtake it. */
  flush(): void {
    const state = this.#state;
    const hasMap = this.#isNewMap || this.#changes.size > 0;
    if (state === undefined && !hasMap && this.#notes.length === 0) return;
    const map = hasMap ? { isNew: this.#isNewMap, changes: [...this.#changes], sectors: this.#sectors } : undefined;
    const notes = this.#notes;
    this.#state = undefined;
    this.#isNewMap = false;
    this.#changes.clear();
    this.#notes = [];
    this.#post({ version: MESSAGES_VERSION, kind: "news", state, map, notes });
  }

  #soon(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    void this.#clock.wait(FRAME_US).then(() => {
      this.#isWaiting = false;
      this.flush();
    });
  }
}
