export { MAX_AMOUNT_CENTS, amount, amountOrZero, fromCents, toCents } from './money.js';
export { endToEndId, instant, ispb, pseudonym, taxId } from './identifiers.js';
export { dictEntry, dictRestriction, type DictEntry } from './dict.js';
export { device, session } from './signals.js';
export {
  accountType,
  initiationForm,
  keyType,
  payment,
  priority,
  pseudonymousPayment,
  purpose,
  side,
  type AccountType,
  type InitiationForm,
  type KeyType,
  type Payment,
  type PaymentInput,
  type Priority,
  type PseudonymousPayment,
  type Purpose,
  type Side,
} from './payment.js';
export {
  action,
  assessment,
  decision,
  degradation,
  reason,
  type Action,
  type Assessment,
  type Decision,
  type Degradation,
  type Reason,
} from './assessment.js';
export { fraudMarker, outcome, situation, type Outcome, type OutcomeInput, type Situation } from './outcome.js';
export { SOURCE_RANKS, labelOf } from './label.js';
export {
  MAX_CASES,
  analyst,
  caseAssignment,
  caseAssignments,
  caseHoldEnd,
  caseId,
  caseNote,
  caseQuestion,
  caseVerdict,
  caseVerdicts,
  holdEnd,
  type CaseAssignment,
  type CaseHoldEnd,
  type CaseNote,
  type CaseQuestion,
  type CaseVerdict,
  type HoldEnd,
} from './case.js';
export { bundleManifest, referenceHistograms, selfTest, type BundleManifest, type SelfTest } from './bundle.js';
export { trainingSetManifest, type TrainingSetManifest } from './training-set.js';
export { featureVector, vectorRequest, type FeatureVector, type VectorRequest } from './feature-vector.js';
export { FAULTS, Fault, type FaultCode, type FaultDetails, type FaultKind } from './fault.js';
export { PROTO_PACKAGE, PROTO_PATH } from './proto.js';
export {
  JOBS,
  trainingCause,
  type AbortReason,
  type JobContext,
  type JobHandler,
  type JobName,
  type JobPayload,
  type ProgressDetails,
  type TrainingCause,
} from './jobs.js';
export { changeRequest, modelChange, modelName, registryVersion, type ModelChange } from './model-change.js';
export {
  policyChange,
  policyCheck,
  policyCosts,
  policyDraft,
  policyName,
  policyPublication,
  policyShadowing,
  policyVersion,
  type PolicyChange,
} from './policy.js';
