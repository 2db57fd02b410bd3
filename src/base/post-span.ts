import { type Attributes, type Context, failSpan, type Span, withSpan } from './tracing.ts';

/**
 * A client span around a POST to an address of the operator's. Of the address it has the host alone: path and query may be
 * a key.
 */
export async function postSpan<T>(
  url: string,
  { parent, attributes = {} }: { parent?: Context; attributes?: Attributes },
  run: (span: Span | null) => Promise<T>,
): Promise<T> {
  const { hostname, port, protocol } = URL.canParse(url)
    ? new URL(url)
    : { hostname: '', port: '', protocol: 'https:' };
  const at = port === '' ? (protocol === 'http:' ? 80 : 443) : Number(port);
  return await withSpan(
    'POST',
    {
      kind: 'client',
      parent,
      attributes: {
        ...{ 'http.request.method': 'POST', 'server.address': hostname, 'server.port': at },
        ...attributes,
      },
    },
    run,
  );
}

/** @param why what the receiver is told to have done wrong: `HTTP 502`, or a code with what the server said behind it */
export function failPost(span: Span | null, why: string): void {
  if (span !== null) failSpan(span, /^HTTP \d+|^[\w.-]+/.exec(why)?.[0] ?? '_OTHER');
}
