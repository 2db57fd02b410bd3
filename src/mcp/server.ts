import { McpServer } from '@modelcontextprotocol/server';
import type { Actor } from '../app/actor.ts';
import type { App } from '../app/app.ts';
import { mcpTexts } from '../texts/mcp.ts';
import { addPrompts } from './prompts.ts';
import { addTools } from './tools.ts';

/**
 * What an assistant may do for this actor: look, check, plan, pause, cancel, and send a test to the account's test list. Every tool calls an action, which asks for the
 * permission; what launches, approves, reads secrets or exports openids is not offered, whatever the actor may do elsewhere.
 */
export function mcpServer(app: App, actor: Actor, version: string): McpServer {
  const server = new McpServer(
    { name: 'hongyan', version },
    { instructions: mcpTexts.instructions[actor.lang] },
  );
  addTools(server, app, actor);
  addPrompts(server, actor.lang);
  return server;
}
