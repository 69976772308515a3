/** A clock for the RP2040's emulator, in the form it wants: alarms in order, time moved by hand. */
interface Alarm {
  nanos: number;
  readonly callback: () => void;
}

export class Nanoseconds {
  nanos = 0;
  #alarms: Alarm[] = [];

  get micros(): number {
    return this.nanos / 1000;
  }

  get frequency(): number {
    return 125e6;
  }

  get nextAlarm(): { readonly nanos: number } | null {
    return this.#alarms[0] ?? null;
  }

  createAlarm(callback: () => void): { schedule(deltaNanos: number): void; cancel(): void } {
    const alarm: Alarm = { nanos: 0, callback };
    const cancel = (): void => {
      const at = this.#alarms.indexOf(alarm);
      if (at >= 0) this.#alarms.splice(at, 1);
    };
    return {
      cancel,
      schedule: (deltaNanos) => {
        cancel();
        alarm.nanos = this.nanos + deltaNanos;
        let at = this.#alarms.length;
        while (at > 0 && this.#alarms[at - 1]!.nanos > alarm.nanos) at--;
        this.#alarms.splice(at, 0, alarm);
      },
    };
  }

  tick(deltaNanos: number): void {
    const target = this.nanos + deltaNanos;
    for (let first = this.#alarms[0]; first !== undefined && first.nanos <= target; first = this.#alarms[0]) {
      this.#alarms.shift();
      this.nanos = first.nanos;
      first.callback();
    }
    this.nanos = target;
  }
}
