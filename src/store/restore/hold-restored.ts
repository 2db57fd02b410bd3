import type { ClientBase } from 'pg';
import { factKind } from '../facts.ts';

/**
 * Epochs are raised by more claims than can have been since the copy was made, and at random: what a living process
 * still holds was claimed in a past that this database has forgotten, also in the one between two restores of the same copy,
 * and no claim of today may look like one of those.
 */
const raised = '1000 + floor(random() * 1000000)::integer';

/** Campaigns that must not have been sent by now even if a clock is wrong by this much are only paused. */
const startMargin = "interval '5 minutes'";

/** Of what was still being planned. */
const chunkSize = 1000;

const anHourAgo = "clock_timestamp() - interval '1 hour'";

/**
 * Campaigns that were under way are paused, those that were not started are cancelled, and everybody of whom the database
 * has no outcome counts as messaged, longer ago than WeChat drops repeats: in the end they are `unknown`, never sent
 * again by themselves. No process owns anything any more; what they still hear is appended all the same. A new history
 * begins. In the caller's transaction, which holds the installation's row.
 *
 * @param after Unix µs: the new history begins later than this, whatever the clock says
 * @returns the paused campaigns
 */
export async function holdEverything(client: ClientBase, after: number): Promise<number[]> {
  const isDue = `(c.start_at is null or c.start_at <= clock_timestamp() + ${startMargin})`;
  // Planned ones too, also in part: they may have been confirmed, and sent, after the backup.
  const held = `ch.state = 'open' and c.state in ('planning', 'planned', 'running', 'paused') and ${isDue}`;
  await client.query(
    `insert into chunks (campaign_id, first_no, last_no, watermark)
     select c.id, first_no, least(first_no + ${chunkSize} - 1, c.planned_count), first_no - 1
     from campaigns c, generate_series(1, c.planned_count, ${chunkSize}) first_no
     where c.state = 'planning' and ${isDue}`,
  );
  // Whoever waits for another attempt may have had it.
  await client.query(
    `insert into facts (campaign_id, at, no, epoch, flush_group, attempt, kind)
     select campaign_id, ${anHourAgo}, no, epoch, 0, attempt + 1, ${factKind.started} from (
       select distinct on (f.campaign_id, f.no) f.campaign_id, f.no, f.epoch, f.attempt, f.kind, f.next_at
       from campaigns c join chunks ch on ch.campaign_id = c.id
         join facts f on f.campaign_id = ch.campaign_id and f.no between ch.first_no and ch.last_no and f.kind <> ${factKind.started}
       where ${held} order by f.campaign_id, f.no, f.kind desc, f.attempt desc) last
     where kind = ${factKind.retry} and next_at is not null`,
  );
  await client.query(
    `update chunks ch set watermark = last_no, epoch = ch.epoch + ${raised}, owner = gen_random_uuid(),
       lease_until = null, not_before = null, doubt_from = least(coalesce(ch.doubt_from, clock_timestamp()), ${anHourAgo})
     from campaigns c where c.id = ch.campaign_id and ${held}`,
  );
  // Under an owner that never was, so that the next look takes them over; those that waited may have been sent since.
  await client.query(
    `with fenced as (update nodes set epoch = epoch + ${raised})
     update open_messages set owner = gen_random_uuid(), epoch = 0, batch = 0, claimed_at = clock_timestamp(),
       doubt_from = least(coalesce(doubt_from, clock_timestamp()), ${anHourAgo})`,
  );
  const campaigns = await client.query<{ id: string | number }>(
    `update campaigns set state = 'paused', state_reason = 'restored', state_detail = null where state = 'running' returning id`,
  );
  await client.query(
    `update campaigns set state = 'cancelled', state_reason = 'restored', finished_at = clock_timestamp()
     where state in ('staging', 'planning', 'planned')`,
  );
  // Numbers that were given since the backup are not given again: a process that still speaks of them means others.
  await client.query(
    `select setval(name, nextval(name) + least + floor(random() * least)::bigint) from (values
       (pg_get_serial_sequence('campaigns', 'id')::regclass, 1000::bigint),
       (pg_get_serial_sequence('messages', 'id')::regclass, 1000000000::bigint)) as s (name, least)`,
  );
  await client.query(
    `update installation set history_id = gen_random_uuid(),
       history_at = greatest(clock_timestamp(), history_at + interval '1 ms', timestamptz 'epoch' + ($1::bigint + 1000) * interval '1 microsecond')`,
    [after],
  );
  return campaigns.rows.map(({ id }) => Number(id)); // text on a session of pg-boss
}
