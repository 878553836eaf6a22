/**
 * Go's regular expressions (RE2) in JavaScript's syntax, without flags: `(?i)` from its place to the end
 * of its group becomes letters of both cases, `(?i:…)` and `(?-i:…)` too; POSIX classes and `\z` get
 * their own words. Enough for the rules of gitleaks, and no more.
 * @param {string} pattern
 * @param {boolean} insensitive whether case is ignored at the pattern's beginning
 */
export function toJavaScript(pattern, insensitive) {
  let out = '';
  const states = [insensitive];
  for (let i = 0; i < pattern.length; ) {
    const rest = pattern.slice(i);
    const flag = /^\(\?(-?)i([:)])/.exec(rest);
    if (flag) {
      const on = flag[1] === '';
      if (flag[2] === ')') states[states.length - 1] = on;
      else {
        states.push(on);
        out += '(?:';
      }
      i += flag[0].length;
      continue;
    }
    const [unit, kind] = nextUnit(rest);
    const ignoring = states.at(-1);
    if (kind === 'open') states.push(ignoring);
    if (kind === 'close') states.pop();
    const bounded = kind === 'sign' || kind === 'count' ? boundedCount(unit) : unit;
    out +=
      kind === 'class'
        ? convertClass(unit, ignoring)
        : kind === 'letter' && ignoring
          ? bothCases(unit)
          : bounded;
    i += unit.length;
  }
  const converted = out
    .replaceAll('\\z', '$')
    .replaceAll('\\x60', '`')
    .replace(/\((?!\?)/g, '(?:');
  new RegExp(converted, 'y');
  return converted;
}

function nextUnit(rest) {
  const special = /^\\(?:x[0-9a-f]{2}|.)/i.exec(rest)?.[0];
  if (special) return [special, 'escape'];
  const set = /^\[\^?\]?(?:\[:\w+:\]|\\.|[^\]\\])*\]/.exec(rest)?.[0];
  if (set) return [set, 'class'];
  const group = /^\((?:\?:)?/.exec(rest)?.[0];
  if (group) return [group, 'open'];
  const count = /^\{\d+,?\d*\}/.exec(rest)?.[0];
  if (count) return [count, 'count'];
  const character = rest.charAt(0);
  return [character, character === ')' ? 'close' : /[a-z]/i.test(character) ? 'letter' : 'sign'];
}

/** No repetition without an end: a hostile text must not make one read it all at each of its places. */
function boundedCount(count) {
  if (count === '+') return '{1,400}';
  if (count === '*') return '{0,400}';
  return count.replace(/^\{(\d+),\}$/, '{$1,4000}');
}

function bothCases(letter) {
  return `[${letter.toLowerCase()}${letter.toUpperCase()}]`;
}

function convertClass(set, ignoring) {
  const posix = set
    .replace('[:alnum:]', 'A-Za-z0-9')
    .replace('[:alpha:]', 'A-Za-z')
    .replace('[:digit:]', '0-9');
  if (!ignoring) return posix;
  return posix.replace(/([a-z])-([a-z])|([A-Z])-([A-Z])/g, (range, a, b, c, d) => {
    const [from, to] = a ? [a, b] : [c, d];
    return a
      ? `${range}${from.toUpperCase()}-${to.toUpperCase()}`
      : `${range}${from.toLowerCase()}-${to.toLowerCase()}`;
  });
}
