import { jsonPlaces } from '../platform/json-place.js';

/**
 * Sets (or, with `undefined`, removes) members of the outermost object of a JSON text. Everything else
 * stays as it is, byte for byte: order, indentation, line breaks, numbers beyond 2^53, a byte order mark.
 * @param text a JSON object; the caller has checked it
 */
export function editJson(text: string, changes: Record<string, unknown>): string {
  const bom = text.startsWith('\uFEFF') ? '\uFEFF' : '';
  let json = text.slice(bom.length);
  for (const [name, value] of Object.entries(changes)) {
    json = value === undefined ? removed(json, name) : set(json, name, JSON.stringify(value));
  }
  return bom + json;
}

function set(json: string, name: string, value: string): string {
  const members = membersOf(json);
  const present = members.findLast((member) => member.name === name);
  if (present) return json.slice(0, present.start) + value + json.slice(present.end);
  const member = `${JSON.stringify(name)}: ${value}`;
  const [first, last] = [members[0], members.at(-1)];
  const open = json.indexOf('{');
  if (first === undefined || last === undefined) {
    const eol = /\r?\n/.exec(json)?.[0] ?? '\n';
    return `${json.slice(0, open)}{${eol}  ${member}${eol}${json.slice(json.lastIndexOf('}'))}`;
  }
  const ahead = /\r?\n[ \t]*$/.exec(json.slice(open + 1, first.keyStart))?.[0] ?? ' ';
  return `${json.slice(0, last.end)},${ahead}${member}${json.slice(last.end)}`;
}

function removed(json: string, name: string): string {
  const members = membersOf(json);
  const index = members.findLastIndex((member) => member.name === name);
  const member = members[index];
  if (member === undefined) return json;
  const [before, after] = [members[index - 1], members[index + 1]];
  if (after) return json.slice(0, member.keyStart) + json.slice(after.keyStart);
  return json.slice(0, before?.end ?? member.keyStart) + json.slice(member.end);
}

function membersOf(json: string) {
  const places = jsonPlaces(json);
  return places.kind === 'json' ? places.members : [];
}
