/**
 * The bytes as they came, but for the token: where it stands, asterisks stand. As long as before, so that a Content-Length
 * stays true.
 */
export async function* withoutToken(
  chunks: AsyncIterable<Buffer> | Iterable<Buffer>,
  token: string,
): AsyncGenerator<Buffer> {
  if (token === '') {
    yield* chunks;
    return;
  }
  const secret = Buffer.from(token);
  const stars = Buffer.alloc(secret.length, '*');
  /** What may be the beginning of one that goes on in the next chunk. */
  let held: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    let bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    for (let at = bytes.indexOf(secret); at !== -1; at = bytes.indexOf(secret, at + secret.length)) {
      if (bytes === chunk) bytes = Buffer.from(chunk);
      stars.copy(bytes, at);
    }
    const kept = beginning(bytes, secret);
    held = Buffer.from(bytes.subarray(bytes.length - kept));
    if (kept < bytes.length) yield bytes.subarray(0, bytes.length - kept);
  }
  if (held.length > 0) yield held;
}

/** How many bytes at the end are those that the secret begins with. */
function beginning(bytes: Buffer, secret: Buffer): number {
  for (let length = Math.min(bytes.length, secret.length - 1); length > 0; length--)
    if (bytes.subarray(bytes.length - length).equals(secret.subarray(0, length))) return length;
  return 0;
}
