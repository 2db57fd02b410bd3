import type { Break } from '../break.ts';

export const webhooksBreaks: Break[] = [
  {
    what: 'recipients of receipts that wait for a webhook stay',
    file: 'src/store/campaigns/retention.ts',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a template
    find: "    and c.finished_at < ${owedSince('c.appid')}\n",
    replace: '',
    test: 'test/webhooks/items.test.ts',
    name: 'of whom a webhook is still',
  },
  {
    what: 'outcomes that no webhook was told of stay',
    file: 'src/store/campaigns/retention.ts',
    find: '    and not exists (select 1 from webhook_outbox w where w.campaign_id = c.id)\n',
    replace: '',
    test: 'test/webhooks/items.test.ts',
    name: 'of whom a webhook is still',
  },
  {
    what: 'an IPv4 address written as IPv6 is no webhook',
    file: 'src/base/address-guard.ts',
    find: 'carriesIPv4(address) || ',
    replace: '',
    test: 'src/engine/webhooks/guard.test.ts',
  },
  {
    what: 'while a secret is rotated a POST is signed with both',
    file: 'src/engine/webhooks/sign.ts',
    find: "signatures.join(' ')",
    replace: "signatures[0] ?? ''",
    test: 'src/engine/webhooks/sign.test.ts',
  },
  {
    what: 'a cloud’s metadata service is no webhook',
    file: 'src/engine/webhooks/guard.ts',
    find: `  ['169.254.0.0', 16],
`,
    replace: '',
    test: 'src/engine/webhooks/guard.test.ts',
  },
  {
    what: 'a name that leads to one forbidden address of several is refused',
    file: 'src/base/address-guard.ts',
    find: 'addresses.some((one) => !allows(one.address))',
    replace: '!allows(first.address)',
    test: 'src/engine/webhooks/guard.test.ts',
  },
  {
    what: 'a password in a webhook’s URL is refused',
    file: 'src/engine/webhooks/guard.ts',
    find: `url.username !== '' ||
`,
    replace: `
`,
    test: 'src/engine/webhooks/guard.test.ts',
  },
  {
    what: 'a POST to a webhook has a most of items',
    file: 'src/engine/webhooks/batches.ts',
    find: 'if (ids.length === mostItems || bytes',
    replace: 'if (bytes',
    test: 'src/engine/webhooks/batches.test.ts',
  },
  {
    what: 'a POST to a webhook has a most of bytes',
    file: 'src/engine/webhooks/batches.ts',
    find: ' || bytes + size > mostBytes',
    replace: '',
    test: 'src/engine/webhooks/batches.test.ts',
  },
  {
    what: 'a webhook gets its topics only',
    file: 'src/engine/webhooks/item.ts',
    find: 'mine.filter((webhook) => webhook.topics.includes(item.topic))',
    replace: 'mine',
    test: 'src/engine/webhooks/item.test.ts',
  },
  {
    what: 'a network that is not public is refused to its end',
    file: 'src/engine/webhooks/guard.ts',
    find: "['192.168.0.0', 16]",
    replace: "['192.168.0.0', 24]",
    test: 'src/engine/webhooks/guard.test.ts',
    name: 'a network that is not public ends where it does',
  },
  {
    what: 'outcomes of messages beyond the first thousand are told too, and then it ends',
    file: 'src/engine/webhooks/tell-changes.ts',
    find: '=== mostMessages ||',
    replace: '!== mostMessages ||',
    test: 'test/webhooks/items.test.ts',
    name: 'told in one go, or in one step',
  },
];
