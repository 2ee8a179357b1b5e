import ts from 'typescript'

const AMBIENT =
  /\b(Math\.random|Date\.now|Date\(\)|performance\.\w|process\.(?!ts')\w|console\.\w|crypto\.random\w|random(UUID|Bytes|Int)\b|getRandomValues|fetch\(|set(Timeout|Interval|Immediate)\(|queueMicrotask\()/gu
const ASYNCHRONOUS = /\b(async\s*[(\w]|await\b|new Promise\b|Promise\.\w)/gu

/** The program without comments and types, so that prose and port interfaces may say what they like. */
const codeOf = (source: string): string =>
  ts.transpileModule(source, {
    compilerOptions: { removeComments: true, target: ts.ScriptTarget.ESNext },
  }).outputText

/** What a program takes from its surroundings instead of as an argument: clock, randomness, effects. */
export const ambientUses = (source: string): readonly string[] =>
  [...codeOf(source).matchAll(AMBIENT)].map(([use]) => use)

/** Where a program waits. */
export const asynchronousUses = (source: string): readonly string[] =>
  [...codeOf(source).matchAll(ASYNCHRONOUS)].map(([use]) => use)
