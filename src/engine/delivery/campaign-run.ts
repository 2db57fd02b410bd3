import { readTrace, type SpanContext } from '../../base/tracing.ts';
import type { Campaign } from '../../store/campaigns/campaigns.ts';
import { errcodeInfo } from '../../wechat/errcodes/errcodes.ts';
import type { CompiledMessage } from '../content/compiled-message.ts';
import type { Verdict } from '../sending/verdict.ts';
import type { CampaignRate } from './campaign-rate.ts';
import type { ChunkRun } from './chunk-run.ts';

/** Answers that decide whether a campaign is worth opening, and most messages in flight until then. */
const probeSize = 10;
/** An `oa-template` campaign to more than so many people sends its first chunk alone, and looks what became of it. */
export const canaryAbove = 10_000;
/** So many answers of a stop class in a row end the campaign later on. */
const stopInRow = 20;
/** So many answers that are none of WeChat's, and something else answers in its place: a block page, a portal. */
const foreignInRow = 20;
/** So many lost answers, beyond those that were in flight together, and the campaign waits for a person. */
const lostInRow = 60;

export interface Ending {
  /** `errcode:40037` or a transport reason. */
  reason: string;
  detail: string;
}

/**
 * One running campaign in this process: its compiled message, its open chunks, and whether it should go on.
 *
 * Until the campaign is probed it has one chunk with `probeSize` in flight; when all of the first answers are
 * of a stop class, it ends there. It also ends when answer after answer is lost (a gateway's page, a hang), and sooner
 * when what comes is no answer of WeChat's.
 */
export class CampaignRun {
  readonly campaign: Campaign;
  readonly message: CompiledMessage;
  /** The span in which it was made; undefined without OpenTelemetry, and where none is recorded. */
  readonly trace: SpanContext | undefined;
  /** Its own, under the account's. */
  readonly rate: CampaignRate;
  readonly runs = new Set<ChunkRun>();
  /** Chunks that are being claimed or opened: it must not be forgotten meanwhile. */
  opening = 0;
  probed: boolean;
  /** Its first chunk goes alone, whatever the first answers say. */
  readonly isCanary: boolean;
  ending: Ending | null = null;
  readonly #mostLost: number;
  #answers = 0;
  #stopsInRow = 0;
  #lostInRow = 0;
  #foreignInRow = 0;

  /** @param window most messages in flight: so many can be lost to one broken line, and say nothing of the next */
  constructor(campaign: Campaign, message: CompiledMessage, window: number, rate: CampaignRate) {
    this.campaign = campaign;
    this.message = message;
    this.trace = readTrace(campaign.trace);
    this.rate = rate;
    this.probed = campaign.probed;
    this.isCanary =
      !campaign.probed && campaign.channel === 'oa-template' && campaign.plannedCount > canaryAbove;
    this.#mostLost = window + lostInRow;
  }

  /** Most in flight of its chunk: never more than the answers that the probe still wants. */
  get limit(): number {
    return this.probed ? Number.POSITIVE_INFINITY : Math.max(1, probeSize - this.#answers);
  }

  /** Counts an answer; returns what changed because of it. */
  see(verdict: Verdict): 'opened' | 'probed' | 'ending' | null {
    if (this.ending !== null) return null;
    if (verdict.campaign === 'halt') {
      this.ending = endingOf(verdict, this.message.path);
      return 'ending';
    }
    // "Try again" and silence say nothing of the message, good or bad.
    if (verdict.outcome === 'again') return null;
    if (verdict.outcome === 'unknown' && verdict.errcode === null) {
      this.#lostInRow++;
      if (verdict.reason === 'unparsable') this.#foreignInRow++;
      if (this.#lostInRow < this.#mostLost && this.#foreignInRow < foreignInRow) return null;
      // Each further one would be a recipient of whom nobody knows.
      this.ending = endingOf(verdict, this.message.path);
      return 'ending';
    }
    this.#lostInRow = 0;
    this.#foreignInRow = 0;
    this.#answers++;
    this.#stopsInRow = verdict.campaign === 'stop' ? this.#stopsInRow + 1 : 0;
    const limit = this.probed ? stopInRow : Math.min(probeSize, this.campaign.plannedCount);
    if (this.#stopsInRow >= limit) {
      this.ending = endingOf(verdict, this.message.path);
      return 'ending';
    }
    if (this.isCanary && verdict.campaign === 'stop' && verdict.outcome === 'rejected') {
      // One refused for its content among the first thousand: the others would be refused, or punished, as well.
      const { class: kind } = errcodeInfo(verdict.errcode ?? 0, this.message.path);
      if (kind === 'CONT') {
        this.ending = endingOf(verdict, this.message.path);
        return 'ending';
      }
    }
    if (!this.probed && this.#answers >= probeSize) {
      this.probed = true;
      return this.isCanary ? 'opened' : 'probed';
    }
    return null;
  }
}

function endingOf(verdict: Verdict, path: string): Ending {
  if (verdict.errcode === null) return { reason: verdict.reason ?? 'unknown', detail: verdict.detail ?? '' };
  const info = errcodeInfo(verdict.errcode, verdict.reason === 'token' ? '/cgi-bin/stable_token' : path);
  return { reason: `errcode:${verdict.errcode}`, detail: verdict.detail ?? info.wechat };
}
