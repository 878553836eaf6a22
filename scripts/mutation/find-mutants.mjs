// @ts-check
/**
 * The mutants of a source file: each a small wrong edit that still compiles more often than not. Pure.
 */
import ts from 'typescript';

/**
 * @typedef {object} Mutant
 * @property {number} start of the text that is replaced
 * @property {number} end
 * @property {string} text what stands there in its place
 * @property {string} operator what was done
 * @property {number} line from 1
 * @property {string} before the text that was there, on one line
 */

/** @type {Partial<Record<ts.SyntaxKind, string[]>>} */
const otherOperators = {
  [ts.SyntaxKind.EqualsEqualsEqualsToken]: ['!=='],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken]: ['==='],
  [ts.SyntaxKind.LessThanToken]: ['<=', '>'],
  [ts.SyntaxKind.LessThanEqualsToken]: ['<', '>'],
  [ts.SyntaxKind.GreaterThanToken]: ['>=', '<'],
  [ts.SyntaxKind.GreaterThanEqualsToken]: ['>', '<'],
  [ts.SyntaxKind.AmpersandAmpersandToken]: ['||'],
  [ts.SyntaxKind.BarBarToken]: ['&&'],
  [ts.SyntaxKind.PlusToken]: ['-'],
  [ts.SyntaxKind.MinusToken]: ['+'],
  [ts.SyntaxKind.AsteriskToken]: ['/'],
  [ts.SyntaxKind.SlashToken]: ['*'],
  [ts.SyntaxKind.PlusEqualsToken]: ['-='],
};

/** @type {Record<string, string>} */
const otherMethods = {
  some: 'every',
  every: 'some',
  findLast: 'find',
  find: 'findLast',
  startsWith: 'endsWith',
  endsWith: 'startsWith',
  min: 'max',
  max: 'min',
  floor: 'ceil',
  ceil: 'floor',
  push: 'unshift',
  trimEnd: 'trim',
};

/** Methods whose call can be left out: `list.filter(f)` becomes `list`. */
const leftOut = new Set(['filter', 'sort', 'toSorted', 'reverse', 'slice', 'trim', 'toLowerCase', 'flat']);

/**
 * All mutants of a file, in the order of their places.
 * @param {string} fileName
 * @param {string} source
 * @returns {Mutant[]}
 */
export function findMutants(fileName, source) {
  const file = ts.createSourceFile(fileName, source, ts.ScriptTarget.Latest, true);
  /** @type {Mutant[]} */
  const found = [];
  /** @param {ts.Node} node @param {string} operator @param {string} text */
  const add = (node, operator, text) => {
    const start = node.getStart(file);
    const end = node.getEnd();
    const before = source.slice(start, end).replace(/\s+/g, ' ').slice(0, 100);
    const line = file.getLineAndCharacterOfPosition(start).line + 1;
    if (source.slice(start, end) !== text) found.push({ start, end, text, operator, line, before });
  };
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return;
    if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return;
    mutateExpression(node, file, add);
    mutateStatement(node, add);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** @typedef {(node: ts.Node, operator: string, text: string) => void} Add */

/** @param {ts.Node} node @param {ts.SourceFile} file @param {Add} add */
function mutateExpression(node, file, add) {
  if (ts.isBinaryExpression(node)) mutateBinary(node, file, add);
  else if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken)
    add(node, 'negation left out', node.operand.getText(file));
  else if (ts.isConditionalExpression(node)) {
    add(node, 'always the first', node.whenTrue.getText(file));
    add(node, 'always the second', node.whenFalse.getText(file));
  } else if (node.kind === ts.SyntaxKind.TrueKeyword) add(node, 'other boolean', 'false');
  else if (node.kind === ts.SyntaxKind.FalseKeyword) add(node, 'other boolean', 'true');
  else if (ts.isNumericLiteral(node)) add(node, 'other number', otherNumber(node.getText(file)));
  else if (ts.isStringLiteral(node) && isValue(node)) add(node, 'other text', `'mutated'`);
  else if (ts.isCallExpression(node)) mutateCall(node, file, add);
  else if (ts.isSpreadElement(node) && ts.isArrayLiteralExpression(node.parent))
    add(node, 'spread left out', '...[]');
  else if (ts.isSpreadAssignment(node)) add(node, 'spread left out', '...{}');
}

/** @param {ts.BinaryExpression} node @param {ts.SourceFile} file @param {Add} add */
function mutateBinary(node, file, add) {
  const [left, right] = [node.left.getText(file), node.right.getText(file)];
  for (const other of otherOperators[node.operatorToken.kind] ?? []) {
    add(node.operatorToken, `${node.operatorToken.getText(file)} becomes ${other}`, other);
  }
  switch (node.operatorToken.kind) {
    case ts.SyntaxKind.QuestionQuestionToken:
      add(node, 'without its fallback', left);
      add(node, 'only its fallback', right);
      break;
    case ts.SyntaxKind.AmpersandAmpersandToken:
    case ts.SyntaxKind.BarBarToken:
      add(node, 'without its second condition', left);
      add(node, 'without its first condition', right);
  }
}

/** @param {ts.CallExpression} node @param {ts.SourceFile} file @param {Add} add */
function mutateCall(node, file, add) {
  if (!ts.isPropertyAccessExpression(node.expression)) return;
  const { name, expression } = node.expression;
  const other = Object.hasOwn(otherMethods, name.text) && otherMethods[name.text];
  if (other) add(name, `${name.text} becomes ${other}`, other);
  if (leftOut.has(name.text)) add(node, `${name.text} left out`, expression.getText(file));
  const [first] = node.arguments;
  if (name.text === 'at' && first?.getText(file) === '-1') add(first, 'first in place of last', '0');
}

/** @param {ts.Node} node @param {Add} add */
function mutateStatement(node, add) {
  if (ts.isIfStatement(node)) {
    add(node.expression, 'always', 'true');
    add(node.expression, 'never', 'false');
  } else if (ts.isExpressionStatement(node)) add(node, 'statement left out', ';');
  else if (ts.isPropertyAssignment(node) && ts.isObjectLiteralExpression(node.parent))
    add(node, 'property left out', '');
  else if (ts.isBreakStatement(node) || ts.isContinueStatement(node)) add(node, 'goes on', ';');
}

/** A limit of thousands and one is the same limit to whoever uses it: a large number is doubled. @param {string} text */
function otherNumber(text) {
  return Number(text.replaceAll('_', '')) < 100 ? `(${text} + 1)` : `(${text} * 2)`;
}

/** Whether a text is a value, and no type, key or name of a module. @param {ts.StringLiteral} node */
function isValue(node) {
  const { parent } = node;
  if (ts.isLiteralTypeNode(parent) || ts.isImportDeclaration(parent)) return false;
  if (ts.isCallExpression(parent) && parent.expression.kind === ts.SyntaxKind.ImportKeyword) return false;
  return !(ts.isPropertyAssignment(parent) && parent.name === node);
}
