import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** The folder of package.json, with a slash at its end. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/** The paths of a folder's files, relative to it. */
export function filesOf(folder: string, ending: RegExp): string[] {
  return readdirSync(root + folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => ending.test(path))
    .sort();
}

/** A file's syntax tree; its path is relative to {@link root}. */
export function parse(path: string): ts.SourceFile {
  return ts.createSourceFile(path, readFileSync(root + path, 'utf8'), ts.ScriptTarget.Latest, true);
}

/** One `import` or `export … from`. */
export interface Import {
  readonly from: string;
  /** Nothing of it is left in the output. */
  readonly typesOnly: boolean;
}

/** What a module imports and re-exports. */
export function importsOf(file: ts.SourceFile): Import[] {
  return file.statements.flatMap((statement): Import[] => {
    if (ts.isImportDeclaration(statement)) {
      const clause = statement.importClause;
      const named = clause?.namedBindings;
      const typesOnly =
        clause !== undefined &&
        (clause.phaseModifier === ts.SyntaxKind.TypeKeyword ||
          (clause.name === undefined &&
            named !== undefined &&
            ts.isNamedImports(named) &&
            named.elements.every((element) => element.isTypeOnly)));
      return [{ from: textOf(statement.moduleSpecifier), typesOnly }];
    }
    if (ts.isExportDeclaration(statement) && statement.moduleSpecifier) {
      const clause = statement.exportClause;
      const typesOnly =
        statement.isTypeOnly ||
        (clause !== undefined &&
          ts.isNamedExports(clause) &&
          clause.elements.every((element) => element.isTypeOnly));
      return [{ from: textOf(statement.moduleSpecifier), typesOnly }];
    }
    return [];
  });
}

/** Every node that is left in the output: types are skipped. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => {
    if (!ts.isTypeNode(child) && !ts.isInterfaceDeclaration(child) && !ts.isTypeAliasDeclaration(child)) {
      walk(child, visit);
    }
  });
}

function textOf(specifier: ts.Expression): string {
  return ts.isStringLiteral(specifier) ? specifier.text : '';
}
