/** Listening on TCP: a free port, one that is taken, an address of another machine. */
import { createServer } from "node:net";
import { expect, it } from "vitest";
import { listenOn } from "../../src/transport/listen.ts";
import { errorOf } from "../support/thrown.ts";

it("takes a free port, and says who has one that is taken", async () => {
  const [first, second] = [createServer(), createServer()];
  try {
    const { host, port } = await listenOn(first, "127.0.0.1", 0);
    expect({ host, isFree: port > 0 }).toEqual({ host: "127.0.0.1", isFree: true });
    const busy = await errorOf(() => listenOn(second, "127.0.0.1", port));
    expect(busy).toMatchObject({ code: "PORT_BUSY", message: `127.0.0.1:${port} is in use by another program` });
    // 192.0.2.0/24 is for documents: no machine has an address of it.
    expect(await errorOf(() => listenOn(second, "192.0.2.1", port))).toMatchObject({ code: "PORT_NOT_FOUND" });
  } finally {
    first.close();
    second.close();
  }
});
