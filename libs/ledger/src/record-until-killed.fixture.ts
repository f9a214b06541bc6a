import { TEST_TIME_MS } from '@vigia/testing';
import { Ledger } from './ledger.js';
import { assessmentRow } from './row.fixture.js';

/**
 * Records rows, `parallel` at a time, and tells each id once it is answered, until it is killed.
 * Arguments: URL, spool directory.
 */
async function main([url, spoolDirectory]: string[]): Promise<void> {
  const writer = await Ledger.connect({ url: url! }).openWriter({ spoolDirectory: spoolDirectory! });
  const parallel = 8;
  const lane = async () => {
    for (;;) {
      // Another minute than the tests' own rows have: the ids must not be known already.
      const row = assessmentRow({}, { acceptedAtMs: TEST_TIME_MS + 3_600_000 });
      const { stored } = await writer.record(row);
      process.stdout.write(`${stored} ${row.endToEndId}\n`);
    }
  };
  await Promise.all(Array.from({ length: parallel }, lane));
}

void main(process.argv.slice(2));
