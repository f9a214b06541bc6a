import { migrate } from '@vigia/ledger';

/** `node dist/migrate.js URL`: brings the database to this version's schema; a deployment runs it before the pods. */
const [url] = process.argv.slice(2);
if (url === undefined) {
  console.error('usage: migrate postgres://USER@HOST/DATABASE');
  process.exit(2);
}
migrate(url).then(
  (applied) => console.log(applied.length === 0 ? 'the schema is up to date' : `applied ${applied.join(', ')}`),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
