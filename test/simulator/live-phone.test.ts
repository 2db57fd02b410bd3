import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Phone, type PhoneAccount, type Simulator, startSimulator } from '../../src/simulator/index.ts';
import { CallbackReceiver } from '../support/callback/receiver.ts';
import { sendTo, simulatorFor } from '../support/callback/simulator.ts';
import { inTime, signal } from '../support/in-time.ts';
import { Caller } from '../support/simulated.ts';

/** What the page of one person is told, read until it says what is awaited. */
class LivePhone implements AsyncDisposable {
  readonly #reader: ReadableStreamDefaultReader<string>;
  #text = '';

  private constructor(reader: ReadableStreamDefaultReader<string>) {
    this.#reader = reader;
  }

  static async of(simulator: Simulator, index: number): Promise<LivePhone> {
    const { body } = await fetch(`${simulator.url}/_simulator/people/${index}/live`);
    assert.ok(body !== null);
    return new LivePhone(body.pipeThrough(new TextDecoderStream()).getReader());
  }

  async shows(what: string, is: (account: PhoneAccount, phone: Phone) => boolean): Promise<Phone> {
    return await inTime(what, this.#until(is));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader.cancel();
  }

  async #until(is: (account: PhoneAccount, phone: Phone) => boolean): Promise<Phone> {
    for (;;) {
      const phone = await this.#next();
      const [account] = phone.accounts;
      if (account !== undefined && is(account, phone)) return phone;
    }
  }

  async #next(): Promise<Phone> {
    for (;;) {
      const end = this.#text.indexOf('\n\n');
      if (end < 0) {
        const { value, done } = await this.#reader.read();
        assert.ok(!done, 'the stream ended');
        this.#text += value;
        continue;
      }
      const event = this.#text.slice(0, end);
      this.#text = this.#text.slice(end + 2);
      // A heartbeat has no data; what has is written by the simulator's phoneOf.
      if (event.startsWith('data: ')) return JSON.parse(event.slice('data: '.length)) as Phone;
    }
  }
}

const fates = ({ events }: PhoneAccount): string => events.map(({ fate }) => fate).join();
const texts = ({ events }: PhoneAccount): string => events.map(({ content = '' }) => content).join();

test('a live phone comes at once, and after each change', async () => {
  await using simulator = await startSimulator();
  const account = simulator.account();
  const openid = account.openid(7);
  await using phone = await LivePhone.of(simulator, 7);
  await phone.shows('the person follows', ({ follows }) => follows);
  account.user(openid).unfollow();
  await phone.shows('the person left', ({ follows }) => !follows);
  account.block(openid);
  const { now, people } = await phone.shows('the blacklist', ({ blacklisted }) => blacklisted);
  simulator.advance(3_600_000);
  await phone.shows('an hour later', (_account, shown) => shown.now >= now + 3_600_000);
  account.grow(5);
  await phone.shows('five people more', (_account, shown) => shown.people === people + 5);
});

test('a live phone shows the only event as delivered after it was seen on its way', async () => {
  await using receiver = await new CallbackReceiver().listen();
  const seen = signal('the event is seen on its way');
  receiver.answer = (_push, response) => void seen.promise.then(() => response.end('success'));
  // However long the look at it takes: no second delivery.
  await using simulator = await simulatorFor(receiver, { events: { timeoutMs: 60_000 } });
  await using phone = await LivePhone.of(simulator, 7);
  await phone.shows('no event', (account) => fates(account) === '');
  await sendTo(await new Caller(simulator).login(), [7]);
  await phone.shows('it is on its way', (account) => fates(account) === 'pending');
  seen.give();
  await phone.shows('it is delivered', (account) => fates(account) === 'delivered');
});

test('a live phone shows what came in the place of as much that went', async () => {
  await using receiver = await new CallbackReceiver().listen();
  await using simulator = await simulatorFor(receiver, {
    record: 'full',
    holds: { next: 2, reviewMs: null },
  });
  const account = simulator.account();
  account.events.pause();
  const user = account.user(account.openid(7));
  await using phone = await LivePhone.of(simulator, 7);
  user.sendText('first');
  await phone.shows('the first text', (shown) => texts(shown) === 'first');
  account.events.clear();
  account.events.pause();
  user.sendText('second');
  await phone.shows('the second text', (shown) => texts(shown) === 'second');

  const caller = await new Caller(simulator).login();
  await sendTo(caller, [7]);
  await phone.shows('its message is under review', ({ held }) => held.mine === 1);
  account.holds.block();
  await sendTo(caller, [8]);
  await phone.shows('another’s is', ({ held }) => held.mine === 0 && held.all === 1);
});

test('a live phone shows that its messages were forgotten, also when another person gets as many', async () => {
  await using simulator = await startSimulator();
  await using phone = await LivePhone.of(simulator, 7);
  const caller = await new Caller(simulator).login();
  await sendTo(caller, [7]);
  await phone.shows('a message', ({ received }) => received === 1);
  simulator.account().clearReceived();
  await sendTo(caller, [8]);
  await phone.shows('no message any more', ({ received }) => received === 0);
});
