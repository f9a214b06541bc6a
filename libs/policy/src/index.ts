export { actionFor } from './action.js';
export { BlockedParties } from './blocked-parties.js';
export { POLICIES_DIRECTORY, PolicyEngine, type PolicySource } from './engine.js';
export type { PolicyInput } from './policy-input.js';
export { policyInputs } from './policy-inputs.js';
export { ruleTexts, type RuleText } from './rule-texts.js';
export {
  holdRuleOf,
  policySettings,
  type PolicySettings,
  type PolicySettingsInput,
  type ScoreBand,
} from './settings.js';
export { SAFEST_VERDICT, type Verdict } from './verdict.js';
