import type { Assessment } from '@vigia/contracts';
import { writePacs002, type SpiHeader, type StatusReport } from '@vigia/spi';

/** Of the pacs.002 that is written (SPI catalogue 5.13). */
const VERSION = '1.17';

/**
 * The pacs.002 that the payee's institution would send for this pacs.008: ACSP, or RJCT with FRAD (BCB pacs.002,
 * `StsRsnInf/Rsn/Cd`). Money that is to be blocked as a precaution is settled first (Resolução BCB 147), so ACSP too.
 */
export function writeStatusReport(
  request: SpiHeader,
  assessments: readonly Assessment[],
  { messageId, atMs }: { messageId: string; atMs: number },
): string {
  const header = {
    from: request.to,
    to: request.from,
    messageId,
    createdAt: new Date(atMs).toISOString(),
    version: VERSION,
  };
  return writePacs002({ header, reports: assessments.map(reportOf) });
}

function reportOf({ endToEndId, action }: Assessment): StatusReport {
  const ids = { originalInstructionId: endToEndId, originalEndToEndId: endToEndId };
  if (action.kind === 'refuse') return { ...ids, status: action.status, reasonCode: action.reason };
  if (action.kind === 'accept' || action.kind === 'accept_and_block') return { ...ids, status: action.status };
  throw new Error(`scoring answered the payer's action ${action.kind} to the payee's side`);
}
