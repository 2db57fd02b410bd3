import { type McpServer, ResourceTemplate } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { fill, type Lang } from '../texts/catalogue.ts';
import { errorEntry } from '../texts/errors.ts';
import { mcpTexts } from '../texts/mcp.ts';

/** What people ask most, and what every error means. */
export function addPrompts(server: McpServer, lang: Lang): void {
  const said = (key: 'review_campaign.text' | 'why_not_received.text', values: Record<string, string>) => ({
    messages: [
      {
        role: 'user' as const,
        content: { type: 'text' as const, text: fill(mcpTexts[key], lang, 'http', values) },
      },
    ],
  });
  server.registerPrompt(
    'review_campaign',
    { title: mcpTexts.review_campaign[lang], argsSchema: z.object({ id: z.string() }) },
    ({ id }) => said('review_campaign.text', { id }),
  );
  server.registerPrompt(
    'why_not_received',
    {
      title: mcpTexts.why_not_received[lang],
      argsSchema: z.object({ appid: z.string(), touser: z.string() }),
    },
    (values) => said('why_not_received.text', values),
  );
  server.registerResource(
    'errors',
    new ResourceTemplate('hongyan://errors/{code}', { list: undefined }),
    { description: mcpTexts.errors[lang], mimeType: 'text/plain' },
    (uri, { code }) => {
      const entry = errorEntry(String(code));
      const text = entry === undefined ? '' : `${entry.about[lang]} ${entry.remedy[lang]}`;
      return { contents: [{ uri: uri.href, text }] };
    },
  );
}
