/**
 * Names of the types and subtypes of ESP-IDF partitions. Source: gen_esp32part.py of espressif/esp-idf, commit
 * 10212290. Pure.
 */
import { TYPE } from "./esp-partition-table.ts";

const OTA_SLOTS = 16;

const APP: ReadonlyMap<string, number> = new Map([
  ["factory", 0x00],
  ["test", 0x20],
  ["tee_0", 0x30],
  ["tee_1", 0x31],
  ...Array.from({ length: OTA_SLOTS }, (_, slot) => [`ota_${slot}`, 0x10 + slot] as const),
]);
const DATA: ReadonlyMap<string, number> = new Map([
  ["ota", 0x00],
  ["phy", 0x01],
  ["nvs", 0x02],
  ["coredump", 0x03],
  ["nvs_keys", 0x04],
  ["efuse", 0x05],
  ["undefined", 0x06],
  ["esphttpd", 0x80],
  ["fat", 0x81],
  ["spiffs", 0x82],
  ["littlefs", 0x83],
  ["tee_ota", 0x90],
]);

/** The subtypes of a type, by name. */
export function subtypesOf(type: number): ReadonlyMap<string, number> {
  if (type === TYPE.app) return APP;
  return type === TYPE.data ? DATA : new Map();
}

/** "app, ota_0", "data, nvs", "type 0x40, subtype 0x07". */
export function espTypeText(type: number, subtype: number): string {
  const hex = (value: number): string => `0x${value.toString(16).padStart(2, "0")}`;
  const typeText = type === TYPE.app ? "app" : type === TYPE.data ? "data" : `type ${hex(type)}`;
  const name = [...subtypesOf(type)].find(([, value]) => value === subtype)?.[0];
  return `${typeText}, ${name ?? `subtype ${hex(subtype)}`}`;
}
