import { accountTakeover } from './account-takeover.js';
import { fakeBankEmployee } from './fake-bank-employee.js';
import { fakeSeller } from './fake-seller.js';
import { ghostHand } from './ghost-hand.js';
import { lightningKidnapping } from './lightning-kidnapping.js';
import { muleChain } from './mule-chain.js';
import type { ScenarioName } from './plan.js';
import { qrTampering } from './qr-tampering.js';
import type { Scenario } from './scenario.js';
import { wrongPix } from './wrong-pix.js';

/** Every typology; a new one is a file and a line here. */
export const SCENARIOS: Record<ScenarioName, Scenario> = {
  fake_bank_employee: fakeBankEmployee,
  ghost_hand: ghostHand,
  account_takeover: accountTakeover,
  qr_tampering: qrTampering,
  mule_chain: muleChain,
  lightning_kidnapping: lightningKidnapping,
  wrong_pix: wrongPix,
  fake_seller: fakeSeller,
};
