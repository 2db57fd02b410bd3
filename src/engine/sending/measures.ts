import { errcodeInfo } from '../../wechat/errcodes/errcodes.ts';
import type { SendAnswer } from '../../wechat/http/answer.ts';

/** How a message's request ended, in few words: `accepted`, `no-answer`, `not-sent`, or what the table of errcodes says to do. */
export type AnswerClass = 'accepted' | 'no-answer' | 'not-sent' | `refused-${string}`;

/** Whoever counts what a node does. Called for each message, so it must be quick and must not throw. */
export interface Measures {
  /** @param ms from the request being written to the end of its answer */
  answered(appid: string, path: string, answer: AnswerClass, ms: number): void;
  /** A group of `facts` outcomes is on disk. `of`: of campaigns or of single messages. */
  stored(of: 'campaign' | 'message', facts: number, ms: number): void;
}

export const noMeasures: Measures = { answered: () => {}, stored: () => {} };

export function answerClass(answer: SendAnswer, path: string): AnswerClass {
  return answer.kind === 'refused' ? `refused-${errcodeInfo(answer.errcode, path).action}` : answer.kind;
}
