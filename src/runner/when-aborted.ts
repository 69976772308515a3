/** Resolves when the signal aborts; at once if it has. */
export function whenAborted(signal: AbortSignal): Promise<"aborted"> {
  return new Promise((resolve) => {
    const done = (): void => {
      resolve("aborted");
    };
    if (signal.aborted) done();
    else signal.addEventListener("abort", done, { once: true });
  });
}
