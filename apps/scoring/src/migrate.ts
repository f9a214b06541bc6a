import { migrate } from '@vigia/ledger';
import { parseConfig } from '@vigia/platform';
import { scoringConfig } from './config.js';

/** `node dist/migrate.js`: brings the database to this version's schema; a deployment runs it before the pods. */
const { databaseUrl } = parseConfig(scoringConfig.pick({ databaseUrl: true }), process.env);
migrate(databaseUrl).then(
  (applied) => console.log(applied.length === 0 ? 'the schema is up to date' : `applied ${applied.join(', ')}`),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
