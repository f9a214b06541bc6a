/** Arguments of a block: whether each must be there, and the arguments of the blocks among them. */
export interface BlockSchema {
  arguments: { [name: string]: { required: boolean; block?: BlockSchema } };
}

/** A resource or data source of a provider: what it takes, and what can be read of it besides. */
export interface ResourceSchema extends BlockSchema {
  attributes: string[];
}

/** By provider: the version whose schema it is. By `resource aws_vpc` or `data aws_region`: the schema. */
export interface ProviderSchemas {
  providers: { [name: string]: string };
  resources: { [address: string]: ResourceSchema };
}

const INTERFACE = /^export interface (\w+)(?: extends \S+)? \{\n(.*?)^\}/gms;
const PROPERTY = /#([a-z0-9_]+) \w+#[a-z0-9_]+\}(?:(?!\*\/).)*\*\/\s+readonly \w+(\??): (?:\| )?(\w+|\{)/gs;
const BLOCK_PROPERTY = /\* ([a-z0-9_]+) block\s(?:(?!\*\/).)*\*\/\s+readonly \w+(\??): (?:\| )?(\w+|\{)/gs;

/**
 * The schema of a resource, read from the types that the CDK for Terraform generates from the provider's own schema:
 * each property stands under a link that ends in the argument's name.
 * @throws when the types have another form.
 */
export function schemaOfTypes(types: string): ResourceSchema {
  const interfaces = new Map([...types.matchAll(INTERFACE)].map(([, name, body]) => [name!, body!]));
  const config = [...interfaces.keys()].find((name) => types.includes(`interface ${name} extends cdktf.TerraformMeta`));
  if (config === undefined) throw new Error('the types have no configuration: is this a package of @cdktf?');
  return { ...blockOf(config, interfaces), attributes: attributesOf(types) };
}

function blockOf(name: string, interfaces: Map<string, string>): BlockSchema {
  const body = interfaces.get(name) ?? '';
  const found: BlockSchema['arguments'] = {};
  for (const pattern of [PROPERTY, BLOCK_PROPERTY]) {
    for (const [, argument, optional, type] of body.matchAll(pattern)) {
      const block = interfaces.has(type!) ? { block: blockOf(type!, interfaces) } : {};
      found[argument!] = { required: optional === '', ...block };
    }
  }
  return { arguments: found };
}

/** Names that the resource's class reads. Their case is told by the getters alone. */
function attributesOf(types: string): string[] {
  const body = types.split(/^export declare class \w+ extends cdktf\.Terraform(?:Resource|DataSource) \{/m)[1] ?? '';
  const getters = [...body.matchAll(/^ {4}get (\w+)\(\)/gm)].map(([, name]) => name!);
  const attributes = getters.filter((name) => !name.endsWith('Input'));
  return [...new Set(attributes.map((name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)))].sort();
}

/** What the schema says against a block: arguments that are not there or missing, as `statement.effekt is unknown`. */
export function problemsOf(body: { [name: string]: unknown }, schema: BlockSchema, at = ''): string[] {
  const { dynamic, ...given } = body;
  const blocks = { ...given, ...contentsOf(dynamic) };
  const meta = at === '' ? META : [];
  const missing = Object.entries(schema.arguments)
    .filter(([name, { required }]) => required && !(name in blocks))
    .map(([name]) => `${at}${name} is missing`);
  const wrong = Object.entries(blocks)
    .filter(([name]) => !meta.includes(name))
    .flatMap(([name, value]) => {
      const argument = schema.arguments[name];
      if (argument === undefined) return [`${at}${name} is unknown`];
      if (argument.block === undefined) return [];
      return listed(value).flatMap((nested) => problemsOf(nested, argument.block!, `${at}${name}.`));
    });
  return [...missing, ...wrong];
}

/** What Terraform itself takes in every resource. */
const META = ['for_each', 'count', 'depends_on', 'lifecycle', 'provider', 'provisioner'];

/** `dynamic "taint" { content {...} }` counts as a block `taint`. */
function contentsOf(dynamic: unknown): { [name: string]: unknown } {
  const entries = Object.entries((dynamic ?? {}) as { [name: string]: { content: unknown[] }[] });
  return Object.fromEntries(entries.map(([name, blocks]) => [name, blocks.flatMap(({ content }) => content)]));
}

function listed(value: unknown): { [name: string]: unknown }[] {
  const items = Array.isArray(value) ? (value as unknown[]) : [value];
  return items.filter((item): item is { [name: string]: unknown } => typeof item === 'object' && item !== null);
}
