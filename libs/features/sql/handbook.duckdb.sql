-- Feature set handbook, edfccb3747ac0bfb752a2d63394640967103573e06001a4442d9b088adf41bb5, for duckdb.
-- Generated from its declaration by `npm run docs`; do not edit.
WITH
verdicts AS (
  SELECT arrival, end_to_end_id, CASE WHEN fraud THEN 1 ELSE -1 END AS change
  FROM (
    SELECT l.arrival, l.end_to_end_id, l.fraud,
      lag(l.fraud, 1, FALSE) OVER (PARTITION BY l.end_to_end_id ORDER BY l.arrival) AS before
    FROM labels l JOIN payments p ON p.end_to_end_id = l.end_to_end_id
    WHERE l.arrival > p.arrival
  ) AS words
  WHERE fraud <> before
),
-- Log customer: whoever touches it, by adding an event or by reading alone.
customer_touches AS (
  SELECT arrival * 64 + 0 AS turn, end_to_end_id, payer AS entity_key,
    CAST(NULL AS VARCHAR) AS counterparty, accepted_at_ms, observed AS adds, amount_cents
  FROM payments WHERE payer IS NOT NULL
),
customer_first AS (
  SELECT entity_key, min(turn) AS first_turn FROM customer_touches WHERE adds GROUP BY entity_key
),
-- Its clock: the latest time of a touch since the first event; a late touch is taken at the clock.
customer_clock AS (
  SELECT *, row_number() OVER turns AS touch,
    CASE WHEN has_begun THEN max(CASE WHEN has_begun THEN accepted_at_ms END) OVER turns ELSE 0 END AS clock_ms
  FROM (
    SELECT t.*, CASE WHEN adds THEN amount_cents END AS amount, coalesce(turn >= first_turn, FALSE) AS has_begun
    FROM customer_touches t LEFT JOIN customer_first f ON f.entity_key = t.entity_key
  ) AS begun
  WINDOW turns AS (PARTITION BY entity_key ORDER BY turn ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
),
customer_moments AS (
  SELECT *, clock_ms * 1048576 + touch - rank() OVER (PARTITION BY entity_key ORDER BY clock_ms) AS moment
  FROM customer_clock
),
customer_windows AS (
  SELECT turn, CASE WHEN has_begun THEN clock_ms ELSE accepted_at_ms END AS at_ms,
    count(amount) OVER up_to_now AS position,
    coalesce(count(amount) OVER within_1d, 0) AS count_1d,
    coalesce(count(amount) OVER within_7d, 0) AS count_7d,
    coalesce(count(amount) OVER within_30d, 0) AS count_30d,
    coalesce(sum(amount) OVER within_1d, 0) AS sum_1d,
    coalesce(sum(amount) OVER within_7d, 0) AS sum_7d,
    coalesce(sum(amount) OVER within_30d, 0) AS sum_30d
  FROM customer_moments
  WINDOW
    within_1d AS (PARTITION BY entity_key ORDER BY moment RANGE BETWEEN 90596965875712 PRECEDING AND CURRENT ROW),
    within_7d AS (PARTITION BY entity_key ORDER BY moment RANGE BETWEEN 634178764275712 PRECEDING AND CURRENT ROW),
    within_30d AS (PARTITION BY entity_key ORDER BY moment RANGE BETWEEN 2717908991475712 PRECEDING AND CURRENT ROW),
    up_to_now AS (PARTITION BY entity_key ORDER BY moment ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
),
customer_state AS (
  SELECT w.*
  FROM customer_windows w
),
-- Log terminal: whoever touches it, by adding an event or by reading alone.
terminal_touches AS (
  SELECT arrival * 64 + 1 AS turn, end_to_end_id, payee AS entity_key,
    CAST(NULL AS VARCHAR) AS counterparty, accepted_at_ms, observed AS adds, amount_cents
  FROM payments WHERE payee IS NOT NULL
),
terminal_first AS (
  SELECT entity_key, min(turn) AS first_turn FROM terminal_touches WHERE adds GROUP BY entity_key
),
-- Its clock: the latest time of a touch since the first event; a late touch is taken at the clock.
terminal_clock AS (
  SELECT *, row_number() OVER turns AS touch,
    CASE WHEN has_begun THEN max(CASE WHEN has_begun THEN accepted_at_ms END) OVER turns ELSE 0 END AS clock_ms
  FROM (
    SELECT t.*, CASE WHEN adds THEN amount_cents END AS amount, coalesce(turn >= first_turn, FALSE) AS has_begun
    FROM terminal_touches t LEFT JOIN terminal_first f ON f.entity_key = t.entity_key
  ) AS begun
  WINDOW turns AS (PARTITION BY entity_key ORDER BY turn ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
),
terminal_moments AS (
  SELECT *, clock_ms * 1048576 + touch - rank() OVER (PARTITION BY entity_key ORDER BY clock_ms) AS moment
  FROM terminal_clock
),
terminal_windows AS (
  SELECT turn, CASE WHEN has_begun THEN clock_ms ELSE accepted_at_ms END AS at_ms,
    count(amount) OVER up_to_now AS position,
    coalesce(count(amount) OVER within_1d_delayed_7d, 0) AS count_1d_delayed_7d,
    coalesce(count(amount) OVER within_7d_delayed_7d, 0) AS count_7d_delayed_7d,
    coalesce(count(amount) OVER within_30d_delayed_7d, 0) AS count_30d_delayed_7d
  FROM terminal_moments
  WINDOW
    within_1d_delayed_7d AS (PARTITION BY entity_key ORDER BY moment RANGE BETWEEN 724775730675712 PRECEDING AND 634178764275712 PRECEDING),
    within_7d_delayed_7d AS (PARTITION BY entity_key ORDER BY moment RANGE BETWEEN 1268357529075712 PRECEDING AND 634178764275712 PRECEDING),
    within_30d_delayed_7d AS (PARTITION BY entity_key ORDER BY moment RANGE BETWEEN 3352087756275712 PRECEDING AND 634178764275712 PRECEDING),
    up_to_now AS (PARTITION BY entity_key ORDER BY moment ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
),
-- Labels count from their arrival on, and for the event that they are about.
terminal_verdicts AS (
  SELECT v.arrival * 64 AS turn, e.entity_key, e.clock_ms, v.change
  FROM terminal_clock e JOIN verdicts v ON v.end_to_end_id = e.end_to_end_id
  WHERE e.adds
),
terminal_labelled AS (
  SELECT t.turn, sum(CASE WHEN v.clock_ms > t.clock_ms - 691200000 AND v.clock_ms <= t.clock_ms - 604800000 THEN v.change ELSE 0 END) AS labelled_1d_delayed_7d,
    sum(CASE WHEN v.clock_ms > t.clock_ms - 1209600000 AND v.clock_ms <= t.clock_ms - 604800000 THEN v.change ELSE 0 END) AS labelled_7d_delayed_7d,
    sum(CASE WHEN v.clock_ms > t.clock_ms - 3196800000 AND v.clock_ms <= t.clock_ms - 604800000 THEN v.change ELSE 0 END) AS labelled_30d_delayed_7d
  FROM terminal_clock t JOIN terminal_verdicts v
    ON v.entity_key = t.entity_key AND v.turn < t.turn AND v.clock_ms > t.clock_ms - 3196800000
  GROUP BY t.turn
),
terminal_state AS (
  SELECT w.*, coalesce(l.labelled_1d_delayed_7d, 0) AS labelled_1d_delayed_7d, coalesce(l.labelled_7d_delayed_7d, 0) AS labelled_7d_delayed_7d, coalesce(l.labelled_30d_delayed_7d, 0) AS labelled_30d_delayed_7d
  FROM terminal_windows w
  LEFT JOIN terminal_labelled l ON l.turn = w.turn
),
aggregated AS (
  SELECT
    p.arrival,
    p.end_to_end_id,
    CAST(p.amount_cents AS DOUBLE) AS field_amount_cents,
    CAST(p.accepted_at_ms AS DOUBLE) AS field_accepted_at_ms,
    customer.at_ms AS customer_at,
    customer.position AS customer_position,
    terminal.at_ms AS terminal_at,
    terminal.position AS terminal_position,
    CAST(customer.count_1d AS DOUBLE) AS customer_count_1d,
    CAST(customer.sum_1d AS DOUBLE) / CAST(nullif(customer.count_1d, 0) AS DOUBLE) / 1e2 AS customer_mean_1d,
    CAST(customer.count_7d AS DOUBLE) AS customer_count_7d,
    CAST(customer.sum_7d AS DOUBLE) / CAST(nullif(customer.count_7d, 0) AS DOUBLE) / 1e2 AS customer_mean_7d,
    CAST(customer.count_30d AS DOUBLE) AS customer_count_30d,
    CAST(customer.sum_30d AS DOUBLE) / CAST(nullif(customer.count_30d, 0) AS DOUBLE) / 1e2 AS customer_mean_30d,
    CAST(terminal.count_1d_delayed_7d AS DOUBLE) AS terminal_count_1d,
    CASE WHEN terminal.count_1d_delayed_7d = 0 THEN 0e0 ELSE CAST(terminal.labelled_1d_delayed_7d AS DOUBLE) / CAST(terminal.count_1d_delayed_7d AS DOUBLE) END AS terminal_fraud_share_1d,
    CAST(terminal.count_7d_delayed_7d AS DOUBLE) AS terminal_count_7d,
    CASE WHEN terminal.count_7d_delayed_7d = 0 THEN 0e0 ELSE CAST(terminal.labelled_7d_delayed_7d AS DOUBLE) / CAST(terminal.count_7d_delayed_7d AS DOUBLE) END AS terminal_fraud_share_7d,
    CAST(terminal.count_30d_delayed_7d AS DOUBLE) AS terminal_count_30d,
    CASE WHEN terminal.count_30d_delayed_7d = 0 THEN 0e0 ELSE CAST(terminal.labelled_30d_delayed_7d AS DOUBLE) / CAST(terminal.count_30d_delayed_7d AS DOUBLE) END AS terminal_fraud_share_30d
  FROM payments AS p
  LEFT JOIN customer_state AS customer ON customer.turn = p.arrival * 64 + 0
  LEFT JOIN terminal_state AS terminal ON terminal.turn = p.arrival * 64 + 1
),
computed_0 AS (
  SELECT *,
    (field_amount_cents / 1e+2) AS amount,
    CAST((((floor((field_accepted_at_ms / 8.64e+7)) + 3e+0) - 7e+0 * floor(((floor((field_accepted_at_ms / 8.64e+7)) + 3e+0) / 7e+0))) >= 5e+0) AS DOUBLE) AS during_weekend,
    CAST((7e+0 > floor(((field_accepted_at_ms - 8.64e+7 * floor((field_accepted_at_ms / 8.64e+7))) / 3.6e+6))) AS DOUBLE) AS during_night
  FROM aggregated
)
SELECT
  arrival,
  end_to_end_id,
  customer_at,
  customer_position,
  terminal_at,
  terminal_position,
  TRY_CAST(amount AS FLOAT) AS amount,
  TRY_CAST(during_weekend AS FLOAT) AS during_weekend,
  TRY_CAST(during_night AS FLOAT) AS during_night,
  CAST(customer_count_1d AS FLOAT) AS customer_count_1d,
  CAST(customer_mean_1d AS FLOAT) AS customer_mean_1d,
  CAST(customer_count_7d AS FLOAT) AS customer_count_7d,
  CAST(customer_mean_7d AS FLOAT) AS customer_mean_7d,
  CAST(customer_count_30d AS FLOAT) AS customer_count_30d,
  CAST(customer_mean_30d AS FLOAT) AS customer_mean_30d,
  CAST(terminal_count_1d AS FLOAT) AS terminal_count_1d,
  CAST(terminal_fraud_share_1d AS FLOAT) AS terminal_fraud_share_1d,
  CAST(terminal_count_7d AS FLOAT) AS terminal_count_7d,
  CAST(terminal_fraud_share_7d AS FLOAT) AS terminal_fraud_share_7d,
  CAST(terminal_count_30d AS FLOAT) AS terminal_count_30d,
  CAST(terminal_fraud_share_30d AS FLOAT) AS terminal_fraud_share_30d
FROM computed_0
