import ts from 'typescript';
import { root } from './source.js';

/**
 * What TypeScript says about these files (relative to the root), by file; what it says about others is left out.
 *
 * @param texts Files that are on no disk, by path: they are read from here.
 */
export function diagnose(
  files: readonly string[],
  options: ts.CompilerOptions,
  besides: RegExp = /^$/,
  texts: ReadonlyMap<string, string> = new Map(),
): Map<string, string[]> {
  const all: ts.CompilerOptions = {
    noEmit: true,
    strict: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.Preserve,
    exactOptionalPropertyTypes: true,
    noPropertyAccessFromIndexSignature: true,
    noUncheckedIndexedAccess: true,
    types: [],
    ...options,
  };
  const rootNames = files.map((file) => root + file);
  const program = ts.createProgram({ rootNames, options: all, host: hostOf(all, texts) });
  const found = new Map<string, string[]>(files.map((file) => [file, []]));
  for (const { file, start, messageText } of ts.getPreEmitDiagnostics(program)) {
    const path = file?.fileName.startsWith(root) ? file.fileName.slice(root.length) : '';
    // without a file: an option or a package that is not there
    if (file && !found.has(path) && !besides.test(path)) continue;
    const line = file && start !== undefined ? file.getLineAndCharacterOfPosition(start).line + 1 : 0;
    const text = `${line}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    found.set(path, [...(found.get(path) ?? []), text]);
  }
  return found;
}

function hostOf(options: ts.CompilerOptions, texts: ReadonlyMap<string, string>): ts.CompilerHost {
  const host = ts.createCompilerHost(options);
  const textOf = (path: string) => (path.startsWith(root) ? texts.get(path.slice(root.length)) : undefined);
  const folders = new Set([...texts.keys()].map((path) => path.replace(/\/[^/]*$/, '')));
  return {
    ...host,
    directoryExists: (path) => folders.has(path.slice(root.length)) || host.directoryExists?.(path) !== false,
    fileExists: (path) => textOf(path) !== undefined || host.fileExists(path),
    readFile: (path) => textOf(path) ?? host.readFile(path),
    getSourceFile: (path, version, ...rest) => {
      const text = textOf(path);
      return text === undefined
        ? host.getSourceFile(path, version, ...rest)
        : ts.createSourceFile(path, text, version);
    },
  };
}
