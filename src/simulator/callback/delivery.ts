import type { Dispatcher } from 'undici';

/** Why a delivery counts as failed. */
export type DeliveryFailure = 'timeout' | 'connection' | 'status' | 'answer';

export type DeliveryDone = (failure: DeliveryFailure | undefined, status: number, body: string) => void;

/** Longer answers are no replies. */
const maxAnswerBytes = 64 * 1024;

/** One POST: a timer over all of it, the answer's body, and exactly one call of `done`. */
export class Delivery implements Dispatcher.DispatchHandler {
  readonly #done: DeliveryDone;
  readonly #timer: NodeJS.Timeout;
  #controller: Dispatcher.DispatchController | undefined;
  #isOver = false;
  #status = 0;
  #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(timeoutMs: number, done: DeliveryDone) {
    this.#done = done;
    this.#timer = setTimeout(() => this.#end('timeout'), timeoutMs);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#isOver) controller.abort(new Error('The delivery took too long.'));
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    this.#status = status;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > maxAnswerBytes) this.#end('answer');
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    this.#end(this.#status === 200 ? undefined : 'status');
  }

  onResponseError(): void {
    this.#end('connection');
  }

  /** Ends it without a result; `done` is not called any more. */
  cancel(): void {
    this.#stop();
  }

  #end(failure: DeliveryFailure | undefined): void {
    if (this.#isOver) return;
    const body = Buffer.concat(this.#chunks).toString('utf8');
    this.#stop(failure !== 'timeout' && failure !== 'answer');
    this.#done(failure, this.#status, body);
  }

  #stop(isFinished = false): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#chunks = [];
    clearTimeout(this.#timer);
    // WeChat disconnects; a connection whose answer is complete goes back to the pool.
    if (!isFinished) this.#controller?.abort(new Error('The delivery was ended.'));
  }
}
