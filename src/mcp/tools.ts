import type { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { listAccounts } from '../app/accounts/accounts.ts';
import { showQuota } from '../app/accounts/quota.ts';
import { listTemplates, previewTemplate, showTemplate } from '../app/accounts/templates.ts';
import type { Actor } from '../app/actor.ts';
import type { App } from '../app/app.ts';
import { listContacts, showContact } from '../app/audience/contacts.ts';
import { onePerson } from '../app/audience/open.ts';
import { cancelCampaign, pauseCampaign } from '../app/campaigns/control.ts';
import { createCampaign } from '../app/campaigns/create.ts';
import { planCampaign } from '../app/campaigns/fill.ts';
import { listCampaigns, showCampaign } from '../app/campaigns/report.ts';
import { sendTest, type TestAnswer } from '../app/campaigns/send-test.ts';
import { searchDeliveries } from '../app/deliveries/deliveries.ts';
import { describeFailure, HongyanError } from '../base/errors.ts';
import { failSpan, type Span, type SpanOptions, withSpan } from '../base/tracing.ts';
import { mcpTexts } from '../texts/mcp.ts';
import { errcodeInfo } from '../wechat/errcodes/errcodes.ts';

const appid = z.string().min(1).max(64);
const ofAccount = z.object({ appid });
const ofCampaign = z.object({ id: z.number().int().min(1) });

/** WeChat's own body without `touser`. */
const body = z.record(z.string(), z.unknown());

const reads = { readOnlyHint: true, openWorldHint: false } as const;
const changes = { readOnlyHint: false, destructiveHint: false, openWorldHint: false } as const;
const sends = { ...changes, openWorldHint: true } as const;

type ToolName = Exclude<keyof typeof mcpTexts, 'instructions' | 'errors' | `${string}.text`>;

export function addTools(server: McpServer, app: App, actor: Actor): void {
  const tool = <S extends z.ZodObject>(
    name: ToolName,
    inputSchema: S,
    annotations: typeof reads | typeof changes | typeof sends | { destructiveHint: true },
    run: (input: z.output<S>) => Promise<unknown>,
  ): void => {
    const description = mcpTexts[name][actor.lang];
    const shape: z.ZodObject = inputSchema;
    server.registerTool(name, { description, inputSchema: shape, annotations }, (input) =>
      withSpan(`tools/call ${name}`, spanOf(name), (span) =>
        // The SDK has read the input by this shape; its own type of it is wider.
        answered(() => run(input as z.output<S>), actor, span),
      ),
    );
  };

  tool(
    'list_accounts',
    z.object({}),
    reads,
    async () => await listAccounts(app, actor, { limit: 200, cursor: null }),
  );
  tool('list_templates', ofAccount, reads, async (input) => await listTemplates(app, actor, input));
  tool(
    'get_template',
    ofAccount.extend({ templateId: z.string().min(1).max(128) }),
    reads,
    async (input) => await showTemplate(app, actor, input),
  );
  tool(
    'check_message',
    ofAccount.extend({
      templateId: z.string().min(1).max(128),
      body,
      /** For `{{name}}` in its texts. */
      variables: z.record(z.string(), z.string()).default({}),
    }),
    reads,
    async (input) => await previewTemplate(app, actor, input),
  );
  tool(
    'find_contact',
    ofAccount
      .extend({ openid: z.string().min(1).max(64).optional(), unionid: z.string().min(1).max(64).optional() })
      .refine(({ openid, unionid }) => (openid === undefined) !== (unionid === undefined), {
        error: 'one of openid and unionid is needed',
      }),
    reads,
    async ({ appid: of, openid, unionid }) => {
      const found =
        openid !== undefined
          ? [openid]
          : (
              await listContacts(app, actor, { appid: of, filter: { unionid: unionid ?? null }, limit: 5 })
            ).data.map((one) => one.openid);
      const contacts = [];
      for (const one of found) {
        const { unionid: _, ...contact } = await showContact(app, actor, { appid: of, openid: one });
        contacts.push({ ...contact, openid: one === openid ? one : shortened(one) });
      }
      return contacts;
    },
  );
  tool(
    'send_test',
    ofAccount.extend({ channel: z.string().min(1).max(64), body, touser: z.string().min(1).max(64) }),
    sends,
    async ({ body: message, touser, ...of }) => {
      const { answer, warnings, path } = await sendTest(app, actor, {
        ...{ ...of, touser, onInvalid: 'reject', message: { body: message } },
        // Whoever asks may have been talked into it by a text that it read.
        listedOnly: true,
        audience: onePerson(touser),
      });
      return {
        ...answer,
        ...meaningOf(answer, path, actor),
        warnings: warnings.map(({ message: said }) => said[actor.lang]),
      };
    },
  );
  tool('get_quota', ofAccount, reads, async (input) => await showQuota(app, actor, input));
  tool(
    'list_campaigns',
    z.object({ appid: appid.optional(), limit: z.number().int().min(1).max(50).default(10) }),
    reads,
    async (input) => {
      const { data } = await listCampaigns(app, actor, { appid: input.appid ?? null, limit: input.limit });
      return data.map(shownCampaign);
    },
  );
  tool('get_campaign', ofCampaign, reads, async (input) => {
    const { campaign, ...view } = await showCampaign(app, actor, input);
    return { ...view, campaign: shownCampaign(campaign) };
  });
  tool(
    'plan_campaign',
    ofAccount.extend({
      channel: z.string().min(1).max(64),
      body,
      /** All followers, or those with a tag. */
      audience: z.union([z.literal('all'), z.object({ tag: z.number().int().min(0) })]),
      key: z.string().min(1).max(128).optional(),
    }),
    changes,
    async ({ audience, body, key, ...of }) => {
      const created = await createCampaign(app, actor, {
        ...of,
        message: { body },
        audience: audience === 'all' ? { kind: 'all' } : { kind: 'tag', tagId: audience.tag },
        audienceName: audience === 'all' ? 'all' : `tag:${audience.tag}`,
        columns: null,
        onInvalid: 'reject',
        ...(key === undefined ? {} : { key }),
      });
      const { id } = created.kind === 'twin' ? created.twin : created.campaign;
      if (created.kind === 'created') await planCampaign(app, actor, { id });
      // A person looks at it there, and is the only one who can start it.
      return { kind: created.kind, id, reviewPath: `/campaigns/${id}` };
    },
  );
  tool('pause_campaign', ofCampaign, changes, async (input) => await pauseCampaign(app, actor, input));
  tool(
    'cancel_campaign',
    ofCampaign,
    { destructiveHint: true },
    async (input) => await cancelCampaign(app, actor, input),
  );
  tool(
    'search_deliveries',
    z.object({
      appid: appid.optional(),
      touser: z.string().min(1).max(64).optional(),
      ref: z.string().min(1).max(64).optional(),
      msgid: z
        .string()
        .regex(/^\d{1,19}$/)
        .optional(),
      campaign: z.number().int().min(1).optional(),
      errcode: z.number().int().optional(),
      limit: z.number().int().min(1).max(50).default(20),
    }),
    reads,
    async ({ campaign, ...wish }) => {
      const found = await searchDeliveries(app, actor, { ...wish, campaignId: campaign, cursor: undefined });
      return found.data.map((one) => ({
        ...one,
        touser: one.touser === wish.touser ? one.touser : shortened(one.touser),
      }));
    },
  );
  tool('explain_errcode', z.object({ errcode: z.number().int() }), reads, async ({ errcode }) => {
    const info = errcodeInfo(errcode);
    return { errcode, errmsg: info.wechat, meaning: info[actor.lang] };
  });
}

function meaningOf(answer: TestAnswer['answer'], path: string, { lang }: Actor): { meaning?: string } {
  return answer.kind === 'refused' ? { meaning: errcodeInfo(answer.errcode, path)[lang] } : {};
}

/** The body may name people, and its values are theirs. */
function shownCampaign(campaign: {
  id: number;
  appid: string;
  channel: string;
  state: string;
  plannedCount: number | null;
}) {
  const { id, appid: of, channel, state, plannedCount } = campaign;
  return { id, appid: of, channel, state, planned: plannedCount, reviewPath: `/campaigns/${id}` };
}

function shortened(openid: string): string {
  return `${openid.slice(0, 6)}…`;
}

/** Under that of the request: the protocol's method is in its body. */
function spanOf(name: ToolName): SpanOptions {
  return {
    kind: 'server',
    attributes: {
      'mcp.method.name': 'tools/call',
      'gen_ai.tool.name': name,
      'gen_ai.operation.name': 'execute_tool',
    },
  };
}

async function answered(run: () => Promise<unknown>, actor: Actor, span: Span | null) {
  try {
    const text = JSON.stringify(await run(), null, 1);
    return { content: [{ type: 'text' as const, text }] };
  } catch (error) {
    if (!(error instanceof HongyanError)) throw error;
    const { what, hint } = describeFailure(error, actor.lang, 'http');
    // To the protocol it is an answer.
    if (span !== null) failSpan(span, error.code);
    const text = JSON.stringify({ code: error.code, detail: what, ...(hint === null ? {} : { hint }) });
    return { isError: true, content: [{ type: 'text' as const, text }] };
  }
}
