import ts from 'typescript';
import { root } from './source.js';

/** What TypeScript says about these files (relative to the root), by file; what it says about others is left out. */
export function diagnose(
  files: readonly string[],
  options: ts.CompilerOptions,
  besides: RegExp = /^$/,
): Map<string, string[]> {
  const program = ts.createProgram({
    rootNames: files.map((file) => root + file),
    options: {
      noEmit: true,
      strict: true,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      exactOptionalPropertyTypes: true,
      noPropertyAccessFromIndexSignature: true,
      noUncheckedIndexedAccess: true,
      types: [],
      ...options,
    },
  });
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
