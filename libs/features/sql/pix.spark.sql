-- Feature set pix, 105ff6d500bb0af46d6daaf05bb99e404ce43fe69619e411fa2b7a00a72c321f, for spark.
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
-- Log payer: whoever touches it, by adding an event or by reading alone.
payer_touches AS (
  SELECT arrival * 64 + 0 AS turn, end_to_end_id, payer AS entity_key,
    payee AS counterparty, accepted_at_ms, observed AS adds, amount_cents
  FROM payments WHERE payer IS NOT NULL
  UNION ALL
  SELECT arrival * 64 + 2 AS turn, end_to_end_id, payee AS entity_key,
    CAST(NULL AS STRING) AS counterparty, accepted_at_ms, FALSE AS adds, amount_cents
  FROM payments WHERE payee IS NOT NULL
),
payer_first AS (
  SELECT entity_key, min(turn) AS first_turn FROM payer_touches WHERE adds GROUP BY entity_key
),
-- Its clock: the latest time of a touch since the first event; a late touch is taken at the clock.
payer_clock AS (
  SELECT *, row_number() OVER turns AS touch,
    CASE WHEN has_begun THEN max(CASE WHEN has_begun THEN accepted_at_ms END) OVER turns ELSE 0 END AS clock_ms
  FROM (
    SELECT t.*, CASE WHEN adds THEN amount_cents END AS amount, coalesce(turn >= first_turn, FALSE) AS has_begun
    FROM payer_touches t LEFT JOIN payer_first f ON f.entity_key = t.entity_key
  ) AS begun
  WINDOW turns AS (PARTITION BY entity_key ORDER BY turn ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
),
payer_moments AS (
  SELECT *, clock_ms * 1048576 + touch - rank() OVER (PARTITION BY entity_key ORDER BY clock_ms) AS moment
  FROM payer_clock
),
payer_windows AS (
  SELECT turn, CASE WHEN has_begun THEN clock_ms ELSE accepted_at_ms END AS at_ms,
    count(amount) OVER up_to_now AS position,
    coalesce(count(amount) OVER up_to_now, 0) - coalesce(count(amount) OVER up_to_10m, 0) AS count_10m,
    coalesce(count(amount) OVER up_to_now, 0) - coalesce(count(amount) OVER up_to_1h, 0) AS count_1h,
    coalesce(count(amount) OVER up_to_now, 0) - coalesce(count(amount) OVER up_to_1d, 0) AS count_1d,
    coalesce(count(amount) OVER up_to_now, 0) - coalesce(count(amount) OVER up_to_30d, 0) AS count_30d,
    coalesce(sum(amount) OVER up_to_now, 0) - coalesce(sum(amount) OVER up_to_1h, 0) AS sum_1h,
    coalesce(sum(amount) OVER up_to_now, 0) - coalesce(sum(amount) OVER up_to_1d, 0) AS sum_1d,
    coalesce(sum(amount) OVER up_to_now, 0) - coalesce(sum(amount) OVER up_to_30d, 0) AS sum_30d,
    max(amount) OVER within_30d AS maximum_30d,
    coalesce(sum(CAST(amount AS DECIMAL(38, 0)) * amount) OVER up_to_now, 0) - coalesce(sum(CAST(amount AS DECIMAL(38, 0)) * amount) OVER up_to_30d, 0) AS squares_30d,
    max(CASE WHEN adds THEN clock_ms END) OVER earlier AS previous_ms
  FROM payer_moments
  WINDOW
    up_to_now AS (PARTITION BY entity_key ORDER BY moment ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
    up_to_10m AS (PARTITION BY entity_key ORDER BY moment RANGE BETWEEN UNBOUNDED PRECEDING AND 629145075712L PRECEDING),
    up_to_1h AS (PARTITION BY entity_key ORDER BY moment RANGE BETWEEN UNBOUNDED PRECEDING AND 3774873075712L PRECEDING),
    up_to_1d AS (PARTITION BY entity_key ORDER BY moment RANGE BETWEEN UNBOUNDED PRECEDING AND 90596965875712L PRECEDING),
    up_to_30d AS (PARTITION BY entity_key ORDER BY moment RANGE BETWEEN UNBOUNDED PRECEDING AND 2717908991475712L PRECEDING),
    within_30d AS (PARTITION BY entity_key ORDER BY moment RANGE BETWEEN 2717908991475712L PRECEDING AND CURRENT ROW),
    earlier AS (PARTITION BY entity_key ORDER BY moment ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
),
-- Distinct counterparties: an event stands for its own until the next with the same, or until it leaves the window.
payer_standing AS (
  SELECT entity_key, clock_ms, lead(moment) OVER (PARTITION BY entity_key, counterparty ORDER BY moment) AS replaced
  FROM payer_moments WHERE adds AND counterparty IS NOT NULL
),
payer_steps AS (
    SELECT turn, entity_key, moment, CASE WHEN adds AND counterparty IS NOT NULL THEN 1 ELSE 0 END AS distinct_1d, CASE WHEN adds AND counterparty IS NOT NULL THEN 1 ELSE 0 END AS distinct_30d
    FROM payer_moments
    UNION ALL
    SELECT NULL, entity_key, least(replaced, (clock_ms + 86400000) * 1048576), -1, 0
    FROM payer_standing
    UNION ALL
    SELECT NULL, entity_key, least(replaced, (clock_ms + 2592000000) * 1048576), 0, -1
    FROM payer_standing
),
payer_distinct AS (
  SELECT turn, sum(distinct_1d) OVER up_to_now AS distinct_1d,
    sum(distinct_30d) OVER up_to_now AS distinct_30d
  FROM payer_steps
  WINDOW up_to_now AS (PARTITION BY entity_key ORDER BY moment RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
),
-- Labels count from their arrival on, and for the event that they are about.
payer_verdicts AS (
  SELECT v.arrival * 64 AS turn, e.entity_key, e.clock_ms, v.change
  FROM payer_clock e JOIN verdicts v ON v.end_to_end_id = e.end_to_end_id
  WHERE e.adds
),
payer_labelled AS (
  SELECT t.turn, sum(CASE WHEN v.clock_ms > t.clock_ms - 2592000000 THEN v.change ELSE 0 END) AS labelled_30d
  FROM payer_clock t JOIN payer_verdicts v
    ON v.entity_key = t.entity_key AND v.turn < t.turn AND v.clock_ms > t.clock_ms - 2592000000
  GROUP BY t.turn
),
payer_state AS (
  SELECT w.*, d.distinct_1d, d.distinct_30d, coalesce(l.labelled_30d, 0) AS labelled_30d
  FROM payer_windows w
  JOIN payer_distinct d ON d.turn = w.turn
  LEFT JOIN payer_labelled l ON l.turn = w.turn
),
-- Log payee: whoever touches it, by adding an event or by reading alone.
payee_touches AS (
  SELECT arrival * 64 + 1 AS turn, end_to_end_id, payee AS entity_key,
    payer AS counterparty, accepted_at_ms, observed AS adds, amount_cents
  FROM payments WHERE payee IS NOT NULL
),
payee_first AS (
  SELECT entity_key, min(turn) AS first_turn FROM payee_touches WHERE adds GROUP BY entity_key
),
-- Its clock: the latest time of a touch since the first event; a late touch is taken at the clock.
payee_clock AS (
  SELECT *, row_number() OVER turns AS touch,
    CASE WHEN has_begun THEN max(CASE WHEN has_begun THEN accepted_at_ms END) OVER turns ELSE 0 END AS clock_ms
  FROM (
    SELECT t.*, CASE WHEN adds THEN amount_cents END AS amount, coalesce(turn >= first_turn, FALSE) AS has_begun
    FROM payee_touches t LEFT JOIN payee_first f ON f.entity_key = t.entity_key
  ) AS begun
  WINDOW turns AS (PARTITION BY entity_key ORDER BY turn ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
),
payee_moments AS (
  SELECT *, clock_ms * 1048576 + touch - rank() OVER (PARTITION BY entity_key ORDER BY clock_ms) AS moment,
    CASE WHEN adds THEN lead(CASE WHEN adds THEN clock_ms END) IGNORE NULLS
      OVER (PARTITION BY entity_key ORDER BY turn) END AS next_ms
  FROM payee_clock
),
payee_windows AS (
  SELECT turn, CASE WHEN has_begun THEN clock_ms ELSE accepted_at_ms END AS at_ms,
    count(amount) OVER up_to_now AS position,
    coalesce(count(amount) OVER up_to_now, 0) - coalesce(count(amount) OVER up_to_10m, 0) AS count_10m,
    coalesce(count(amount) OVER up_to_now, 0) - coalesce(count(amount) OVER up_to_1h, 0) AS count_1h,
    coalesce(count(amount) OVER up_to_now, 0) - coalesce(count(amount) OVER up_to_1d, 0) AS count_1d,
    coalesce(count(amount) OVER up_to_now, 0) - coalesce(count(amount) OVER up_to_30d, 0) AS count_30d,
    coalesce(sum(amount) OVER up_to_now, 0) - coalesce(sum(amount) OVER up_to_1h, 0) AS sum_1h,
    coalesce(sum(amount) OVER up_to_now, 0) - coalesce(sum(amount) OVER up_to_1d, 0) AS sum_1d,
    coalesce(sum(amount) OVER up_to_now, 0) - coalesce(sum(amount) OVER up_to_30d, 0) AS sum_30d,
    coalesce(max(next_ms) OVER up_to_30d, min(CASE WHEN adds THEN clock_ms END) OVER up_to_now) AS oldest_30d,
    max(CASE WHEN adds THEN clock_ms END) OVER earlier AS previous_ms
  FROM payee_moments
  WINDOW
    up_to_now AS (PARTITION BY entity_key ORDER BY moment ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
    up_to_10m AS (PARTITION BY entity_key ORDER BY moment RANGE BETWEEN UNBOUNDED PRECEDING AND 629145075712L PRECEDING),
    up_to_1h AS (PARTITION BY entity_key ORDER BY moment RANGE BETWEEN UNBOUNDED PRECEDING AND 3774873075712L PRECEDING),
    up_to_1d AS (PARTITION BY entity_key ORDER BY moment RANGE BETWEEN UNBOUNDED PRECEDING AND 90596965875712L PRECEDING),
    up_to_30d AS (PARTITION BY entity_key ORDER BY moment RANGE BETWEEN UNBOUNDED PRECEDING AND 2717908991475712L PRECEDING),
    earlier AS (PARTITION BY entity_key ORDER BY moment ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
),
-- Distinct counterparties: an event stands for its own until the next with the same, or until it leaves the window.
payee_standing AS (
  SELECT entity_key, clock_ms, lead(moment) OVER (PARTITION BY entity_key, counterparty ORDER BY moment) AS replaced
  FROM payee_moments WHERE adds AND counterparty IS NOT NULL
),
payee_steps AS (
    SELECT turn, entity_key, moment, CASE WHEN adds AND counterparty IS NOT NULL THEN 1 ELSE 0 END AS distinct_1h, CASE WHEN adds AND counterparty IS NOT NULL THEN 1 ELSE 0 END AS distinct_1d, CASE WHEN adds AND counterparty IS NOT NULL THEN 1 ELSE 0 END AS distinct_30d
    FROM payee_moments
    UNION ALL
    SELECT NULL, entity_key, least(replaced, (clock_ms + 3600000) * 1048576), -1, 0, 0
    FROM payee_standing
    UNION ALL
    SELECT NULL, entity_key, least(replaced, (clock_ms + 86400000) * 1048576), 0, -1, 0
    FROM payee_standing
    UNION ALL
    SELECT NULL, entity_key, least(replaced, (clock_ms + 2592000000) * 1048576), 0, 0, -1
    FROM payee_standing
),
payee_distinct AS (
  SELECT turn, sum(distinct_1h) OVER up_to_now AS distinct_1h,
    sum(distinct_1d) OVER up_to_now AS distinct_1d,
    sum(distinct_30d) OVER up_to_now AS distinct_30d
  FROM payee_steps
  WINDOW up_to_now AS (PARTITION BY entity_key ORDER BY moment RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
),
-- Labels count from their arrival on, and for the event that they are about.
payee_verdicts AS (
  SELECT v.arrival * 64 AS turn, e.entity_key, e.clock_ms, v.change
  FROM payee_clock e JOIN verdicts v ON v.end_to_end_id = e.end_to_end_id
  WHERE e.adds
),
payee_labelled AS (
  SELECT t.turn, sum(CASE WHEN v.clock_ms > t.clock_ms - 2592000000 THEN v.change ELSE 0 END) AS labelled_30d
  FROM payee_clock t JOIN payee_verdicts v
    ON v.entity_key = t.entity_key AND v.turn < t.turn AND v.clock_ms > t.clock_ms - 2592000000
  GROUP BY t.turn
),
payee_state AS (
  SELECT w.*, d.distinct_1h, d.distinct_1d, d.distinct_30d, coalesce(l.labelled_30d, 0) AS labelled_30d
  FROM payee_windows w
  JOIN payee_distinct d ON d.turn = w.turn
  LEFT JOIN payee_labelled l ON l.turn = w.turn
),
-- Log pair: whoever touches it, by adding an event or by reading alone.
pair_touches AS (
  SELECT arrival * 64 + 3 AS turn, end_to_end_id, concat_ws('|', payer, payee) AS entity_key,
    CAST(NULL AS STRING) AS counterparty, accepted_at_ms, observed AS adds, amount_cents
  FROM payments WHERE payer IS NOT NULL AND payee IS NOT NULL
),
pair_first AS (
  SELECT entity_key, min(turn) AS first_turn FROM pair_touches WHERE adds GROUP BY entity_key
),
-- Its clock: the latest time of a touch since the first event; a late touch is taken at the clock.
pair_clock AS (
  SELECT *, row_number() OVER turns AS touch,
    CASE WHEN has_begun THEN max(CASE WHEN has_begun THEN accepted_at_ms END) OVER turns ELSE 0 END AS clock_ms
  FROM (
    SELECT t.*, CASE WHEN adds THEN amount_cents END AS amount, coalesce(turn >= first_turn, FALSE) AS has_begun
    FROM pair_touches t LEFT JOIN pair_first f ON f.entity_key = t.entity_key
  ) AS begun
  WINDOW turns AS (PARTITION BY entity_key ORDER BY turn ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
),
pair_moments AS (
  SELECT *, clock_ms * 1048576 + touch - rank() OVER (PARTITION BY entity_key ORDER BY clock_ms) AS moment
  FROM pair_clock
),
pair_windows AS (
  SELECT turn, CASE WHEN has_begun THEN clock_ms ELSE accepted_at_ms END AS at_ms,
    count(amount) OVER up_to_now AS position,
    coalesce(count(amount) OVER up_to_now, 0) - coalesce(count(amount) OVER up_to_90d, 0) AS count_90d,
    max(CASE WHEN adds THEN clock_ms END) OVER earlier AS previous_ms
  FROM pair_moments
  WINDOW
    up_to_now AS (PARTITION BY entity_key ORDER BY moment ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
    up_to_90d AS (PARTITION BY entity_key ORDER BY moment RANGE BETWEEN UNBOUNDED PRECEDING AND 8153726975475712L PRECEDING),
    earlier AS (PARTITION BY entity_key ORDER BY moment ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
),
pair_state AS (
  SELECT w.*
  FROM pair_windows w
),
-- Log device: whoever touches it, by adding an event or by reading alone.
device_touches AS (
  SELECT arrival * 64 + 4 AS turn, end_to_end_id, device AS entity_key,
    payer AS counterparty, accepted_at_ms, observed AS adds, amount_cents
  FROM payments WHERE device IS NOT NULL
),
device_first AS (
  SELECT entity_key, min(turn) AS first_turn FROM device_touches WHERE adds GROUP BY entity_key
),
-- Its clock: the latest time of a touch since the first event; a late touch is taken at the clock.
device_clock AS (
  SELECT *, row_number() OVER turns AS touch,
    CASE WHEN has_begun THEN max(CASE WHEN has_begun THEN accepted_at_ms END) OVER turns ELSE 0 END AS clock_ms
  FROM (
    SELECT t.*, CASE WHEN adds THEN amount_cents END AS amount, coalesce(turn >= first_turn, FALSE) AS has_begun
    FROM device_touches t LEFT JOIN device_first f ON f.entity_key = t.entity_key
  ) AS begun
  WINDOW turns AS (PARTITION BY entity_key ORDER BY turn ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
),
device_moments AS (
  SELECT *, clock_ms * 1048576 + touch - rank() OVER (PARTITION BY entity_key ORDER BY clock_ms) AS moment
  FROM device_clock
),
device_windows AS (
  SELECT turn, CASE WHEN has_begun THEN clock_ms ELSE accepted_at_ms END AS at_ms,
    count(amount) OVER up_to_now AS position,
    coalesce(count(amount) OVER up_to_now, 0) - coalesce(count(amount) OVER up_to_1d, 0) AS count_1d
  FROM device_moments
  WINDOW
    up_to_now AS (PARTITION BY entity_key ORDER BY moment ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
    up_to_1d AS (PARTITION BY entity_key ORDER BY moment RANGE BETWEEN UNBOUNDED PRECEDING AND 90596965875712L PRECEDING)
),
-- Distinct counterparties: an event stands for its own until the next with the same, or until it leaves the window.
device_standing AS (
  SELECT entity_key, clock_ms, lead(moment) OVER (PARTITION BY entity_key, counterparty ORDER BY moment) AS replaced
  FROM device_moments WHERE adds AND counterparty IS NOT NULL
),
device_steps AS (
    SELECT turn, entity_key, moment, CASE WHEN adds AND counterparty IS NOT NULL THEN 1 ELSE 0 END AS distinct_30d
    FROM device_moments
    UNION ALL
    SELECT NULL, entity_key, least(replaced, (clock_ms + 2592000000) * 1048576), -1
    FROM device_standing
),
device_distinct AS (
  SELECT turn, sum(distinct_30d) OVER up_to_now AS distinct_30d
  FROM device_steps
  WINDOW up_to_now AS (PARTITION BY entity_key ORDER BY moment RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
),
device_state AS (
  SELECT w.*, d.distinct_30d
  FROM device_windows w
  JOIN device_distinct d ON d.turn = w.turn
),
-- Log night: whoever touches it, by adding an event or by reading alone.
night_touches AS (
  SELECT arrival * 64 + 5 AS turn, end_to_end_id, concat_ws('|', natural_payer, night) AS entity_key,
    CAST(NULL AS STRING) AS counterparty, accepted_at_ms, observed AS adds, amount_cents
  FROM payments WHERE natural_payer IS NOT NULL AND night IS NOT NULL
),
night_first AS (
  SELECT entity_key, min(turn) AS first_turn FROM night_touches WHERE adds GROUP BY entity_key
),
-- Its clock: the latest time of a touch since the first event; a late touch is taken at the clock.
night_clock AS (
  SELECT *, row_number() OVER turns AS touch,
    CASE WHEN has_begun THEN max(CASE WHEN has_begun THEN accepted_at_ms END) OVER turns ELSE 0 END AS clock_ms
  FROM (
    SELECT t.*, CASE WHEN adds THEN amount_cents END AS amount, coalesce(turn >= first_turn, FALSE) AS has_begun
    FROM night_touches t LEFT JOIN night_first f ON f.entity_key = t.entity_key
  ) AS begun
  WINDOW turns AS (PARTITION BY entity_key ORDER BY turn ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
),
night_moments AS (
  SELECT *, clock_ms * 1048576 + touch - rank() OVER (PARTITION BY entity_key ORDER BY clock_ms) AS moment
  FROM night_clock
),
night_windows AS (
  SELECT turn, CASE WHEN has_begun THEN clock_ms ELSE accepted_at_ms END AS at_ms,
    count(amount) OVER up_to_now AS position,
    coalesce(sum(amount) OVER up_to_now, 0) - coalesce(sum(amount) OVER up_to_10h, 0) AS sum_10h
  FROM night_moments
  WINDOW
    up_to_now AS (PARTITION BY entity_key ORDER BY moment ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
    up_to_10h AS (PARTITION BY entity_key ORDER BY moment RANGE BETWEEN UNBOUNDED PRECEDING AND 37748735475712L PRECEDING)
),
night_state AS (
  SELECT w.*
  FROM night_windows w
),
-- Log unregistered_device_day: whoever touches it, by adding an event or by reading alone.
unregistered_device_day_touches AS (
  SELECT arrival * 64 + 6 AS turn, end_to_end_id, concat_ws('|', unregistered_device, local_day) AS entity_key,
    CAST(NULL AS STRING) AS counterparty, accepted_at_ms, observed AS adds, amount_cents
  FROM payments WHERE unregistered_device IS NOT NULL AND local_day IS NOT NULL
),
unregistered_device_day_first AS (
  SELECT entity_key, min(turn) AS first_turn FROM unregistered_device_day_touches WHERE adds GROUP BY entity_key
),
-- Its clock: the latest time of a touch since the first event; a late touch is taken at the clock.
unregistered_device_day_clock AS (
  SELECT *, row_number() OVER turns AS touch,
    CASE WHEN has_begun THEN max(CASE WHEN has_begun THEN accepted_at_ms END) OVER turns ELSE 0 END AS clock_ms
  FROM (
    SELECT t.*, CASE WHEN adds THEN amount_cents END AS amount, coalesce(turn >= first_turn, FALSE) AS has_begun
    FROM unregistered_device_day_touches t LEFT JOIN unregistered_device_day_first f ON f.entity_key = t.entity_key
  ) AS begun
  WINDOW turns AS (PARTITION BY entity_key ORDER BY turn ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
),
unregistered_device_day_moments AS (
  SELECT *, clock_ms * 1048576 + touch - rank() OVER (PARTITION BY entity_key ORDER BY clock_ms) AS moment
  FROM unregistered_device_day_clock
),
unregistered_device_day_windows AS (
  SELECT turn, CASE WHEN has_begun THEN clock_ms ELSE accepted_at_ms END AS at_ms,
    count(amount) OVER up_to_now AS position,
    coalesce(sum(amount) OVER up_to_now, 0) - coalesce(sum(amount) OVER up_to_1d, 0) AS sum_1d
  FROM unregistered_device_day_moments
  WINDOW
    up_to_now AS (PARTITION BY entity_key ORDER BY moment ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
    up_to_1d AS (PARTITION BY entity_key ORDER BY moment RANGE BETWEEN UNBOUNDED PRECEDING AND 90596965875712L PRECEDING)
),
unregistered_device_day_state AS (
  SELECT w.*
  FROM unregistered_device_day_windows w
),
aggregated AS (
  SELECT
    p.arrival,
    p.end_to_end_id,
    CAST(p.amount_cents AS DOUBLE) AS field_amount_cents,
    CAST(p.accepted_at_ms AS DOUBLE) AS field_accepted_at_ms,
    p.initiated_manually AS field_initiated_manually,
    p.initiated_by_dynamic_code AS field_initiated_by_dynamic_code,
    p.arrived AS field_arrived,
    p.end_to_end_minute_ms AS field_end_to_end_minute_ms,
    p.same_institution AS field_same_institution,
    p.payer_legal_person AS field_payer_legal_person,
    p.payee_legal_person AS field_payee_legal_person,
    p.tax_id_invalid AS field_tax_id_invalid,
    p.session_balance_cents AS field_session_balance_cents,
    p.device_registered AS field_device_registered,
    p.device_first_seen_ms AS field_device_first_seen_ms,
    p.device_anonymous_network AS field_device_anonymous_network,
    p.device_emulator AS field_device_emulator,
    p.device_rooted AS field_device_rooted,
    p.device_accessibility AS field_device_accessibility,
    p.device_remote_access AS field_device_remote_access,
    p.device_screen_share AS field_device_screen_share,
    p.device_sim_changed_ms AS field_device_sim_changed_ms,
    p.device_distance_km AS field_device_distance_km,
    p.session_started_ms AS field_session_started_ms,
    p.session_failed_authentications AS field_session_failed_authentications,
    p.session_on_call AS field_session_on_call,
    p.session_credential_reset_ms AS field_session_credential_reset_ms,
    p.session_limit_raised_ms AS field_session_limit_raised_ms,
    p.session_key_pasted AS field_session_key_pasted,
    p.session_behaviour_anomaly AS field_session_behaviour_anomaly,
    p.session_trusted_payee AS field_session_trusted_payee,
    p.dict_account_opened_ms AS field_dict_account_opened_ms,
    p.dict_key_created_ms AS field_dict_key_created_ms,
    p.dict_key_owned_since_ms AS field_dict_key_owned_since_ms,
    p.dict_open_claim AS field_dict_open_claim,
    p.dict_owner_settlements_d90 AS field_dict_owner_settlements_d90,
    p.dict_key_settlements_d90 AS field_dict_key_settlements_d90,
    p.dict_owner_mule_d90 AS field_dict_owner_mule_d90,
    p.dict_owner_mule_m60 AS field_dict_owner_mule_m60,
    p.dict_owner_scammer_m60 AS field_dict_owner_scammer_m60,
    p.dict_owner_application_fraud_m60 AS field_dict_owner_application_fraud_m60,
    p.dict_owner_reporters_m12 AS field_dict_owner_reporters_m12,
    p.dict_owner_open_reports AS field_dict_owner_open_reports,
    payer.at_ms AS payer_at,
    payer.position AS payer_position,
    payee.at_ms AS payee_at,
    payee.position AS payee_position,
    payee_as_payer.at_ms AS payee_as_payer_at,
    payee_as_payer.position AS payee_as_payer_position,
    pair.at_ms AS pair_at,
    pair.position AS pair_position,
    device.at_ms AS device_at,
    device.position AS device_position,
    night.at_ms AS night_at,
    night.position AS night_position,
    unregistered_device_day.at_ms AS unregistered_device_day_at,
    unregistered_device_day.position AS unregistered_device_day_position,
    CAST(payer.count_10m AS DOUBLE) AS payer_count_10m,
    CAST(payer.count_1h AS DOUBLE) AS payer_count_1h,
    CAST(payer.count_1d AS DOUBLE) AS payer_count_1d,
    CAST(payer.count_30d AS DOUBLE) AS payer_count_30d,
    CAST(payer.sum_1h AS DOUBLE) / 1e2 AS payer_sum_1h,
    CAST(payer.sum_1d AS DOUBLE) / 1e2 AS payer_sum_1d,
    CAST(payer.sum_30d AS DOUBLE) / 1e2 AS payer_sum_30d,
    CAST(payer.maximum_30d AS DOUBLE) / 1e2 AS payer_max_30d,
    CAST(payer.sum_30d AS DOUBLE) / CAST(nullif(payer.count_30d, 0) AS DOUBLE) / 1e2 AS payer_mean_30d,
    sqrt(CAST(payer.count_30d * payer.squares_30d - CAST(payer.sum_30d AS DECIMAL(38, 0)) * payer.sum_30d AS DOUBLE) / CAST(nullif(payer.count_30d * (payer.count_30d - 1), 0) AS DOUBLE)) / 1e2 AS payer_std_30d,
    CAST(payer.distinct_1d AS DOUBLE) AS payer_distinct_1d,
    CAST(payer.distinct_30d AS DOUBLE) AS payer_distinct_30d,
    CASE WHEN payer.previous_ms > payer.at_ms - 2592000000 THEN CAST(payer.at_ms - payer.previous_ms AS DOUBLE) / 1e3 END AS payer_since_last_30d,
    CAST(payer.labelled_30d AS DOUBLE) AS payer_fraud_count_30d,
    CAST(payee.count_10m AS DOUBLE) AS payee_count_10m,
    CAST(payee.count_1h AS DOUBLE) AS payee_count_1h,
    CAST(payee.count_1d AS DOUBLE) AS payee_count_1d,
    CAST(payee.count_30d AS DOUBLE) AS payee_count_30d,
    CAST(payee.sum_1h AS DOUBLE) / 1e2 AS payee_sum_1h,
    CAST(payee.sum_1d AS DOUBLE) / 1e2 AS payee_sum_1d,
    CAST(payee.sum_30d AS DOUBLE) / 1e2 AS payee_sum_30d,
    CAST(payee.distinct_1h AS DOUBLE) AS payee_distinct_1h,
    CAST(payee.distinct_1d AS DOUBLE) AS payee_distinct_1d,
    CAST(payee.distinct_30d AS DOUBLE) AS payee_distinct_30d,
    CASE WHEN payee.previous_ms > payee.at_ms - 2592000000 THEN CAST(payee.at_ms - payee.previous_ms AS DOUBLE) / 1e3 END AS payee_since_last_30d,
    CASE WHEN payee.count_30d > 0 THEN CAST(payee.at_ms - payee.oldest_30d AS DOUBLE) / 1e3 END AS payee_age_30d,
    CAST(payee.labelled_30d AS DOUBLE) AS payee_fraud_count_30d,
    CASE WHEN payee.count_30d = 0 THEN 0e0 ELSE CAST(payee.labelled_30d AS DOUBLE) / CAST(payee.count_30d AS DOUBLE) END AS payee_fraud_share_30d,
    CAST(payee_as_payer.count_1d AS DOUBLE) AS payee_as_payer_count_1d,
    CAST(payee_as_payer.sum_1h AS DOUBLE) / 1e2 AS payee_as_payer_sum_1h,
    CAST(payee_as_payer.sum_1d AS DOUBLE) / 1e2 AS payee_as_payer_sum_1d,
    CASE WHEN payee_as_payer.previous_ms > payee_as_payer.at_ms - 2592000000 THEN CAST(payee_as_payer.at_ms - payee_as_payer.previous_ms AS DOUBLE) / 1e3 END AS payee_as_payer_since_last_30d,
    CAST(pair.count_90d AS DOUBLE) AS pair_count_90d,
    CASE WHEN pair.previous_ms > pair.at_ms - 7776000000 THEN CAST(pair.at_ms - pair.previous_ms AS DOUBLE) / 1e3 END AS pair_since_last_90d,
    CAST(device.count_1d AS DOUBLE) AS device_count_1d,
    CAST(device.distinct_30d AS DOUBLE) AS device_distinct_30d,
    CAST(night.sum_10h AS DOUBLE) / 1e2 AS night_sum_10h,
    CAST(unregistered_device_day.sum_1d AS DOUBLE) / 1e2 AS unregistered_device_day_sum_1d
  FROM payments AS p
  LEFT JOIN payer_state AS payer ON payer.turn = p.arrival * 64 + 0
  LEFT JOIN payee_state AS payee ON payee.turn = p.arrival * 64 + 1
  LEFT JOIN payer_state AS payee_as_payer ON payee_as_payer.turn = p.arrival * 64 + 2
  LEFT JOIN pair_state AS pair ON pair.turn = p.arrival * 64 + 3
  LEFT JOIN device_state AS device ON device.turn = p.arrival * 64 + 4
  LEFT JOIN night_state AS night ON night.turn = p.arrival * 64 + 5
  LEFT JOIN unregistered_device_day_state AS unregistered_device_day ON unregistered_device_day.turn = p.arrival * 64 + 6
),
computed_0 AS (
  SELECT *,
    (field_amount_cents / 1e+2) AS amount,
    CAST(((field_amount_cents - 5e+3 * CAST(floor((field_amount_cents / 5e+3)) AS DOUBLE)) = 0e+0) AS DOUBLE) AS amount_is_round,
    CAST(floor((((field_accepted_at_ms - 1.08e+7) - 8.64e+7 * CAST(floor(((field_accepted_at_ms - 1.08e+7) / 8.64e+7)) AS DOUBLE)) / 3.6e+6)) AS DOUBLE) AS local_hour,
    CAST((CAST(CAST((CAST(floor((((field_accepted_at_ms - 1.08e+7) - 8.64e+7 * CAST(floor(((field_accepted_at_ms - 1.08e+7) / 8.64e+7)) AS DOUBLE)) / 3.6e+6)) AS DOUBLE) >= 2e+1) AS DOUBLE) <> 0 AS INT) + CAST(CAST((6e+0 > CAST(floor((((field_accepted_at_ms - 1.08e+7) - 8.64e+7 * CAST(floor(((field_accepted_at_ms - 1.08e+7) / 8.64e+7)) AS DOUBLE)) / 3.6e+6)) AS DOUBLE)) AS DOUBLE) <> 0 AS INT) > 0) AS DOUBLE) AS is_night,
    ((CAST(floor(((field_accepted_at_ms - 1.08e+7) / 8.64e+7)) AS DOUBLE) + 3e+0) - 7e+0 * CAST(floor(((CAST(floor(((field_accepted_at_ms - 1.08e+7) / 8.64e+7)) AS DOUBLE) + 3e+0) / 7e+0)) AS DOUBLE)) AS day_of_week,
    field_initiated_manually AS initiated_manually,
    field_initiated_by_dynamic_code AS initiated_by_dynamic_code,
    field_arrived AS arrived,
    ((field_accepted_at_ms - field_end_to_end_minute_ms) / 1e+3) AS look_up_to_payment,
    field_same_institution AS same_institution,
    field_payer_legal_person AS payer_is_company,
    field_payee_legal_person AS payee_is_company,
    field_tax_id_invalid AS tax_id_invalid,
    nullif(nullif((field_amount_cents / nullif(field_session_balance_cents, 0)), CAST('Infinity' AS DOUBLE)), -CAST('Infinity' AS DOUBLE)) AS balance_share,
    field_device_registered AS device_registered,
    ((field_accepted_at_ms - field_device_first_seen_ms) / 8.64e+7) AS device_age,
    field_device_anonymous_network AS anonymous_network,
    CAST((CAST(coalesce(field_device_emulator, 0e+0) <> 0 AS INT) + CAST(coalesce(field_device_rooted, 0e+0) <> 0 AS INT) > 0) AS DOUBLE) AS device_tampered,
    field_device_accessibility AS accessibility_service,
    CAST((CAST(coalesce(field_device_remote_access, 0e+0) <> 0 AS INT) + CAST(coalesce(field_device_screen_share, 0e+0) <> 0 AS INT) > 0) AS DOUBLE) AS remote_access,
    ((field_accepted_at_ms - field_device_sim_changed_ms) / 3.6e+6) AS sim_changed,
    field_device_distance_km AS distance,
    ((field_accepted_at_ms - field_session_started_ms) / 1e+3) AS session_age,
    field_session_failed_authentications AS failed_authentications,
    field_session_on_call AS on_call,
    ((field_accepted_at_ms - field_session_credential_reset_ms) / 3.6e+6) AS credential_reset,
    ((field_accepted_at_ms - field_session_limit_raised_ms) / 3.6e+6) AS limit_raised,
    field_session_key_pasted AS key_pasted,
    field_session_behaviour_anomaly AS behaviour_anomaly,
    field_session_trusted_payee AS trusted_payee,
    ((field_accepted_at_ms - field_dict_account_opened_ms) / 8.64e+7) AS payee_account_age,
    ((field_accepted_at_ms - field_dict_key_created_ms) / 8.64e+7) AS key_age,
    ((field_accepted_at_ms - field_dict_key_owned_since_ms) / 8.64e+7) AS key_ownership_age,
    field_dict_open_claim AS key_open_claim,
    field_dict_owner_settlements_d90 AS payee_settlements_90d,
    field_dict_key_settlements_d90 AS key_settlements_90d,
    field_dict_owner_mule_d90 AS payee_mule_markers_90d,
    nullif(nullif((nullif(nullif((coalesce(field_dict_owner_mule_m60, 0e+0) + coalesce(field_dict_owner_scammer_m60, 0e+0)), CAST('Infinity' AS DOUBLE)), -CAST('Infinity' AS DOUBLE)) + coalesce(field_dict_owner_application_fraud_m60, 0e+0)), CAST('Infinity' AS DOUBLE)), -CAST('Infinity' AS DOUBLE)) AS payee_markers_60m,
    field_dict_owner_reporters_m12 AS payee_reporters_12m,
    field_dict_owner_open_reports AS payee_open_reports,
    CAST((pair_count_90d = 1e+0) AS DOUBLE) AS new_payee,
    nullif(nullif((payee_as_payer_sum_1h / nullif(payee_sum_1h, 0)), CAST('Infinity' AS DOUBLE)), -CAST('Infinity' AS DOUBLE)) AS pass_through_1h,
    nullif(nullif((payee_as_payer_sum_1d / nullif(payee_sum_1d, 0)), CAST('Infinity' AS DOUBLE)), -CAST('Infinity' AS DOUBLE)) AS pass_through_1d,
    nullif(nullif((payee_distinct_1d / nullif(payee_distinct_30d, 0)), CAST('Infinity' AS DOUBLE)), -CAST('Infinity' AS DOUBLE)) AS payee_fan_in
  FROM aggregated
),
computed_1 AS (
  SELECT *,
    nullif(nullif((amount / nullif(payer_mean_30d, 0)), CAST('Infinity' AS DOUBLE)), -CAST('Infinity' AS DOUBLE)) AS amount_to_payer_mean,
    nullif(nullif((nullif(nullif((amount - payer_mean_30d), CAST('Infinity' AS DOUBLE)), -CAST('Infinity' AS DOUBLE)) / nullif(payer_std_30d, 0)), CAST('Infinity' AS DOUBLE)), -CAST('Infinity' AS DOUBLE)) AS amount_deviation,
    nullif(nullif((new_payee * CAST((coalesce(field_session_trusted_payee, 0e+0) = 0) AS DOUBLE)), CAST('Infinity' AS DOUBLE)), -CAST('Infinity' AS DOUBLE)) AS untrusted_new_payee
  FROM computed_0
)
SELECT
  arrival,
  end_to_end_id,
  payer_at,
  payer_position,
  payee_at,
  payee_position,
  payee_as_payer_at,
  payee_as_payer_position,
  pair_at,
  pair_position,
  device_at,
  device_position,
  night_at,
  night_position,
  unregistered_device_day_at,
  unregistered_device_day_position,
  nullif(nullif(CAST(amount AS FLOAT), CAST('Infinity' AS FLOAT)), -CAST('Infinity' AS FLOAT)) AS amount,
  nullif(nullif(CAST(amount_is_round AS FLOAT), CAST('Infinity' AS FLOAT)), -CAST('Infinity' AS FLOAT)) AS amount_is_round,
  nullif(nullif(CAST(local_hour AS FLOAT), CAST('Infinity' AS FLOAT)), -CAST('Infinity' AS FLOAT)) AS local_hour,
  nullif(nullif(CAST(is_night AS FLOAT), CAST('Infinity' AS FLOAT)), -CAST('Infinity' AS FLOAT)) AS is_night,
  nullif(nullif(CAST(day_of_week AS FLOAT), CAST('Infinity' AS FLOAT)), -CAST('Infinity' AS FLOAT)) AS day_of_week,
  nullif(nullif(CAST(initiated_manually AS FLOAT), CAST('Infinity' AS FLOAT)), -CAST('Infinity' AS FLOAT)) AS initiated_manually,
  nullif(nullif(CAST(initiated_by_dynamic_code AS FLOAT), CAST('Infinity' AS FLOAT)), -CAST('Infinity' AS FLOAT)) AS initiated_by_dynamic_code,
  nullif(nullif(CAST(arrived AS FLOAT), CAST('Infinity' AS FLOAT)), -CAST('Infinity' AS FLOAT)) AS arrived,
  nullif(nullif(CAST(look_up_to_payment AS FLOAT), CAST('Infinity' AS FLOAT)), -CAST('Infinity' AS FLOAT)) AS look_up_to_payment,
  nullif(nullif(CAST(same_institution AS FLOAT), CAST('Infinity' AS FLOAT)), -CAST('Infinity' AS FLOAT)) AS same_institution,
  nullif(nullif(CAST(payer_is_company AS FLOAT), CAST('Infinity' AS FLOAT)), -CAST('Infinity' AS FLOAT)) AS payer_is_company,
  nullif(nullif(CAST(payee_is_company AS FLOAT), CAST('Infinity' AS FLOAT)), -CAST('Infinity' AS FLOAT)) AS payee_is_company,
  nullif(nullif(CAST(tax_id_invalid AS FLOAT), CAST('Infinity' AS FLOAT)), -CAST('Infinity' AS FLOAT)) AS tax_id_invalid,
  nullif(nullif(CAST(balance_share AS FLOAT), CAST('Infinity' AS FLOAT)), -CAST('Infinity' AS FLOAT)) AS balance_share,
  nullif(nullif(CAST(device_registered AS FLOAT), CAST('Infinity' AS FLOAT)), -CAST('Infinity' AS FLOAT)) AS device_registered,
  nullif(nullif(CAST(device_age AS FLOAT), CAST('Infinity' AS FLOAT)), -CAST('Infinity' AS FLOAT)) AS device_age,
  nullif(nullif(CAST(anonymous_network AS FLOAT), CAST('Infinity' AS FLOAT)), -CAST('Infinity' AS FLOAT)) AS anonymous_network,
  nullif(nullif(CAST(device_tampered AS FLOAT), CAST('Infinity' AS FLOAT)), -CAST('Infinity' AS FLOAT)) AS device_tampered,
  nullif(nullif(CAST(accessibility_service AS FLOAT), CAST('Infinity' AS FLOAT)), -CAST('Infinity' AS FLOAT)) AS accessibility_service,
  nullif(nullif(CAST(remote_access AS FLOAT), CAST('Infinity' AS FLOAT)), -CAST('Infinity' AS FLOAT)) AS remote_access,
  nullif(nullif(CAST(sim_changed AS FLOAT), CAST('Infinity' AS FLOAT)), -CAST('Infinity' AS FLOAT)) AS sim_changed,
  nullif(nullif(CAST(distance AS FLOAT), CAST('Infinity' AS FLOAT)), -CAST('Infinity' AS FLOAT)) AS distance,
  nullif(nullif(CAST(session_age AS FLOAT), CAST('Infinity' AS FLOAT)), -CAST('Infinity' AS FLOAT)) AS session_age,
  nullif(nullif(CAST(failed_authentications AS FLOAT), CAST('Infinity' AS FLOAT)), -CAST('Infinity' AS FLOAT)) AS failed_authentications,
  nullif(nullif(CAST(on_call AS FLOAT), CAST('Infinity' AS FLOAT)), -CAST('Infinity' AS FLOAT)) AS on_call,
  nullif(nullif(CAST(credential_reset AS FLOAT), CAST('Infinity' AS FLOAT)), -CAST('Infinity' AS FLOAT)) AS credential_reset,
  nullif(nullif(CAST(limit_raised AS FLOAT), CAST('Infinity' AS FLOAT)), -CAST('Infinity' AS FLOAT)) AS limit_raised,
  nullif(nullif(CAST(key_pasted AS FLOAT), CAST('Infinity' AS FLOAT)), -CAST('Infinity' AS FLOAT)) AS key_pasted,
  nullif(nullif(CAST(behaviour_anomaly AS FLOAT), CAST('Infinity' AS FLOAT)), -CAST('Infinity' AS FLOAT)) AS behaviour_anomaly,
  nullif(nullif(CAST(trusted_payee AS FLOAT), CAST('Infinity' AS FLOAT)), -CAST('Infinity' AS FLOAT)) AS trusted_payee,
  nullif(nullif(CAST(payee_account_age AS FLOAT), CAST('Infinity' AS FLOAT)), -CAST('Infinity' AS FLOAT)) AS payee_account_age,
  nullif(nullif(CAST(key_age AS FLOAT), CAST('Infinity' AS FLOAT)), -CAST('Infinity' AS FLOAT)) AS key_age,
  nullif(nullif(CAST(key_ownership_age AS FLOAT), CAST('Infinity' AS FLOAT)), -CAST('Infinity' AS FLOAT)) AS key_ownership_age,
  nullif(nullif(CAST(key_open_claim AS FLOAT), CAST('Infinity' AS FLOAT)), -CAST('Infinity' AS FLOAT)) AS key_open_claim,
  nullif(nullif(CAST(payee_settlements_90d AS FLOAT), CAST('Infinity' AS FLOAT)), -CAST('Infinity' AS FLOAT)) AS payee_settlements_90d,
  nullif(nullif(CAST(key_settlements_90d AS FLOAT), CAST('Infinity' AS FLOAT)), -CAST('Infinity' AS FLOAT)) AS key_settlements_90d,
  nullif(nullif(CAST(payee_mule_markers_90d AS FLOAT), CAST('Infinity' AS FLOAT)), -CAST('Infinity' AS FLOAT)) AS payee_mule_markers_90d,
  nullif(nullif(CAST(payee_markers_60m AS FLOAT), CAST('Infinity' AS FLOAT)), -CAST('Infinity' AS FLOAT)) AS payee_markers_60m,
  nullif(nullif(CAST(payee_reporters_12m AS FLOAT), CAST('Infinity' AS FLOAT)), -CAST('Infinity' AS FLOAT)) AS payee_reporters_12m,
  nullif(nullif(CAST(payee_open_reports AS FLOAT), CAST('Infinity' AS FLOAT)), -CAST('Infinity' AS FLOAT)) AS payee_open_reports,
  CAST(payer_count_10m AS FLOAT) AS payer_count_10m,
  CAST(payer_count_1h AS FLOAT) AS payer_count_1h,
  CAST(payer_count_1d AS FLOAT) AS payer_count_1d,
  CAST(payer_count_30d AS FLOAT) AS payer_count_30d,
  CAST(payer_sum_1h AS FLOAT) AS payer_sum_1h,
  CAST(payer_sum_1d AS FLOAT) AS payer_sum_1d,
  CAST(payer_sum_30d AS FLOAT) AS payer_sum_30d,
  CAST(payer_max_30d AS FLOAT) AS payer_max_30d,
  CAST(payer_mean_30d AS FLOAT) AS payer_mean_30d,
  CAST(payer_std_30d AS FLOAT) AS payer_std_30d,
  CAST(payer_distinct_1d AS FLOAT) AS payer_distinct_1d,
  CAST(payer_distinct_30d AS FLOAT) AS payer_distinct_30d,
  CAST(payer_since_last_30d AS FLOAT) AS payer_since_last_30d,
  CAST(payer_fraud_count_30d AS FLOAT) AS payer_fraud_count_30d,
  CAST(payee_count_10m AS FLOAT) AS payee_count_10m,
  CAST(payee_count_1h AS FLOAT) AS payee_count_1h,
  CAST(payee_count_1d AS FLOAT) AS payee_count_1d,
  CAST(payee_count_30d AS FLOAT) AS payee_count_30d,
  CAST(payee_sum_1h AS FLOAT) AS payee_sum_1h,
  CAST(payee_sum_1d AS FLOAT) AS payee_sum_1d,
  CAST(payee_sum_30d AS FLOAT) AS payee_sum_30d,
  CAST(payee_distinct_1h AS FLOAT) AS payee_distinct_1h,
  CAST(payee_distinct_1d AS FLOAT) AS payee_distinct_1d,
  CAST(payee_distinct_30d AS FLOAT) AS payee_distinct_30d,
  CAST(payee_since_last_30d AS FLOAT) AS payee_since_last_30d,
  CAST(payee_age_30d AS FLOAT) AS payee_age_30d,
  CAST(payee_fraud_count_30d AS FLOAT) AS payee_fraud_count_30d,
  CAST(payee_fraud_share_30d AS FLOAT) AS payee_fraud_share_30d,
  CAST(payee_as_payer_count_1d AS FLOAT) AS payee_as_payer_count_1d,
  CAST(payee_as_payer_sum_1h AS FLOAT) AS payee_as_payer_sum_1h,
  CAST(payee_as_payer_sum_1d AS FLOAT) AS payee_as_payer_sum_1d,
  CAST(payee_as_payer_since_last_30d AS FLOAT) AS payee_as_payer_since_last_30d,
  CAST(pair_count_90d AS FLOAT) AS pair_count_90d,
  CAST(pair_since_last_90d AS FLOAT) AS pair_since_last_90d,
  CAST(device_count_1d AS FLOAT) AS device_count_1d,
  CAST(device_distinct_30d AS FLOAT) AS device_distinct_30d,
  CAST(night_sum_10h AS FLOAT) AS night_sum_10h,
  CAST(unregistered_device_day_sum_1d AS FLOAT) AS unregistered_device_day_sum_1d,
  nullif(nullif(CAST(new_payee AS FLOAT), CAST('Infinity' AS FLOAT)), -CAST('Infinity' AS FLOAT)) AS new_payee,
  nullif(nullif(CAST(amount_to_payer_mean AS FLOAT), CAST('Infinity' AS FLOAT)), -CAST('Infinity' AS FLOAT)) AS amount_to_payer_mean,
  nullif(nullif(CAST(amount_deviation AS FLOAT), CAST('Infinity' AS FLOAT)), -CAST('Infinity' AS FLOAT)) AS amount_deviation,
  nullif(nullif(CAST(pass_through_1h AS FLOAT), CAST('Infinity' AS FLOAT)), -CAST('Infinity' AS FLOAT)) AS pass_through_1h,
  nullif(nullif(CAST(pass_through_1d AS FLOAT), CAST('Infinity' AS FLOAT)), -CAST('Infinity' AS FLOAT)) AS pass_through_1d,
  nullif(nullif(CAST(payee_fan_in AS FLOAT), CAST('Infinity' AS FLOAT)), -CAST('Infinity' AS FLOAT)) AS payee_fan_in,
  nullif(nullif(CAST(untrusted_new_payee AS FLOAT), CAST('Infinity' AS FLOAT)), -CAST('Infinity' AS FLOAT)) AS untrusted_new_payee
FROM computed_1
