export { actionFor } from './action.js';
export { BlockedParties } from './blocked-parties.js';
export {
  PolicyComparison,
  type Amount,
  type ComparedDecision,
  type PolicyCosts,
  type PolicyTally,
} from './policy-comparison.js';
export { POLICIES_DIRECTORY, PolicyEngine, type PolicySource } from './engine.js';
export { versionOf, type PolicyDocument } from './policy-document.js';
export type { PolicyInput } from './policy-input.js';
export { policyInputs, recordedInputs, type RecordedDecision } from './policy-inputs.js';
export { ruleTexts, type RuleText } from './rule-texts.js';
export {
  holdRuleOf,
  policySettings,
  type PolicySettings,
  type PolicySettingsInput,
  type ScoreBand,
} from './settings.js';
export { SAFEST_VERDICT, type Verdict } from './verdict.js';
