import { z } from 'zod';
import { instant } from './identifiers.js';
import { amountOrZero } from './money.js';

/** What the payer's app knows of the device. `id` is pseudonymised before anything is kept. */
export const device = z.strictObject({
  id: z.string().min(1).max(128),
  /** Registered by the customer for Pix; an unregistered one has limits (Resolução BCB 403/2024). */
  registered: z.boolean().optional(),
  firstSeenAt: instant.optional(),
  platform: z.enum(['android', 'ios', 'web', 'other']).optional(),
  ip: z.string().max(45).optional(),
  /** IPv4/IPv6 belongs to a hosting provider, VPN or proxy. */
  anonymousNetwork: z.boolean().optional(),
  emulator: z.boolean().optional(),
  rooted: z.boolean().optional(),
  accessibilityService: z.boolean().optional(),
  remoteAccess: z.boolean().optional(),
  screenShare: z.boolean().optional(),
  simChangedAt: instant.optional(),
  /** Kilometres between this place and where the payer usually pays. */
  distanceFromUsualKm: z.number().min(0).max(20_100).optional(),
});

/** What the payer's channel knows of the session that made the payment. */
export const session = z
  .strictObject({
    channel: z.enum(['app', 'web', 'api', 'branch', 'call_centre']),
    startedAt: instant,
    authentication: z.enum(['password', 'biometrics', 'token', 'none']),
    failedAuthentications: z.int().min(0).max(1_000),
    /** A phone call ran on the device during the session. */
    onCall: z.boolean(),
    credentialResetAt: instant,
    limitRaisedAt: instant,
    /** The key was pasted, not typed or read from a code. */
    keyPasted: z.boolean(),
    /** Distance of touch and typing rhythm from the payer's own, 0 (same) to 1, by the channel's vendor. */
    behaviourAnomaly: z.number().min(0).max(1),
    /** The payee stands in the payer's list of trusted payees. */
    trustedPayee: z.boolean(),
    /** Balance of the payer's account before the payment. */
    balance: amountOrZero,
    /** The customer's own night limit where it differs from the default. */
    nightLimit: amountOrZero,
  })
  .partial();
