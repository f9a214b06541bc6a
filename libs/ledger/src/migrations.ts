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
];
