/** The first part of a multipart/form-data body that is a file: its name and size. */
export function filePart(raw: Buffer, contentType: string): { filename: string; bytes: number } | undefined {
  const boundary = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType);
  const delimiter = boundary?.[1] ?? boundary?.[2];
  if (delimiter === undefined) return undefined;
  const mark = Buffer.from(`--${delimiter}`);
  let at = raw.indexOf(mark);
  while (at >= 0) {
    const head = at + mark.length + 2;
    const blank = raw.indexOf('\r\n\r\n', head);
    const next = raw.indexOf(mark, head);
    if (blank < 0 || next < 0 || blank > next) return undefined;
    const headers = raw.toString('utf8', head, blank);
    const filename = /^content-disposition:.*filename="([^"]*)"/im.exec(headers)?.[1];
    if (filename !== undefined) return { filename, bytes: Math.max(0, next - 2 - (blank + 4)) };
    at = next;
  }
  return undefined;
}
