/** One window at a time: two would both believe that they have the bridge and its journals. */
import { useEffect, useState } from "preact/hooks";

/** True: this one. False: another window has it; changes by itself when that closes. Undefined: not known yet. */
export function useOnlyWindow(): boolean | undefined {
  const [isOnly, setIsOnly] = useState<boolean>();
  useEffect(() => {
    const over = new AbortController();
    const hold = (): Promise<void> => {
      setIsOnly(true);
      return new Promise((resolve) => over.signal.addEventListener("abort", () => resolve()));
    };
    const { locks } = navigator as { readonly locks?: LockManager | undefined };
    if (locks === undefined) {
      // A page from a disk has no locks.
      setIsOnly(true);
      return undefined;
    }
    void (async () => {
      const isFree = await locks.request("norbridge", { ifAvailable: true }, async (lock) => {
        if (lock !== null) await hold();
        return lock !== null;
      });
      if (isFree || over.signal.aborted) return;
      setIsOnly(false);
      await locks.request("norbridge", hold);
    })();
    return () => over.abort();
  }, []);
  return isOnly;
}
