/** Bytes or text as a download. */
export function saveFile(name: string, content: Uint8Array | string): void {
  const part = typeof content === "string" ? content : content.slice();
  const url = URL.createObjectURL(new Blob([part], { type: "application/octet-stream" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
