/**
 * `hongyan/simulator`: a WeChat to test against, in this process.
 *
 * @module
 */
export type { RecordedReply } from './callback/account-events.ts';
export type { EventFate, EventName, EventStatus } from './callback/event-log.ts';
export type {
  CallbackFormat,
  CallbackMode,
  CallbackSettings,
  EventOptions,
  ResolvedCallback,
} from './callback/options.ts';
export type { FaultRule } from './faults.ts';
export type { AccountSummary, ChannelSummary, SimulatedAccount, SimulatedTemplate } from './handle.ts';
export type { EventSummary, SimulatedEvent, SimulatedEvents } from './handle-events.ts';
export type { HoldChoice, SimulatedHold, SimulatedHolds } from './handle-holds.ts';
export type { SimulatedUser, SubscriptionChoice } from './handle-user.ts';
export type { HoldOptions } from './holds.ts';
export type { KfTrigger } from './kf-windows.ts';
export type {
  AccountKind,
  AccountOptions,
  QuotaLimit,
  SendCheck,
  SimulatorOptions,
  UncertainSwitches,
} from './options.ts';
export type { ReceivedMessage, SimulatedChannel } from './received.ts';
export { type Simulator, startSimulator } from './simulator.ts';
export type { TemplateDefinition, TemplateFamily } from './templates.ts';
