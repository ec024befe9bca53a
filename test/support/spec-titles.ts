import ts from 'typescript';
import { parse, walk } from './source.js';

/** The titles of a test file: of a table's test its template, and the title of each line whose first cell is a text. */
export function titlesOf(path: string): ReadonlySet<string> {
  const file = parse(path);
  const tables = new Map<string, ts.Expression>();
  walk(file, (node) => {
    if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && node.initializer) {
      tables.set(node.name.text, node.initializer);
    }
  });
  const titles = new Set<string>();
  walk(file, (node) => {
    if (!ts.isCallExpression(node)) return;
    const title = textOf(node.arguments[0]);
    if (title === undefined) return;
    if (isIt(node.expression)) titles.add(title);
    const { expression } = node;
    if (!ts.isCallExpression(expression) || !ts.isPropertyAccessExpression(expression.expression)) return;
    const { expression: of, name } = expression.expression;
    if (!isIt(of) || name.text !== 'each') return;
    titles.add(title);
    for (const first of firstCells(expression.arguments[0], tables)) {
      titles.add(title.replace(/%[sji]/, () => first));
    }
  });
  return titles;
}

/** `it` and nothing of it: what is skipped or still to do proves nothing. */
function isIt(node: ts.Expression): boolean {
  return ts.isIdentifier(node) && (node.text === 'it' || node.text === 'test');
}

function firstCells(table: ts.Expression | undefined, tables: ReadonlyMap<string, ts.Expression>): string[] {
  const named = table && ts.isIdentifier(table) ? tables.get(table.text) : table;
  const rows = named && ts.isAsExpression(named) ? named.expression : named;
  if (!rows || !ts.isArrayLiteralExpression(rows)) return [];
  return rows.elements.flatMap((row) => {
    const text = textOf(ts.isArrayLiteralExpression(row) ? row.elements[0] : row);
    return text === undefined ? [] : [text];
  });
}

function textOf(node: ts.Node | undefined): string | undefined {
  return node && ts.isStringLiteralLike(node) ? node.text : undefined;
}
