/**
 * In order; an applied one is never edited (its digest is kept), a change is a new one.
 */
export const MIGRATIONS: { name: string; sql: string }[] = [
  {
    name: '0001-assessment',
    sql: `
-- The id leads the key: whoever asks by id alone, its day unknown, still gets an index.
CREATE TABLE assessment (
  end_to_end_id text NOT NULL,
  day date NOT NULL,
  side text NOT NULL,
  accepted_at timestamptz NOT NULL,
  decided_at timestamptz NOT NULL,
  caller text NOT NULL,
  content_sha256 bytea NOT NULL,
  payment jsonb NOT NULL,
  vector bytea NOT NULL,
  effective jsonb NOT NULL,
  probability double precision,
  margin double precision,
  decision text NOT NULL,
  action jsonb NOT NULL,
  reasons jsonb NOT NULL,
  rules text[] NOT NULL,
  warnings text[] NOT NULL,
  degraded text[] NOT NULL,
  model_name text,
  model_version text,
  policy_name text NOT NULL,
  policy_version text NOT NULL,
  feature_set text NOT NULL,
  feature_set_hash text NOT NULL,
  timings_us jsonb NOT NULL,
  PRIMARY KEY (end_to_end_id, day),
  -- Types keep clear identifiers out; this holds where types are not looked at.
  -- One pass over all of them: four that every payment has and up to four more.
  CONSTRAINT assessment_without_clear_identifiers CHECK (
    concat(
      payment #>> '{payer,person}', ' ', payment #>> '{payer,account}', ' ',
      payment #>> '{payee,person}', ' ', payment #>> '{payee,account}',
      ' ' || (payment #>> '{payee,key}'), ' ' || (payment ->> 'initiator'),
      ' ' || (payment #>> '{device,id}'), ' ' || (payment #>> '{device,ip}')
    ) ~ '^k[0-9]{1,4}[.][A-Za-z0-9_-]{22}( k[0-9]{1,4}[.][A-Za-z0-9_-]{22}){3,7}$'
    AND NOT payment ?| '{initiatorTaxId,remittanceInformation,txId}'
    AND NOT payment -> 'payer' ?| '{taxId,name}' AND NOT payment -> 'payee' ?| '{taxId,name}'
  )
) PARTITION BY RANGE (day);

CREATE TABLE assessment_default PARTITION OF assessment DEFAULT WITH (toast_tuple_target = 8160);
CREATE INDEX assessment_in_time ON assessment (accepted_at, end_to_end_id);
CREATE INDEX assessment_not_approved ON assessment (accepted_at, end_to_end_id) WHERE decision <> 'approve';
`,
  },
  {
    name: '0002-outcome',
    sql: `
CREATE TABLE outcome (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  end_to_end_id text NOT NULL,
  source text NOT NULL,
  result text NOT NULL,
  situation text NOT NULL,
  fraud_marker text,
  report_id text,
  known_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL,
  caller text NOT NULL,
  CONSTRAINT outcome_said_once UNIQUE NULLS NOT DISTINCT
    (end_to_end_id, source, result, situation, fraud_marker, report_id, known_at)
);
CREATE INDEX outcome_in_time ON outcome (known_at, id);
`,
  },
  {
    name: '0003-append-only',
    sql: `
CREATE FUNCTION refuse_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is a record: rows are added and, past their retention, dropped, never changed', TG_TABLE_NAME;
END $$;
CREATE TRIGGER assessment_is_final BEFORE UPDATE ON assessment FOR EACH ROW EXECUTE FUNCTION refuse_update();
CREATE TRIGGER outcome_is_final BEFORE UPDATE ON outcome FOR EACH ROW EXECUTE FUNCTION refuse_update();
`,
  },
  {
    name: '0004-arrival',
    sql: `
-- The order in which payments and labels reached the windows. Rows from before have 0 and go by decided_at.
ALTER TABLE assessment ADD COLUMN arrived_us bigint NOT NULL DEFAULT 0;
-- Rows lie on disk nearly in this order: ranges of pages tell enough, and cost an insertion next to nothing.
CREATE INDEX assessment_in_arrival ON assessment USING brin (arrived_us, decided_at) WITH (autosummarize = on);

-- What the windows of a feature set were told of a payment. changed: they did not know it yet.
CREATE TABLE window_label (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  end_to_end_id text NOT NULL,
  fraud boolean NOT NULL,
  arrived_us bigint NOT NULL,
  changed boolean NOT NULL,
  feature_set_hash text NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX window_label_in_arrival ON window_label (arrived_us, id);
CREATE INDEX window_label_of_payment ON window_label (end_to_end_id, feature_set_hash, arrived_us);
CREATE TRIGGER window_label_is_final BEFORE UPDATE ON window_label FOR EACH ROW EXECUTE FUNCTION refuse_update();
`,
  },
  {
    name: '0005-model-life',
    sql: `
-- What was live when, and why. Versions are numbers of the registry; bundle versions are what assessments name.
CREATE TABLE model_change (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  model text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('promote', 'rollback')),
  from_version text,
  from_bundle_version text,
  to_version text NOT NULL,
  to_bundle_version text NOT NULL,
  changed_by text NOT NULL,
  reason text NOT NULL,
  overridden text[] NOT NULL,
  job_id text NOT NULL UNIQUE,
  changed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX model_change_in_time ON model_change (model, changed_at, id);
CREATE TRIGGER model_change_is_final BEFORE UPDATE ON model_change FOR EACH ROW EXECUTE FUNCTION refuse_update();

-- What a model that did not decide would have said: the challenger, or the champion where the canary decided.
CREATE TABLE shadow_score (
  end_to_end_id text NOT NULL,
  model text NOT NULL,
  bundle_version text NOT NULL,
  probability double precision NOT NULL,
  margin double precision NOT NULL,
  scored_at timestamptz NOT NULL,
  PRIMARY KEY (end_to_end_id, model, bundle_version)
);
CREATE INDEX shadow_score_in_time ON shadow_score USING brin (scored_at) WITH (autosummarize = on);
CREATE TRIGGER shadow_score_is_final BEFORE UPDATE ON shadow_score FOR EACH ROW EXECUTE FUNCTION refuse_update();
`,
  },
  {
    name: '0006-monitoring',
    sql: `
-- What monitoring counted in [from_at, to_at): of all payments (bundle_version ''), or of those that a version scored.
CREATE TABLE monitoring_window (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  model text NOT NULL,
  bundle_version text NOT NULL,
  role text NOT NULL CHECK (role IN ('service', 'champion', 'challenger', 'other')),
  from_at timestamptz NOT NULL,
  to_at timestamptz NOT NULL,
  payments bigint NOT NULL,
  counts jsonb NOT NULL,
  measured_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT monitoring_window_once UNIQUE (model, bundle_version, from_at, to_at)
);
CREATE INDEX monitoring_window_in_time ON monitoring_window (model, to_at);
CREATE TRIGGER monitoring_window_is_final BEFORE UPDATE ON monitoring_window
  FOR EACH ROW EXECUTE FUNCTION refuse_update();

-- What was concluded of each signal of a window, with its numbers.
CREATE TABLE monitoring_verdict (
  window_id bigint NOT NULL REFERENCES monitoring_window ON DELETE CASCADE,
  signal text NOT NULL,
  kind text NOT NULL,
  state text NOT NULL CHECK (state IN ('ok', 'suspect', 'alarm', 'recovering', 'not_enough_data')),
  -- Whether the alarm is on; a window without enough data leaves it as it was.
  alarmed boolean NOT NULL,
  streak int NOT NULL,
  -- Whether later windows may be compared with this one.
  good boolean NOT NULL,
  value double precision,
  numbers jsonb NOT NULL,
  reason text,
  PRIMARY KEY (window_id, signal)
);
CREATE TRIGGER monitoring_verdict_is_final BEFORE UPDATE ON monitoring_verdict
  FOR EACH ROW EXECUTE FUNCTION refuse_update();

CREATE TABLE alert (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  model text NOT NULL,
  bundle_version text NOT NULL,
  role text NOT NULL,
  kind text NOT NULL,
  severity text NOT NULL CHECK (severity IN ('warning', 'critical')),
  signals jsonb NOT NULL,
  windows int NOT NULL,
  opened_at timestamptz NOT NULL,
  seen_at timestamptz NOT NULL,
  resolved_at timestamptz,
  silenced_until timestamptz,
  silenced_by text,
  silence_reason text
);
-- What is already open is not opened again.
CREATE UNIQUE INDEX alert_open_once ON alert (model, bundle_version, kind) WHERE resolved_at IS NULL;
CREATE INDEX alert_in_time ON alert (opened_at, id);

-- What the webhook is to be told; kept until it took it, or the attempts are used up.
CREATE TABLE alert_notice (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  alert_id bigint NOT NULL REFERENCES alert ON DELETE CASCADE,
  event text NOT NULL CHECK (event IN ('opened', 'escalated', 'resolved')),
  body jsonb NOT NULL,
  attempts int NOT NULL DEFAULT 0,
  next_at timestamptz NOT NULL DEFAULT now(),
  sent_at timestamptz,
  given_up_at timestamptz
);
CREATE INDEX alert_notice_due ON alert_notice (next_at) WHERE sent_at IS NULL AND given_up_at IS NULL;

-- What monitoring asked the queues for because of an alert.
CREATE TABLE monitoring_action (
  alert_id bigint NOT NULL REFERENCES alert,
  kind text NOT NULL CHECK (kind IN ('retrain', 'rollback')),
  model text NOT NULL,
  job_id text NOT NULL,
  cause jsonb NOT NULL,
  request jsonb NOT NULL,
  asked_at timestamptz NOT NULL,
  -- A retraining: the job 'train' that followed the training set, or why none could.
  followed_at timestamptz,
  failure text,
  PRIMARY KEY (alert_id, kind)
);
CREATE INDEX monitoring_action_in_time ON monitoring_action (model, kind, asked_at);
`,
  },
  {
    name: '0007-cases',
    sql: `
-- Payments that a person is to look at, noted in the transaction that records the assessment: whoever is killed when,
-- and however late a spool is drained, each is in here until its case is open.
CREATE TABLE case_inbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  end_to_end_id text NOT NULL,
  day date NOT NULL,
  noted_at timestamptz NOT NULL DEFAULT now()
);
CREATE FUNCTION note_case() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO case_inbox (end_to_end_id, day) VALUES (NEW.end_to_end_id, NEW.day);
  RETURN NULL;
END $$;
CREATE TRIGGER assessment_to_review AFTER INSERT ON assessment FOR EACH ROW
  WHEN (NEW.decision = 'review') EXECUTE FUNCTION note_case();

CREATE TABLE fraud_case (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  opened_at timestamptz NOT NULL,
  closed_at timestamptz,
  assignee text,
  assigned_at timestamptz,
  payments int NOT NULL DEFAULT 0,
  -- Of its payments those without a verdict: how many, what they are expected to lose, when the first hold ends.
  pending int NOT NULL DEFAULT 0,
  expected_loss_cents bigint NOT NULL DEFAULT 0,
  due_at timestamptz
);
CREATE INDEX fraud_case_by_loss ON fraud_case (expected_loss_cents DESC, id) WHERE closed_at IS NULL;
CREATE INDEX fraud_case_by_due ON fraud_case (due_at, id) WHERE closed_at IS NULL;
CREATE INDEX fraud_case_in_time ON fraud_case (opened_at, id);

CREATE TABLE case_payment (
  end_to_end_id text PRIMARY KEY,
  case_id bigint NOT NULL REFERENCES fraud_case,
  accepted_at timestamptz NOT NULL,
  payer text NOT NULL,
  payee text NOT NULL,
  amount_cents bigint NOT NULL,
  probability double precision,
  expected_loss_cents bigint NOT NULL,
  hold_until timestamptz,
  hold_end text CHECK (hold_end IN ('released', 'cancelled', 'ran_out')),
  hold_ended_at timestamptz,
  verdict text CHECK (verdict IN ('fraud', 'genuine')),
  situation text,
  fraud_marker text,
  verdict_at timestamptz
);
CREATE INDEX case_payment_of_case ON case_payment (case_id);
CREATE INDEX case_payment_held ON case_payment (hold_until) WHERE hold_until IS NOT NULL AND hold_end IS NULL;

-- The open case that a payer's or a payee's next payment joins.
CREATE TABLE case_party (
  role text NOT NULL CHECK (role IN ('payer', 'payee')),
  person text NOT NULL,
  case_id bigint NOT NULL REFERENCES fraud_case,
  PRIMARY KEY (role, person)
);
CREATE INDEX case_party_of_case ON case_party (case_id);

CREATE TABLE case_event (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  case_id bigint NOT NULL REFERENCES fraud_case,
  at timestamptz NOT NULL,
  kind text NOT NULL CHECK (kind IN ('opened', 'payment_added', 'assigned', 'noted', 'verdict', 'hold_ended', 'closed')),
  by text NOT NULL,
  -- Name of the API key; '' where the service itself did it.
  caller text NOT NULL,
  end_to_end_id text,
  before jsonb NOT NULL,
  after jsonb NOT NULL
);
CREATE INDEX case_event_of_case ON case_event (case_id, id);
CREATE INDEX case_event_hold_ended ON case_event (id) WHERE kind = 'hold_ended';

-- Who read what is known of a person's payment, for the data subject (LGPD art. 20).
CREATE TABLE subject_review_access (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  end_to_end_id text NOT NULL,
  at timestamptz NOT NULL,
  by text NOT NULL,
  caller text NOT NULL,
  lang text NOT NULL
);
CREATE INDEX subject_review_access_of_payment ON subject_review_access (end_to_end_id, id);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is an audit trail: rows are added, never changed or taken away', TG_TABLE_NAME;
END $$;
CREATE TRIGGER case_event_is_final BEFORE UPDATE OR DELETE ON case_event
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER subject_review_access_is_final BEFORE UPDATE OR DELETE ON subject_review_access
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
`,
  },
  {
    name: '0009-spooled',
    sql: `
-- What waited on a disk while PostgreSQL was away: few rows, which who reads in the order of arrival has passed.
CREATE INDEX assessment_spooled ON assessment (arrived_us, end_to_end_id) WHERE 'ledger' = ANY (degraded);
`,
  },
  {
    name: '0010-notice-channels',
    sql: `
ALTER TABLE alert_notice ADD COLUMN channel text NOT NULL DEFAULT 'webhook' CHECK (channel IN ('webhook', 'email'));
`,
  },
  {
    name: '0008-policy-life',
    sql: `
-- A version is the digest of graph and settings, so its content never changes: whoever edits makes another version.
-- The graph is json and not jsonb: it comes back as it was sent.
CREATE TABLE policy_version (
  policy text NOT NULL,
  version text NOT NULL,
  graph json NOT NULL,
  settings json NOT NULL,
  origin text NOT NULL CHECK (origin IN ('draft', 'file')),
  made_by text NOT NULL,
  reason text NOT NULL,
  -- Name of the API key; '' where a service noted the file that it decides by.
  caller text NOT NULL,
  made_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (policy, version)
);
CREATE INDEX policy_version_in_time ON policy_version (policy, made_at);

-- What decided when, and what decided in shadow: who changed it, and why.
CREATE TABLE policy_change (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  policy text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('publish', 'shadow')),
  from_version text,
  to_version text CHECK (kind = 'shadow' OR to_version IS NOT NULL),
  changed_by text NOT NULL,
  reason text NOT NULL,
  caller text NOT NULL,
  overridden text[] NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT now(),
  FOREIGN KEY (policy, to_version) REFERENCES policy_version
);
CREATE INDEX policy_change_of_policy ON policy_change (policy, kind, id);

CREATE TABLE policy_back_test (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  job_id text NOT NULL UNIQUE,
  policy text NOT NULL,
  version text NOT NULL,
  report jsonb NOT NULL,
  ended_at timestamptz NOT NULL DEFAULT now(),
  FOREIGN KEY (policy, version) REFERENCES policy_version
);
CREATE INDEX policy_back_test_of_version ON policy_back_test (policy, version, id);

CREATE TRIGGER policy_version_is_final BEFORE UPDATE OR DELETE ON policy_version
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER policy_change_is_final BEFORE UPDATE OR DELETE ON policy_change
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER policy_back_test_is_final BEFORE UPDATE OR DELETE ON policy_back_test
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- What a policy that did not decide would have decided.
CREATE TABLE policy_shadow (
  end_to_end_id text NOT NULL,
  policy text NOT NULL,
  version text NOT NULL,
  decision text NOT NULL,
  rules text[] NOT NULL,
  decided_at timestamptz NOT NULL,
  PRIMARY KEY (end_to_end_id, policy, version)
);
CREATE INDEX policy_shadow_in_time ON policy_shadow USING brin (decided_at) WITH (autosummarize = on);
CREATE TRIGGER policy_shadow_is_final BEFORE UPDATE ON policy_shadow FOR EACH ROW EXECUTE FUNCTION refuse_update();
`,
  },
];
