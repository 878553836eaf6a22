import fc from 'fast-check';

/** Values in every syntax TOML has, with what could mislead a scanner inside them. */
const text = fc.constantFrom(
  '',
  'x',
  '[t]',
  '# no',
  'notify = 1',
  ']',
  '}',
  '"""',
  "'''",
  '\\',
  'a"b',
  "a'b",
  'é値',
  'a\nb',
);
const basic = text.map((body) => JSON.stringify(body));
const multiLine = text.map((body) => `"""\n${body.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"""`);
const literal = text.filter((body) => !/['\n]/.test(body)).map((body) => `'${body}'`);
const multiLineLiteral = text.filter((body) => !body.includes("'")).map((body) => `'''${body}'''`);
const scalar = fc.oneof(
  basic,
  multiLine,
  literal,
  multiLineLiteral,
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
  fc.constantFrom('true', '1.5e3', '-inf', 'nan', '0xFF', '1979-05-27 07:32:00Z', '07:32:00', '1979-05-27'),
);
const filler = fc.constantFrom('', ' ', '\n', ' # ] } "\n', '\t');
const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc
      .array(fc.tuple(filler, tie('value'), filler), { maxLength: 3 })
      .map((items) => `[${items.map(([before, item, after]) => before + item + after).join(',')}]`),
    fc
      .array(fc.tuple(filler, tie('value'), filler), { maxLength: 2 })
      .map(
        (items) =>
          `{${items.map(([before, item, after], i) => `${before}k${i} = ${item}${after}`).join(',')}}`,
      ),
  ),
}));

const comment = fc.constantFrom('', ' # note', '\t# notify = ["x"]', '  ');
const indent = fc.constantFrom('', '  ', '\t');
const between = fc.array(fc.constantFrom('', '# [x]', '#:schema y', '   ', '# notify = []'), {
  maxLength: 2,
});
const notify = fc
  .tuple(
    fc.constantFrom('notify', '"notify"', "'notify'", '"noti\\u0066y"'),
    fc.array(fc.tuple(filler, basic, filler), { maxLength: 3 }),
  )
  .map(([key, items]) => `${key} = [${items.map((item) => item.join('')).join(',')}]`);

/** The keys of one table: names that do not clash, now and then with notify among them. */
function keys(prefix: string, canNotify: boolean): fc.Arbitrary<string[]> {
  return fc
    .tuple(
      fc.array(fc.tuple(between, indent, value, comment, fc.constantFrom('', '.x', '."y z"')), {
        maxLength: 4,
      }),
      fc.option(fc.tuple(fc.nat(4), notify, comment), { nil: undefined }),
    )
    .map(([entries, own]) => {
      const lines = entries.map(([before, space, item, note, dotted], i) =>
        [...before, `${space}${prefix}${i}${dotted} = ${item}${note}`].join('\n'),
      );
      if (own && canNotify) lines.splice(own[0], 0, own[1] + own[2]);
      return lines;
    });
}

/** A TOML document: top-level keys, then tables, in LF or CRLF, with and without BOM and last line break. */
export function tomlDocument(): fc.Arbitrary<string> {
  const tables = fc.array(
    fc.tuple(
      between,
      indent,
      fc.constantFrom('t', 'x.notify', '"a]b"', 'tui'),
      fc.boolean(),
      comment,
      keys('b', true),
    ),
    { maxLength: 3 },
  );
  return fc
    .tuple(keys('a', true), tables, between, fc.boolean(), fc.boolean(), fc.boolean())
    .map(([top, parts, last, isCrlf, hasBom, endsOpen]) => {
      const lines = [...top];
      parts.forEach(([before, space, name, isArray, note, body], i) => {
        const path = `${name === 'x.notify' ? `x${i}.notify` : `t${i}.${name}`}`;
        lines.push(...before, `${space}${isArray ? `[[${path}]]` : `[ ${path} ]`}${note}`, ...body);
      });
      lines.push(...last);
      const joined = lines.join('\n') + (endsOpen || lines.length === 0 ? '' : '\n');
      return (hasBom ? '\uFEFF' : '') + (isCrlf ? joined.replaceAll('\n', '\r\n') : joined);
    });
}
