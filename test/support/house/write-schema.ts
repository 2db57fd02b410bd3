/** `npm run schema`: migrates an empty database and writes sql/schema.sql. Commit it with the migration. */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '../../../src/store/database/migrate.ts';
import { createPool } from '../../../src/store/database/pool.ts';
import { openEmbeddedPostgres } from '../../../src/store/embedded/open.ts';
import { dumpSchema } from './schema-dump.ts';

const directory = await mkdtemp(join(tmpdir(), 'hongyan-schema-'));
// Run by root, the database's own user must get through to its part.
await chmod(directory, 0o711);
const database = await openEmbeddedPostgres({
  dataDir: join(directory, 'data'),
  systemDir: join(directory, 'system'),
});
try {
  const pool = createPool(database.connection);
  try {
    await migrate(pool);
    await writeFile(new URL('../../../sql/schema.sql', import.meta.url), await dumpSchema(pool));
  } finally {
    await pool.end();
  }
} finally {
  await database.close();
  await rm(directory, { recursive: true, force: true });
}
