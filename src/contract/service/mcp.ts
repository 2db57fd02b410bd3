import { z } from 'zod';
import { bytes, defineRoutes, reads } from '../route.ts';

/** The assistant's door: the Model Context Protocol, with the key of whoever sends it. */
export const mcpRoutes = defineRoutes({
  'POST /mcp': {
    name: 'mcp.call',
    summary: {
      en: 'The Model Context Protocol: an assistant may look, plan, pause and cancel with the key that it has.',
      zh: '模型上下文协议（MCP）：助手可以用所持密钥查看、计划、暂停和取消。',
    },
    permission: 'known',
    // Each tool calls an action, which asks for the permission and the account.
    account: 'filtered',
    audit: 'none',
    // What a tool does is repeatable or has its own key.
    idempotency: 'none',
    rate: 'normal',
    body: z.union([z.record(z.string(), z.unknown()), z.array(z.unknown())]),
    answers: { 200: bytes('application/json', 'text/event-stream'), 202: null },
  },
  'GET /mcp': {
    name: 'mcp.listen',
    summary: {
      en: 'Always 405: there are no sessions to listen to, and clients of older versions ask.',
      zh: '总是 405：没有会话可监听；旧版客户端会询问。',
    },
    permission: 'known',
    account: null,
    ...reads,
    answers: { 200: null },
  },
});
