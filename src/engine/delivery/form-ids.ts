import type { Campaign } from '../../store/campaigns/campaigns.ts';
import type { ChunkRecipient } from '../../store/campaigns/chunks.ts';
import type { Fact } from '../../store/campaigns/fact-arrays.ts';
import type { CreditFlush } from '../../store/campaigns/flush.ts';
import type { FormIdUse } from '../../store/credits/form-credits.ts';
import { factKind, isHeld } from '../../store/facts.ts';
import { errcodeInfo } from '../../wechat/errcodes/errcodes.ts';
import type { SendAnswer } from '../../wechat/http/answer.ts';
import type { CompiledMessage } from '../content/compiled-message.ts';
import { useFormIds } from '../credits/use-form-ids.ts';
import { type Attempt, judge, type Verdict } from '../sending/verdict.ts';
import type { Item } from './item.ts';

/**
 * The form_ids that the recipients of one chunk are sent with.
 *
 * A first attempt's is reserved with its number, a later attempt's with its `started` row: the one that it holds already,
 * also from an earlier owner of the chunk, or the next one if that was refused. So whatever is sent here was reserved,
 * or found to be, by a flush of this owner.
 */
export class ChunkFormIds {
  readonly #campaign: Pick<Campaign, 'id' | 'appid'>;
  readonly #message: CompiledMessage;
  readonly #recipients: ChunkRecipient[];
  /** By number. */
  readonly #held = new Map<number, string>();

  constructor(
    campaign: Pick<Campaign, 'id' | 'appid'>,
    message: CompiledMessage,
    recipients: ChunkRecipient[],
  ) {
    this.#campaign = campaign;
    this.#message = message;
    this.#recipients = recipients;
  }

  /** The body with the form_id of its recipient. */
  render({ no, openid, vars }: ChunkRecipient): string {
    const body = this.#message.render(openid, vars, null);
    return `{"form_id":${JSON.stringify(this.#held.get(no) ?? '')},${body.slice(1)}`;
  }

  readonly judge = judgeFormId;

  /**
   * Settles the outcomes of a flush and reserves for whoever may start with it. What is kept in memory is
   * what the try reserved that was committed: the last one, for an earlier one that was committed leaves nothing to
   * the next.
   */
  readonly credits: CreditFlush = async (client, flush, owned) => {
    const { id, appid } = this.#campaign;
    const uses = flush.facts.flatMap((fact) => {
      const outcome = outcomeOf(fact, this.#message.path);
      return outcome === null ? [] : this.#useOf(fact.no, outcome);
    });
    // Under a lost chunk the facts are true, and the rest is the new owner's.
    const { wishes, handedBack } = (owned ? flush.credits : undefined) ?? { wishes: [], handedBack: [] };
    for (const { no } of handedBack) uses.push(...this.#useOf(no, 'back'));
    const starting = owned ? flush.facts.filter(({ kind }) => kind === factKind.started) : [];
    const wished = [...wishes.map(({ no }) => no), ...starting.map(({ no }) => no)].flatMap((no) => {
      const openid = this.#openidOf(no);
      return openid === undefined ? [] : [{ campaignId: id, no, openid }];
    });
    const reserved = await useFormIds(client, appid, uses, wished);
    const has = new Set<number>();
    for (const { no, formId } of reserved) {
      this.#held.set(no, formId);
      has.add(no);
    }
    return wished.flatMap(({ no }) => (has.has(no) ? [] : [no]));
  };

  #useOf(no: number, outcome: FormIdUse['outcome']): FormIdUse[] {
    const openid = this.#openidOf(no);
    return openid === undefined ? [] : [{ campaignId: this.#campaign.id, no, openid, outcome }];
  }

  #openidOf(no: number): string | undefined {
    return this.#recipients[no - (this.#recipients[0]?.no ?? 0)]?.openid;
  }
}

/** Null: it is still open, and keeps what it holds. */
function outcomeOf(
  { kind, errcode, waitMs, startedAt, reason }: Fact,
  path: string,
): FormIdUse['outcome'] | null {
  if (kind === factKind.accepted) return 'used';
  // Only an answer says so: an attempt that is handed back unsent bears the errcode of the one before.
  if (startedAt !== undefined && isDead(errcode, path)) return 'dead';
  if (kind === factKind.rejected) return 'back';
  if (kind === factKind.unknown || isHeld({ kind, reason })) return 'used';
  return kind === factKind.retry && waitMs === null ? 'back' : null;
}

/** As `judge`; a refused form_id is not the recipient's last word, who may have another one. */
function judgeFormId(answer: SendAnswer, attempt: Attempt, now: number, item: Item): Verdict {
  const verdict = judge(answer, attempt, now);
  if (verdict.outcome !== 'rejected') return verdict;
  const { path } = attempt;
  switch (verdict.effect) {
    case 'form-id-used':
      // It may have been used by our own attempt before, of which we thought that it was not sent.
      if (item.attempt > 1 && !isDead(item.errcode, path)) return { ...verdict, outcome: 'unknown' };
      return { ...verdict, outcome: 'again', waitMs: 0, counts: true };
    case 'form-id-dead':
      return { ...verdict, outcome: 'again', waitMs: 0, counts: true };
    default:
      return verdict;
  }
}

function isDead(errcode: number | null, path: string): boolean {
  if (errcode === null) return false;
  const { effect } = errcodeInfo(errcode, path);
  return effect === 'form-id-dead' || effect === 'form-id-used';
}
