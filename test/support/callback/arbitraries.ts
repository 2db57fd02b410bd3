import fc from 'fast-check';
import type { WritableEvent } from '../../../src/simulator/callback/write-event.ts';

// Accounts and events as WeChat may have them, for property tests of both directions.

const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const word = (alphabet: string, minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...alphabet), minLength, maxLength });
export const openid = word(`${characters}-_`, 27, 27).map((rest) => `o${rest}`);
const templateId = word(`${characters}-_`, 43, 43);
const msgid = fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }).map(String);
/** What people write: Chinese, emoji, a rare Han character of 4 bytes, everything that XML and JSON treat specially. */
const special = [
  '鸿',
  '雁',
  '𠮷',
  '🪿',
  '👩‍👩‍👧',
  'é',
  '"',
  '\\',
  '/',
  '<',
  '>',
  '&',
  ']]>',
  '&amp;',
  '<![CDATA[',
  '\n',
  ' ',
];
export const writing = fc.string({
  unit: fc.oneof(fc.constantFrom(...special), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 })),
  maxLength: 80,
});
const choices = fc.array(
  fc.record({ template_id: templateId, choice: fc.constantFrom('accept', 'reject') }),
  { minLength: 1, maxLength: 5 },
);
const receipt = fc.constantFrom(
  'success',
  'failed:user block',
  'failed: system failed',
  'failed:freq limit',
) satisfies fc.Arbitrary<WritableEvent['status']>;
export const receiptStatus: Record<string, string> = {
  success: 'delivered',
  'failed:user block': 'blocked',
  'failed: system failed': 'failed-system',
  'failed:freq limit': 'failed-frequency',
};

type Content = Pick<WritableEvent, 'name'> & Partial<WritableEvent>;
export const content: fc.Arbitrary<Content> = fc.oneof(
  fc.record({ name: fc.constant('TEMPLATESENDJOBFINISH' as const), msgid, status: receipt }),
  fc.record({ name: fc.constant('subscribe_msg_sent_event' as const), msgid, status: receipt, templateId }),
  fc.record({
    name: fc.constantFrom('subscribe_msg_popup_event' as const, 'subscribe_msg_change_event' as const),
    extra: fc.record({ choices, popupScene: fc.nat({ max: 2 }) }),
  }),
  fc.record({
    name: fc.constantFrom('subscribe' as const, 'unsubscribe' as const, 'SCAN' as const),
    extra: fc.record({ eventKey: word(characters, 1, 20), ticket: word(characters, 1, 60) }),
  }),
  fc.record({ name: fc.constant('subscribe' as const) }),
  fc.record({
    name: fc.constant('MASSSENDJOBFINISH' as const),
    msgid,
    status: fc.constant('send success' as const),
    extra: fc.record({ totalCount: fc.nat(), filterCount: fc.nat() }),
  }),
  fc.record({
    name: fc.constant('user_enter_tempsession' as const),
    extra: fc.record({ sessionFrom: writing }),
  }),
  fc.record({
    name: fc.constant('text' as const),
    extra: fc.record({ content: writing, messageId: msgid }),
  }),
);
export const account = fc.record({
  appid: word('0123456789abcdef', 16, 16).map((rest) => `wx${rest}`),
  originalId: word('0123456789abcdef', 12, 12).map((rest) => `gh_${rest}`),
  token: word(characters, 3, 32),
  encodingAESKey: word(characters, 43, 43),
  random: word(characters, 16, 16),
  nonce: word('0123456789', 1, 10),
  mode: fc.constantFrom('plain' as const, 'compatible' as const, 'secure' as const),
  isJson: fc.boolean(),
  shape: fc.record({
    listShape: fc.constantFrom('documented' as const, 'array' as const, 'nested' as const),
    createTimeAs: fc.constantFrom('number' as const, 'string' as const),
    textForm: fc.constantFrom('unsplit' as const, 'bare' as const, 'split' as const),
  }),
});
export type Account = typeof account extends fc.Arbitrary<infer T> ? T : never;

export const seconds = fc.integer({ min: 1_500_000_000, max: 4_000_000_000 });
