import { type Clock, type Moment, momentOf } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { untilDone } from '../../base/retry.ts';
import type { MessageFact } from '../../store/messages/open-messages.ts';
import type { Measures } from '../sending/measures.ts';
import type { MessageHooks } from './queue.ts';

/** A group is written at the latest after this time or this many facts. */
const groupMs = 10;
const groupSize = 200;

export interface MessageFactsDeps {
  clock: Clock;
  logger: Logger;
  hooks?: MessageHooks | undefined;
  measures?: Measures | undefined;
  /** @param now when this try is made */
  store(facts: MessageFact[], now: Moment): Promise<void>;
  /** They are on disk. */
  onStored(facts: MessageFact[]): void;
}

/** Writes the facts of this node's single messages in groups, one at a time, each until the database has it. */
export class MessageFacts {
  readonly #deps: MessageFactsDeps;
  #facts: MessageFact[] = [];
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> | null = null;
  #abandoned = false;

  constructor(deps: MessageFactsDeps) {
    this.#deps = deps;
  }

  add(fact: MessageFact): void {
    this.#facts.push(fact);
    if (this.#facts.length >= groupSize) this.#write();
    else this.#timer ??= setTimeout(() => this.#write(), groupMs);
  }

  /** Resolves once everything so far is stored, or given up. */
  async settled(): Promise<void> {
    while (this.#writing !== null || (this.#facts.length > 0 && !this.#abandoned)) {
      this.#write();
      await this.#writing;
    }
  }

  /** Gives up what is not stored yet: the process ends and its database is gone. Those messages are in doubt. */
  abandon(): void {
    this.#abandoned = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #write(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#writing !== null || this.#facts.length === 0) return;
    const facts = this.#facts.splice(0, groupSize);
    this.#writing = this.#untilStored(facts).then(() => {
      this.#writing = null;
      if (this.#facts.length >= groupSize) this.#write();
      else if (this.#facts.length > 0) this.#timer ??= setTimeout(() => this.#write(), groupMs);
    });
  }

  async #untilStored(facts: MessageFact[]): Promise<void> {
    const { clock, logger, hooks, measures, store, onStored } = this.#deps;
    await hooks?.reached('flush', facts[0]);
    const write = async (): Promise<void> => {
      if (this.#abandoned) return;
      const begun = momentOf(clock);
      await store(facts, begun);
      measures?.stored('message', facts.length, clock.monotonic() - begun.monotonic);
      await hooks?.reached('flushed', facts[0]);
      onStored(facts);
    };
    await untilDone(write, {
      clock,
      onFailure: (error) =>
        logger.warn(
          { facts: facts.length, err: error },
          'outcomes of single messages could not be stored yet',
        ),
    });
  }
}
