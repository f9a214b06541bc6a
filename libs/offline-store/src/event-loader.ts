import type { PseudonymousPayment } from '@vigia/contracts';
import { eventColumns, eventReader, type EventColumn, type FeatureSet } from '@vigia/features';
import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';
import { faultOf } from './failure.js';

type Append = (value: string | number | boolean) => void;

/**
 * Puts payments and labels into the offline store, in any order: `arrival` says in which they reached the windows, and
 * no two payments have the same. Each payment comes once, as in the ledger: a repeat changes no window.
 * Calls throw Fault('storage_full') where the disk is.
 */
export class EventLoader {
  payments = 0;

  private constructor(
    private readonly paymentRows: DuckDBAppender,
    private readonly labelRows: DuckDBAppender,
    private readonly read: ReturnType<typeof eventReader>,
    private readonly appends: Append[],
  ) {}

  static async open(connection: DuckDBConnection, set: FeatureSet): Promise<EventLoader> {
    const payments = await connection.createAppender('payments');
    const labels = await connection.createAppender('labels');
    const appends = eventColumns(set).map((column) => appendTo(payments, column));
    return new EventLoader(payments, labels, eventReader(set), appends);
  }

  payment(payment: PseudonymousPayment, arrival: number): void {
    const row = this.read(payment, arrival);
    orFault(() => {
      for (let i = 0; i < row.length; i++) {
        const value = row[i]!;
        if (value === null) this.paymentRows.appendNull();
        else this.appends[i]!(value);
      }
      this.paymentRows.endRow();
    });
    this.payments++;
  }

  label(endToEndId: string, fraud: boolean, arrival: number): void {
    orFault(() => {
      this.labelRows.appendBigInt(BigInt(arrival));
      this.labelRows.appendVarchar(endToEndId);
      this.labelRows.appendBoolean(fraud);
      this.labelRows.endRow();
    });
  }

  /** What was given is in the tables after this. */
  close(): void {
    orFault(() => {
      this.paymentRows.closeSync();
      this.labelRows.closeSync();
    });
  }
}

function orFault(act: () => void): void {
  try {
    act();
  } catch (error) {
    throw faultOf(error);
  }
}

function appendTo(rows: DuckDBAppender, { type }: EventColumn): Append {
  switch (type) {
    case 'BIGINT':
      return (value) => rows.appendBigInt(BigInt(value));
    case 'VARCHAR':
      return (value) => rows.appendVarchar(value as string);
    case 'BOOLEAN':
      return (value) => rows.appendBoolean(value as boolean);
    case 'DOUBLE':
      return (value) => rows.appendDouble(value as number);
  }
}
