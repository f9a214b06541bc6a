import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ZenDecisionContent, ZenEngine, type ZenDecision } from '@gorules/zen-engine';
import { Fault } from '@vigia/contracts';
import { engineMessage, issuesOf, parseJson, readJdm, withSettings, type Jdm } from './jdm.js';
import { versionOf, type PolicyDocument } from './policy-document.js';
import { engineContext, type PolicyInput } from './policy-input.js';
import { ruleTexts, type RuleText } from './rule-texts.js';
import { policySettings, type PolicySettings } from './settings.js';
import { tryOut } from './trial.js';
import { verdictOf, type Verdict } from './verdict.js';

/** The policies that ship, both from src and from dist. */
export const POLICIES_DIRECTORY = join(__dirname, '..', 'policies');

export interface PolicySource {
  /** Where the JDM files are; {@link POLICIES_DIRECTORY} unless told. */
  directory?: string;
  /** File name without `.json`; `pix` unless told. */
  name?: string;
  /** The graph reads them as `settings`; the defaults unless told. */
  settings?: PolicySettings;
}

/** A decision policy: a GoRules graph (JDM), tried out when it was loaded. */
export class PolicyEngine {
  private constructor(
    readonly document: PolicyDocument,
    /** Of graph and settings, see `versionOf`. */
    readonly version: string,
    readonly settings: PolicySettings,
    /** Texts of every rule that the graph may answer. */
    readonly ruleTexts: Readonly<Record<string, RuleText>>,
    private readonly decision: ZenDecision,
  ) {}

  get name(): string {
    return this.document.name;
  }

  /**
   * Compiles a policy and tries it on payments of every kind.
   *
   * @throws Error with the node and the remedy
   */
  static of(document: PolicyDocument): Promise<PolicyEngine> {
    return usable(document.name, () => PolicyEngine.compile(document));
  }

  /**
   * The policy of `directory/name.json`, see {@link of}.
   *
   * @throws Error with the file, the node and the remedy
   */
  static load({ directory = POLICIES_DIRECTORY, name = 'pix', settings }: PolicySource = {}): Promise<PolicyEngine> {
    const file = join(directory, `${name}.json`);
    return usable(file, async () => {
      const graph = parseJson(await readFile(file, 'utf8'));
      return PolicyEngine.compile({ name, graph, settings: settings ?? policySettings.parse({}) });
    });
  }

  private static async compile(document: PolicyDocument): Promise<PolicyEngine> {
    const jdm = readJdm(document.graph);
    const texts = textsOf(jdm);
    const settings = policySettings.safeParse(document.settings);
    if (!settings.success) throw new Error(`its settings: ${issuesOf(settings.error)}`);
    const decision = new ZenEngine().createDecision(new ZenDecisionContent(withSettings(jdm, settings.data)));
    decision.validate();
    await tryOut(jdm, decision);
    return new PolicyEngine(document, versionOf(document), settings.data, texts, decision);
  }

  /**
   * Decides one payment: the call takes about 10 µs of the event loop, all of it below 70 µs of CPU, mostly on another thread.
   *
   * @throws Fault `internal` when the input is not as its interface says or the graph fails; answer `SAFEST_VERDICT` then
   */
  async evaluate(input: PolicyInput): Promise<Verdict> {
    const context = engineContext(input);
    try {
      return verdictOf((await this.decision.evaluate(context)).result);
    } catch (error) {
      const detail = `Policy ${this.name} ${this.version} fails: ${engineMessage(error)}`;
      throw new Fault('internal', { detail, cause: error });
    }
  }
}

async function usable(what: string, load: () => Promise<PolicyEngine>): Promise<PolicyEngine> {
  try {
    return await load();
  } catch (error) {
    throw new Error(`Policy ${what} cannot be used: ${engineMessage(error)}`, { cause: error });
  }
}

function textsOf(jdm: Jdm): Record<string, RuleText> {
  const texts: Record<string, RuleText> = {};
  for (const { place, code, description } of jdm.tables.flatMap((table) => table.rules)) {
    const text = ruleTexts[code] ?? (description === '' ? undefined : { pt: description, en: description });
    if (!text) throw new Error(`${place}: the new rule "${code}" needs a text; write it as the row's description`);
    texts[code] = text;
  }
  return texts;
}
