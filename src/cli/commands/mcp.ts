import { createInterface } from 'node:readline';
import { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { readSecretFile } from '../input/secret-file.ts';

/** Where the protocol's revision stands in a request. */
const versionKey = 'io.modelcontextprotocol/protocolVersion';

interface Message {
  id?: string | number;
  method?: string;
  params?: { name?: unknown; uri?: unknown; _meta?: Record<string, unknown> };
}

/** `hongyan mcp`: for clients that know standard input and output only, the door of a running `serve`. It decides nothing. */
export function mcpCommand(context: CliContext): Command {
  return new Command('mcp')
    .requiredOption('--key-file <file>')
    .option('--url <url>')
    .action(async (flags: { keyFile: string; url?: string }) => {
      const key = await readSecretFile(flags.keyFile);
      const url = `${(flags.url ?? `http://${context.config.listen}`).replace(/\/+$/, '')}/mcp`;
      const lines = createInterface({ input: process.stdin, signal: context.signal });
      const open = new Set<Promise<void>>();
      for await (const line of lines) {
        if (line.trim() === '') continue;
        // Requests overlap: a long one must not hold up the one that cancels it.
        const one = pass(context, url, key, line).finally(() => open.delete(one));
        open.add(one);
      }
      await Promise.all(open);
    });
}

async function pass(context: CliContext, url: string, key: string, line: string): Promise<void> {
  const message = parsed(line);
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: headersOf(message, key, context.lang),
      body: line,
      signal: context.signal,
    });
    const text = await answer.text();
    if (/event-stream/.test(answer.headers.get('content-type') ?? ''))
      for (const [, data = ''] of text.matchAll(/^data: ?(.*)$/gm)) context.out(data);
    else if (answer.ok || /^\{"jsonrpc"/.test(text)) {
      if (text !== '') context.out(text);
    } else refuse(context, message, text);
  } catch (error) {
    refuse(context, message, error instanceof Error ? error.message : String(error));
  }
}

/** What is refused before the protocol begins (no key, no server) is an error of the request. */
function refuse(context: CliContext, { id }: Message, reason: string): void {
  if (id === undefined) return;
  context.out(JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32_000, message: reason } }));
}

function headersOf({ method, params }: Message, key: string, lang: string): Record<string, string> {
  const version = params?._meta?.[versionKey];
  const name = params?.name ?? params?.uri;
  return {
    authorization: `Bearer ${key}`,
    accept: ['application/json', 'text/event-stream'].join(', '),
    'accept-language': lang,
    'content-type': 'application/json',
    ...(typeof version === 'string' ? { 'mcp-protocol-version': version } : {}),
    ...(typeof version === 'string' && method !== undefined ? { 'mcp-method': method } : {}),
    ...(typeof version === 'string' && typeof name === 'string' ? { 'mcp-name': name } : {}),
  };
}

function parsed(line: string): Message {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
