import type { Sealer } from '../../base/seal.ts';
import type { Pool } from '../database/pool.ts';

/** How an account's pushes come, and what is answered. */
export interface CallbackSettings {
  appid: string;
  token: string;
  aesKey: string;
  /** The Token before the last change, and until when what was signed with it is taken. */
  previousToken: string | null;
  previousTokenUntil: Date | null;
  /** The key before the last change, and until when it opens what comes under it. */
  previousAesKey: string | null;
  previousAesKeyUntil: Date | null;
  /** `plain` takes encrypted pushes too; the others take nothing else. */
  mode: 'plain' | 'compatible' | 'secure';
  format: 'xml' | 'json';
  publicUrl: string | null;
  /** The URL that had the pushes before Hongyan. */
  forwardTo: string | null;
  /** To users' messages: `none`, `transfer` (to customer service), or `text:` and a text. */
  reply: string;
  /** Nothing but Hongyan sends messages for this account. */
  exclusive: boolean;
  /** CIDR blocks whose unsigned pushes are taken. */
  unsignedFrom: string[];
}

interface SealedRow {
  appid: string;
  token_sealed: Buffer;
  aes_key_sealed: Buffer;
  previous_token_sealed: Buffer | null;
  previousTokenUntil: Date | null;
  previous_aes_key_sealed: Buffer | null;
  previousAesKeyUntil: Date | null;
  forward_to_sealed: Buffer | null;
  mode: CallbackSettings['mode'];
  format: CallbackSettings['format'];
  publicUrl: string | null;
  reply: string;
  exclusive: boolean;
  unsignedFrom: string[];
  /** Changes with every change. */
  version: string;
}

/** Settings with the version of their row. */
export interface VersionedCallback {
  version: string;
  settings: CallbackSettings;
}

const columns = `appid, token_sealed, previous_token_sealed, previous_token_until as "previousTokenUntil", aes_key_sealed,
  previous_aes_key_sealed, previous_aes_key_until as "previousAesKeyUntil", forward_to_sealed, mode, format,
  public_url as "publicUrl", reply, exclusive, unsigned_from::text[] as "unsignedFrom", xmin::text as version`;

/** Null when the account has none. Throws `SECRET_UNREADABLE`. */
export async function findCallback(
  pool: Pool,
  sealer: Sealer,
  appid: string,
): Promise<CallbackSettings | null> {
  const result = await pool.query<SealedRow>(`select ${columns} from account_callbacks where appid = $1`, [
    appid,
  ]);
  return result.rows[0] === undefined ? null : open(sealer, result.rows[0]);
}

/** Those of all accounts; rows whose version is in `known` are not unsealed again. */
export async function listCallbacks(
  pool: Pool,
  sealer: Sealer,
  known: ReadonlyMap<string, VersionedCallback>,
): Promise<Map<string, VersionedCallback>> {
  const result = await pool.query<SealedRow>(`select ${columns} from account_callbacks`);
  return new Map(
    result.rows.map((row) => {
      const same = known.get(row.appid);
      return [
        row.appid,
        same?.version === row.version ? same : { version: row.version, settings: open(sealer, row) },
      ];
    }),
  );
}

/**
 * Adds the settings of an account or replaces them all. Those that are stored already change nothing: neither the row nor
 * its version, so that no process reads them again.
 *
 * @param known what was read before; a sealed value looks different each time, so that the database cannot compare it
 */
export async function saveCallback(
  pool: Pool,
  sealer: Sealer,
  settings: CallbackSettings,
  known: CallbackSettings | null = null,
): Promise<void> {
  const { appid } = settings;
  const isNewSecret = (['token', 'previousToken', 'aesKey', 'previousAesKey', 'forwardTo'] as const).some(
    (name) => known?.[name] !== settings[name],
  );
  const seal = (value: string | null, column: string): Buffer | null =>
    value === null ? null : sealer.seal(value, callbackPlace(column, appid));
  await pool.query(
    `insert into account_callbacks as c (appid, token_sealed, aes_key_sealed, previous_aes_key_sealed, forward_to_sealed,
       mode, format, public_url, reply, exclusive, unsigned_from, previous_aes_key_until, previous_token_sealed,
       previous_token_until)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, array(select network(block::inet) from unnest($11::text[]) block),
       $13, $14, $15)
     on conflict (appid) do update set token_sealed = excluded.token_sealed, aes_key_sealed = excluded.aes_key_sealed,
       previous_aes_key_sealed = excluded.previous_aes_key_sealed, forward_to_sealed = excluded.forward_to_sealed,
       previous_aes_key_until = excluded.previous_aes_key_until, previous_token_sealed = excluded.previous_token_sealed,
       previous_token_until = excluded.previous_token_until,
       mode = excluded.mode, format = excluded.format, public_url = excluded.public_url, reply = excluded.reply,
       exclusive = excluded.exclusive, unsigned_from = excluded.unsigned_from, changed_at = clock_timestamp()
     where $12 or (c.mode, c.format, c.public_url, c.reply, c.exclusive, c.unsigned_from, c.previous_aes_key_until, c.previous_token_until)
       is distinct from (excluded.mode, excluded.format, excluded.public_url, excluded.reply, excluded.exclusive,
         excluded.unsigned_from, excluded.previous_aes_key_until, excluded.previous_token_until)`,
    [
      appid,
      seal(settings.token, 'token'),
      seal(settings.aesKey, 'aes_key'),
      seal(settings.previousAesKey, 'previous_aes_key'),
      seal(settings.forwardTo, 'forward_to'),
      settings.mode,
      settings.format,
      settings.publicUrl,
      settings.reply,
      settings.exclusive,
      settings.unsignedFrom,
      isNewSecret,
      settings.previousAesKeyUntil,
      seal(settings.previousToken, 'previous_token'),
      settings.previousTokenUntil,
    ],
  );
}

export async function removeCallback(pool: Pool, appid: string): Promise<boolean> {
  const result = await pool.query('delete from account_callbacks where appid = $1', [appid]);
  return result.rowCount === 1;
}

function open(sealer: Sealer, row: SealedRow): CallbackSettings {
  const { appid, mode, format, publicUrl, reply, exclusive, unsignedFrom } = row;
  const { previousTokenUntil, previousAesKeyUntil } = row;
  const unseal = (value: Buffer | null, column: string): string | null =>
    value === null ? null : sealer.open(value, callbackPlace(column, appid));
  return {
    ...{ appid, mode, format, publicUrl, reply, exclusive, unsignedFrom },
    ...{ previousTokenUntil, previousAesKeyUntil },
    previousToken: unseal(row.previous_token_sealed, 'previous_token'),
    token: sealer.open(row.token_sealed, callbackPlace('token', appid)),
    aesKey: sealer.open(row.aes_key_sealed, callbackPlace('aes_key', appid)),
    previousAesKey: unseal(row.previous_aes_key_sealed, 'previous_aes_key'),
    forwardTo: unseal(row.forward_to_sealed, 'forward_to'),
  };
}

export function callbackPlace(column: string, appid: string): string {
  return `account_callbacks.${column}:${appid}`;
}
