/**
 * What a server of norbridge sends to a second client before it hangs up. A port of its own, so that both ends mean the
 * same.
 */
export const OCCUPIED = "norbridge sim: another client is connected\r\n";
