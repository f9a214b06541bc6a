import { SOURCE_RANKS } from '@vigia/contracts';

const RANK = `CASE source ${Object.entries(SOURCE_RANKS)
  .map(([source, rank]) => `WHEN '${source}' THEN ${rank}`)
  .join(' ')} END`;

/** ORDER BY that brings the outcome first which labels the payment, as `labelOf` has it; those that are `open` left out before. */
export const LABEL_FIRST = `${RANK} DESC, known_at DESC, id DESC`;
