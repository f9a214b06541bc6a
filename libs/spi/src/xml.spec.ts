import { Fault } from '@vigia/contracts';
import { pathOf, readXml } from './xml.js';

function faultOf(input: string | Uint8Array, limits = {}): Fault {
  try {
    readXml(input, limits);
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error('was read');
}

const bytes = (text: string) => new TextEncoder().encode(text);

describe('reads', () => {
  it('elements, attributes, text, CDATA and the entities of XML', () => {
    const root = readXml('<?xml version="1.0"?><a x="&lt;1"><!-- no -->&amp;<![CDATA[<&]]>&#65;&#x42;<b/></a>');
    expect(root).toMatchObject({ name: 'a', attributes: { x: '<1' }, text: '&<&AB' });
    expect(root.children.map(({ name }) => name)).toEqual(['b']);
  });

  it('bytes with a byte order mark and characters of four bytes', () => {
    expect(readXml(bytes('\ufeff<?xml version="1.0" encoding="utf-8"?><a>ção 😀</a>')).text).toBe('ção 😀');
  });

  it('the default namespace that is in force', () => {
    const [b, c] = readXml('<a xmlns="one"><b xmlns="two"><d/></b><c/></a>').children;
    expect([b!.namespace, b!.children[0]!.namespace, c!.namespace]).toEqual(['two', 'two', 'one']);
  });

  it('names of JavaScript as names like any other', () => {
    const root = readXml('<__proto__ constructor="x"><toString/></__proto__>');
    expect(root.name).toBe('__proto__');
    expect(root.attributes['constructor']).toBe('x');
  });

  it('as deep, as many and as long as the limits', () => {
    expect(readXml('<a><b/></a>', { maxDepth: 2, maxElements: 2, maxLength: 11 }).children).toHaveLength(1);
  });
});

describe('refuses', () => {
  const billionLaughs = `<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>`;
  it.each([
    ['nested entities', billionLaughs, 'a DOCTYPE is not allowed'],
    ['external entities', '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', 'DOCTYPE'],
    ['a bare DOCTYPE', '<!DOCTYPE a><a/>', 'a DOCTYPE is not allowed'],
    ['an unknown entity', '<a>&nbsp;</a>', 'undefined entity'],
    ['an entity named as a property of objects', '<a>&constructor;</a>', 'undefined entity'],
    ['a reference to no character', '<a>&#0;</a>', 'malformed character entity'],
    ['a processing instruction', '<?xml version="1.0"?><?php x?><a/>', 'processing instructions are not allowed'],
    ['a processing instruction inside', '<a><?x y?></a>', 'processing instructions are not allowed'],
    ['XML 1.1', '<?xml version="1.1"?><a/>', 'the XML version must be 1.0'],
    ['another encoding', '<?xml version="1.0" encoding="ISO-8859-1"?><a/>', 'the encoding must be UTF-8'],
    ['an open element', '<a><b></b>', 'unclosed tag'],
    ['elements that cross', '<a><b></a></b>', 'close tag'],
    ['two roots', '<a/><b/>', 'only one root'],
    ['an attribute twice', '<a x="1" x="2"/>', 'duplicate attribute'],
    ['a control character', '<a>\u0001</a>', 'disallowed character'],
    ['no element', '  ', 'root element'],
    ['nothing', '', 'root element'],
    ['half a character', '<a>\ud800</a>', 'half a character'],
  ])('%s', (_, text, what) => {
    const fault = faultOf(text);
    expect(fault.code).toBe('malformed_xml');
    expect(fault.message).toContain(what);
  });

  it.each([
    ['too long', { maxLength: 10 }, 'longer than 10'],
    ['too deep', { maxDepth: 1 }, 'more than 1 levels'],
    ['too many elements', { maxElements: 2 }, 'more than 2 elements'],
  ])('what is %s', (_, limits, what) => {
    expect(faultOf('<a><b/><b/></a>', limits).message).toContain(what);
  });

  it('a nest and a flood within the length limit', () => {
    expect(faultOf('<a>'.repeat(300_000)).message).toContain('more than 32 levels');
    expect(faultOf(`<a>${'<b/>'.repeat(200_000)}</a>`).message).toContain('more than 20000 elements');
    expect(faultOf(new Uint8Array(1_048_577)).message).toContain('longer than 1048576');
  });

  it('bytes that are not UTF-8', () => {
    expect(faultOf(Uint8Array.of(0x3c, 0x61, 0x3e, 0xe7, 0x3c, 0x2f, 0x61, 0x3e)).message).toContain('not UTF-8');
    expect(faultOf(Uint8Array.of(0xff, 0xfe, 0x3c, 0x00)).message).toContain('not UTF-8');
  });
});

it('says line, column and element, and nothing of what the document holds', () => {
  const fault = faultOf('<a>\n <Dbtr>\n  <Nm>Maria</Nm><Maria.Silva>Maria</Dbtr></a>');
  expect(fault.message).toMatch(/^Line 3, column \d+, in \/a\/Dbtr/);
  expect(fault.message).not.toContain('Maria');
});

it('counts siblings of one name in a path', () => {
  const root = readXml('<a><b/><c/><b><d/></b></a>');
  expect(pathOf(root.children[2]!.children[0]!)).toBe('/a/b[2]/d');
  expect(pathOf(root.children[1]!)).toBe('/a/c');
});
