import { Fault } from '@vigia/contracts';
import type { XmlElement } from './xml.js';

/** Messages that are read, by the SPI catalogue 5.13; each has versions of its own, and old ones stay in use. */
export const CATALOGUE = {
  'pacs.008': { versions: ['1.13', '1.14', '1.15', '1.16'], body: 'FIToFICstmrCdtTrf' },
  'pacs.002': { versions: ['1.16', '1.17'], body: 'FIToFIPmtStsRpt' },
  'pacs.004': { versions: ['1.3', '1.4', '1.5'], body: 'PmtRtr' },
  'trck.002': { versions: ['1.1'], body: 'PmtStsTrckrRpt' },
} as const satisfies Record<string, { versions: readonly string[]; body: string }>;
export type SpiMessageType = keyof typeof CATALOGUE;

/** The one default namespace of a message. */
export function namespaceOf(type: SpiMessageType, version: string): string {
  return `https://www.bcb.gov.br/pi/${type}/${version}`;
}

/** Type and version by the root's default namespace. Throws Fault `malformed_xml` or `unsupported_message`. */
export function identify(root: XmlElement): { type: SpiMessageType; version: string } {
  if (root.name !== 'Envelope') {
    throw new Fault('malformed_xml', { detail: 'The root must be Envelope, in a default namespace, without prefix.' });
  }
  const [, type, version] =
    /^https:\/\/www\.bcb\.gov\.br\/pi\/([a-z]{4}\.[0-9]{3})\/([0-9.]{1,7})$/.exec(root.namespace) ?? [];
  if (isRead(type) && version && isVersionOf(type, version)) return { type, version };
  const what = type ? `${type} ${version}` : 'A message outside the namespaces https://www.bcb.gov.br/pi/';
  const read = Object.entries(CATALOGUE).map(([name, { versions }]) => `${name} ${versions.join(', ')}`);
  throw new Fault('unsupported_message', { detail: `${what} is not read here; these are: ${read.join('; ')}.` });
}

export function isVersionOf(type: SpiMessageType, version: string): boolean {
  return CATALOGUE[type].versions.some((known) => known === version);
}

function isRead(type: string | undefined): type is SpiMessageType {
  return type !== undefined && Object.hasOwn(CATALOGUE, type);
}
