-- Payments as the feature set handbook, edfccb3747ac0bfb752a2d63394640967103573e06001a4442d9b088adf41bb5, reads them, for spark.
-- Generated from its declaration by `npm run docs`; do not edit.
SELECT
  arrived_us AS arrival,
  payment.endToEndId AS end_to_end_id,
  payment.acceptedAtMs AS accepted_at_ms,
  payment.amountCents AS amount_cents,
  NOT (payment.purpose IN ('REFU', 'IPRT')) AS observed,
  payment.payer.person AS payer,
  payment.payee.person AS payee
FROM silver_payments
