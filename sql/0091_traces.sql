-- The trace in which a message or a campaign was made, so that what other processes do for it later belongs to it.
alter table messages add column trace text;
comment on column messages.trace is
  'traceparent and, after a space, tracestate of the span that stored it, where OpenTelemetry records it; else null.';
alter table campaigns add column trace text;
comment on column campaigns.trace is 'As of messages; its recipients hold nothing.';
