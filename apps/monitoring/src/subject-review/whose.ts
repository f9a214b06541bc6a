import { describeFeatures, type FeatureSet } from '@vigia/features';

/** Whom a value tells something about; `payment`: the payment itself, or what both parties did with each other. */
export type Party = 'payment' | 'payer' | 'payee' | 'dict';

/** Whose log an entity is: a pair's is of both. */
const KEY_OWNERS: Record<string, Party> = {
  payer: 'payer',
  natural_payer: 'payer',
  device: 'payer',
  unregistered_device: 'payer',
  payee: 'payee',
};

/** Fields by the beginning of their name; the others are of the payment. DICT's statistics are for institutions alone. */
const FIELD_OWNERS: [prefix: string, party: Party][] = [
  ['dict_', 'dict'],
  ['device_', 'payer'],
  ['session_', 'payer'],
  ['payer_', 'payer'],
  ['payee_', 'payee'],
];

/** For each feature of a set whom its value tells about, through everything that it is computed from. */
export function partiesOf(set: FeatureSet): Map<string, Set<Party>> {
  const parties = new Map<string, Set<Party>>();
  for (const { name, entity, fields, features } of describeFeatures(set)) {
    const own = new Set<Party>(fields.map(ownerOfField));
    if (entity !== null) own.add(ownerOfEntity(set, entity));
    for (const feature of features) for (const party of parties.get(feature) ?? []) own.add(party);
    parties.set(name, own);
  }
  return parties;
}

/** Whether a value is of the person who asks and of nobody else. */
export function isShownTo(subject: 'payer' | 'payee', parties: ReadonlySet<Party>): boolean {
  return [...parties].every((party) => party === 'payment' || party === subject);
}

function ownerOfField(field: string): Party {
  return FIELD_OWNERS.find(([prefix]) => field.startsWith(prefix))?.[1] ?? 'payment';
}

function ownerOfEntity(set: FeatureSet, name: string): Party {
  const { key } = set.entities.find((entity) => entity.name === name)!;
  const owners = new Set(key.flatMap((part) => KEY_OWNERS[part] ?? []));
  return owners.size === 1 ? [...owners][0]! : 'payment';
}
