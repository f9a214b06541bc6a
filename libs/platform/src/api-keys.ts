import { hash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Fault } from '@vigia/contracts';
import { z } from 'zod';

export const apiScope = z.enum(['assess', 'ingest', 'outcomes', 'read', 'cases', 'admin']);
/** What a key may do. No scope contains another. */
export type ApiScope = z.infer<typeof apiScope>;

/** The keys file: who may call. It holds digests, so reading it gives no access. */
export const apiKeysFile = z.array(
  z.strictObject({
    /** Who holds the key; stands in the log and in the record of what was decided. */
    name: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'must be 1 to 63 of a-z 0-9 . _ -'),
    /** SHA-256 of the whole key, in lower-case hexadecimal. */
    sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits'),
    scopes: z.array(apiScope).min(1),
    /** Requests a second, on average, per process; unlimited when absent. */
    ratePerSecond: z.number().positive().optional(),
    /** Requests at once beyond the average; one second's worth when absent. */
    burst: z.number().min(1).optional(),
  }),
);
export type ApiKeyEntry = z.infer<typeof apiKeysFile>[number];

const KEY_FORM = /^vg_[A-Za-z0-9_-]{43}$/;

/** A new key: `vg_` and 32 random bytes as base64url. Shown once; only its digest goes into the keys file. */
export function mintApiKey(): string {
  return `vg_${randomBytes(32).toString('base64url')}`;
}

/**
 * SHA-256 of a key, in hexadecimal. A plain digest is right here, unlike for passwords: the key has 256 random bits,
 * so no slow hash is needed against guessing, and one digest costs half a microsecond a request.
 */
export function digestApiKey(key: string): string {
  return hash('sha256', key, 'hex');
}

interface Holder extends ApiKeyEntry {
  burstSize: number;
  tokens: number;
  refilledAtMs: number;
}

/** The keys of one process, each with its token bucket. Limits hold per process, not across replicas. */
export class ApiKeys {
  private readonly holders = new Map<string, Holder>();

  /** @param nowMs monotonic clock, ms. @throws when a name or digest stands twice. */
  constructor(
    entries: ApiKeyEntry[],
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    const names = new Set<string>();
    for (const entry of entries) {
      if (names.has(entry.name) || this.holders.has(entry.sha256)) {
        throw new Error(`the API key ${entry.name} stands twice in the keys file`);
      }
      names.add(entry.name);
      const burstSize = Math.max(1, entry.burst ?? entry.ratePerSecond ?? 1);
      this.holders.set(entry.sha256, { ...entry, burstSize, tokens: burstSize, refilledAtMs: nowMs() });
    }
  }

  /** @throws when the file is missing, not JSON, or does not fit {@link apiKeysFile}; says how it should look. */
  static load(path: string): ApiKeys {
    let entries: unknown;
    try {
      entries = JSON.parse(readFileSync(path, 'utf8'));
    } catch (cause) {
      throw new Error(`API keys: ${path} can't be read as JSON`, { cause });
    }
    const result = apiKeysFile.safeParse(entries);
    if (result.success) return new ApiKeys(result.data);
    throw new Error(
      `API keys: ${path} must be [{"name", "sha256", "scopes", "ratePerSecond"?, "burst"?}]:\n${z.prettifyError(result.error)}`,
    );
  }

  /**
   * Name of the caller whose key this is; takes one request from its budget.
   * @throws {Fault} `unauthenticated`, `forbidden`, or `rate_limited` with the seconds to wait.
   */
  authorize(key: string | undefined, scope: ApiScope): string {
    if (key === undefined) {
      throw new Fault('unauthenticated', { detail: 'Send Authorization: Bearer KEY or x-api-key: KEY.' });
    }
    const holder = KEY_FORM.test(key) ? this.holders.get(digestApiKey(key)) : undefined;
    if (holder === undefined) throw new Fault('unauthenticated', { detail: 'This API key is not known here.' });
    if (!holder.scopes.includes(scope)) {
      throw new Fault('forbidden', { detail: `This needs an API key with the scope ${scope}.` });
    }
    if (holder.ratePerSecond !== undefined) this.take(holder, holder.ratePerSecond);
    return holder.name;
  }

  private take(holder: Holder, ratePerSecond: number): void {
    const now = this.nowMs();
    const refill = ((now - holder.refilledAtMs) / 1_000) * ratePerSecond;
    holder.tokens = Math.min(holder.burstSize, holder.tokens + refill);
    holder.refilledAtMs = now;
    if (holder.tokens < 1) {
      throw new Fault('rate_limited', {
        detail: `This API key may send ${ratePerSecond} requests a second to one process.`,
        retryAfterS: Math.max(1, Math.ceil((1 - holder.tokens) / ratePerSecond)),
      });
    }
    holder.tokens -= 1;
  }
}
