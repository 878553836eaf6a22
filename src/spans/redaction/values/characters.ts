/** Letters and digits of ASCII. */
export function isAlphanumeric(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || (code >= 65 && code <= 90);
}

export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** Letters, digits, `_` and `-`: what names and most tokens are made of. */
export function isNameCharacter(code: number): boolean {
  return isAlphanumeric(code) || code === 95 || code === 45;
}
