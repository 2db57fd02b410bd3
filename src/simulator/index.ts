/**
 * `hongyan/simulator`: a WeChat to test against, in this process.
 *
 * @module
 */
import '../base/node-version.ts';

export type { RecordedReply } from './callback/account-events.ts';
export type { EventFate, EventName, EventStatus } from './callback/event-log.ts';
export type {
  CallbackFormat,
  CallbackMode,
  CallbackSettings,
  EventOptions,
  ResolvedCallback,
} from './callback/options.ts';
export type { Phone, PhoneAccount, PhoneEvent } from './control/people.ts';
export type {
  AccountSummary,
  ChannelSummary,
  SimulatedAccount,
  SimulatedTemplate,
} from './control/simulated-account.ts';
export type { EventSummary, SimulatedEvent, SimulatedEvents } from './control/simulated-events.ts';
export type { HoldChoice, SimulatedHold, SimulatedHolds } from './control/simulated-holds.ts';
export type { SimulatedUser, SubscriptionChoice } from './control/simulated-user.ts';
export type {
  AccountKind,
  AccountOptions,
  QuotaLimit,
  SendCheck,
  SimulatorOptions,
  UncertainSwitches,
} from './options.ts';
export { type Simulator, startSimulator } from './simulator.ts';
export type { FaultRule } from './state/faults.ts';
export type { HoldOptions } from './state/holds.ts';
export type { KfTrigger } from './state/kf-windows.ts';
export type { ReceivedMessage, SimulatedChannel } from './state/received.ts';
export type { TemplateDefinition, TemplateFamily } from './templates/templates.ts';
