import { Client } from 'pg';

const ID_LENGTH = 32;
const IDS_A_PAGE = 65_536;

/** Millions of EndToEndIds in few bytes, to be looked for in the record afterwards. */
export class EndToEndIds {
  private readonly pages: Buffer[] = [];
  count = 0;

  add(id: Uint8Array): void {
    const within = this.count++ % IDS_A_PAGE;
    if (within === 0) this.pages.push(Buffer.alloc(IDS_A_PAGE * ID_LENGTH));
    this.pages.at(-1)!.set(id, within * ID_LENGTH);
  }

  /** How many of them the ledger does not hold; each one is looked up. */
  async missingFrom(databaseUrl: string): Promise<number> {
    const client = new Client({ connectionString: databaseUrl });
    await client.connect();
    try {
      await client.query('CREATE TEMPORARY TABLE answered (end_to_end_id text NOT NULL)');
      for (const ids of this.batches()) {
        await client.query('INSERT INTO answered SELECT unnest($1::text[])', [ids]);
      }
      await client.query('ANALYZE answered');
      const { rows } = await client.query<{ missing: string }>(
        `SELECT count(*) AS missing FROM answered
         WHERE NOT EXISTS (SELECT FROM assessment WHERE assessment.end_to_end_id = answered.end_to_end_id)`,
      );
      return Number(rows[0]!.missing);
    } finally {
      await client.end();
    }
  }

  private *batches(): Generator<string[]> {
    for (const [index, page] of this.pages.entries()) {
      const count = Math.min(IDS_A_PAGE, this.count - index * IDS_A_PAGE);
      yield Array.from({ length: count }, (_, i) => page.toString('latin1', i * ID_LENGTH, (i + 1) * ID_LENGTH));
    }
  }
}
