import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ZenDecisionContent, ZenEngine, type ZenDecision } from '@gorules/zen-engine';
import { Fault } from '@vigia/contracts';
import { engineMessage, readJdm, type Jdm } from './jdm.js';
import { engineContext, type PolicyInput, type Verdict } from './policy-input.js';
import { ruleTexts, type RuleText } from './rule-texts.js';
import { policySettings, type PolicySettings } from './settings.js';
import { tryOut } from './trial.js';
import { verdictOf } from './verdict.js';

/** The policies that ship, both from src and from dist. */
export const POLICIES_DIRECTORY = join(__dirname, '..', 'policies');

export interface PolicySource {
  /** Where the JDM files are; {@link POLICIES_DIRECTORY} unless told. */
  directory?: string;
  /** File name without `.json`; `pix` unless told. */
  name?: string;
  /** Go into the graph as `settings`. */
  settings?: PolicySettings;
}

interface Waiting {
  context: PolicyInput;
  resolve(verdict: Verdict): void;
  reject(error: unknown): void;
}

/** Runs the policy over many payments in one call, half the cost of a call each; `settings` cross over once. */
const BATCH = {
  nodes: [
    { id: 'batch', name: 'Batch', type: 'inputNode' },
    {
      id: 'each',
      name: 'Each payment',
      type: 'decisionNode',
      content: {
        key: 'policy',
        executionMode: 'loop',
        inputField: 'map(payments, merge([#, {settings: settings}]))',
        outputPath: 'verdicts',
        passThrough: false,
      },
    },
    { id: 'verdicts', name: 'Verdicts', type: 'outputNode' },
  ],
  edges: [
    { id: 'batch-each', sourceId: 'batch', targetId: 'each' },
    { id: 'each-verdicts', sourceId: 'each', targetId: 'verdicts' },
  ],
};

/** A decision policy: a GoRules graph (JDM), tried out when it was loaded. */
export class PolicyEngine {
  private waiting: Waiting[] = [];

  private constructor(
    readonly name: string,
    /** First 12 hex digits of the file's SHA-256. */
    readonly version: string,
    readonly settings: PolicySettings,
    /** Texts of every rule that the graph may answer. */
    readonly ruleTexts: Readonly<Record<string, RuleText>>,
    private readonly one: ZenDecision,
    private readonly many: ZenDecision,
  ) {}

  /**
   * Reads `directory/name.json`, compiles it and tries it on payments of every kind.
   *
   * @throws Error with the file, the node and the remedy
   */
  static async load({
    directory = POLICIES_DIRECTORY,
    name = 'pix',
    settings,
  }: PolicySource = {}): Promise<PolicyEngine> {
    const file = join(directory, `${name}.json`);
    const inForce = settings ?? policySettings.parse({});
    try {
      const bytes = await readFile(file);
      const jdm = readJdm(bytes.toString('utf8'));
      const texts = textsOf(jdm);
      const content = new ZenDecisionContent(bytes);
      const engine = new ZenEngine({ loader: async () => content });
      const one = engine.createDecision(content);
      one.validate();
      await tryOut(jdm, one, inForce);
      const version = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
      return new PolicyEngine(name, version, inForce, texts, one, engine.createDecision(BATCH));
    } catch (error) {
      throw new Error(`Policy ${file} cannot be used: ${engineMessage(error)}`, { cause: error });
    }
  }

  /**
   * Decides one payment. Payments of one turn of the event loop are decided in one call.
   *
   * @throws Fault `internal` when the input is not as its interface says or the graph fails; answer `SAFEST_VERDICT` then
   */
  async evaluate(input: PolicyInput): Promise<Verdict> {
    const context = engineContext(input);
    return new Promise((resolve, reject) => {
      if (this.waiting.push({ context, resolve, reject }) === 1) setImmediate(() => void this.decideWaiting());
    });
  }

  private async decideWaiting(): Promise<void> {
    const batch = this.waiting;
    this.waiting = [];
    if (batch.length > 1) {
      try {
        const payments = batch.map(({ context }) => context);
        const { result } = await this.many.evaluate({ settings: this.settings, payments });
        const verdicts = batch.map((_, index) => verdictOf(result.verdicts[index]));
        batch.forEach(({ resolve }, index) => resolve(verdicts[index]!));
        return;
      } catch {
        // One payment failed all; alone, each gets its own answer.
      }
    }
    for (const { context, resolve, reject } of batch) {
      await this.decideOne(context).then(resolve, reject);
    }
  }

  private async decideOne(context: PolicyInput): Promise<Verdict> {
    try {
      return verdictOf((await this.one.evaluate({ ...context, settings: this.settings })).result);
    } catch (error) {
      const detail = `Policy ${this.name} ${this.version} fails: ${engineMessage(error)}`;
      throw new Fault('internal', { detail, cause: error });
    }
  }
}

function textsOf(jdm: Jdm): Record<string, RuleText> {
  const texts: Record<string, RuleText> = {};
  for (const { place, code, description } of jdm.tables.flatMap((table) => table.rules)) {
    const text = ruleTexts[code] ?? (description === '' ? undefined : { pt: description, en: description });
    if (code === '' || !text) {
      throw new Error(`${place}: a rule needs a code in quotes, and a new one a text in the row's description`);
    }
    texts[code] = text;
  }
  return texts;
}
