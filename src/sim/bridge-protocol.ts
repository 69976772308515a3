/** What a simulated bridge can be told to speak. A file of its own, so that the command line reads it without the simulator. */
export type BridgeProtocol = "native" | "serprog" | "both";

export const BRIDGE_PROTOCOLS: readonly BridgeProtocol[] = ["native", "serprog", "both"];
