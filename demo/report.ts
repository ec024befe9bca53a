const color = process.stdout.isTTY && !process.env['NO_COLOR'];
const paint = (code: number, text: string) => (color ? `\u001b[${code}m${text}\u001b[0m` : text);

let failures = 0;

/** The headline of a scene. */
export function scene(letter: string, title: string): void {
  console.log(`\n${paint(1, `(${letter}) ${title}`)}`);
}

export function say(text: string): void {
  console.log(paint(2, `    ${text}`));
}

export function show(text: string): void {
  console.log(text);
}

/** What was counted against what must have been counted; a difference fails the demo. */
export function check(what: string, counted: unknown, expected: unknown): void {
  const right = Object.is(counted, expected);
  if (!right) failures++;
  const mark = right ? paint(32, '✓') : paint(31, '✗');
  console.log(`    ${mark} ${what.padEnd(52)} ${counted}${right ? '' : paint(31, `  expected ${expected}`)}`);
}

/** How many checks failed. */
export function failed(): number {
  return failures;
}
