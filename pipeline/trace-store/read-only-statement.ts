import { InvalidInputError } from '../../schemas/errors.ts'

const OPENING_WORDS = new Set(['select', 'with', 'show', 'describe', 'desc', 'explain', 'exists'])

/** Table functions that make or reshape rows. Every other one reaches files, networks or other databases. */
const HARMLESS_TABLE_FUNCTIONS = new Set(
  'format generate_series generateseries null numbers numbers_mt primes values view zeros zeros_mt'.split(
    ' ',
  ),
)

/** Ordinary functions that read files or call out. */
const REACHING_FUNCTIONS = /^(file|catboostevaluate|ai[a-z]+)$/

/** The beginnings of the names of ClickHouse's formats, in lower case. */
const FORMAT_NAME =
  /^(arrow|avro|bson|csv|custom|json|line|markdown|msgpack|native|null|odbc|one|orc|parquet|pretty|prometheus|protobuf|raw|row|sql|tab|template|tskv|tsv|values|vertical|xml)/

/**
 * ClickHouse's lexer as far as it matters here: white space and comments, texts, quoted names, words, numbers, signs.
 * Quoted names with escapes, here documents and characters beyond ASCII outside quotes have no rule: they are refused
 * rather than guessed.
 */
const TOKEN =
  /(?<blank>\s+|--[^\n]*|#[ !][^\n]*|\/\*[\s\S]*?\*\/)|(?<text>'(?:[^'\\]|\\[\s\S]|'')*')|(?<name>"[^"\\]*"|`[^`\\]*`)|(?<word>[A-Za-z_]\w*)|(?<other>\d[\w.]*|[!%&()*+,\-./:;<=>?@[\]^{|}])/y

export interface ReadOnlyStatement {
  /** Without the final semicolon. */
  readonly sql: string
  /** Whether its answer is the rows of a SELECT; SHOW, DESCRIBE and the like answer a few lines. */
  readonly selects: boolean
}

/**
 * The statement if it is a single one that only reads tables of the store. The engine's own
 * read-only mode lets a statement read and write files and open connections, so this refuses what could:
 * table functions (the engine's list, in lower case) but the harmless ones, INTO, and the database `default`, which in
 * chDB shows the file system.
 * @throws InvalidInputError `query-refused`
 */
export const readOnlyStatement = (
  sql: string,
  tableFunctions: ReadonlySet<string>,
): ReadOnlyStatement => {
  const tokens = tokensOf(sql)
  const last = tokens.at(-1)
  const statement = last?.sign === ';' ? tokens.slice(0, -1) : tokens
  const [first] = statement
  if (first?.word === undefined || first.quoted || !OPENING_WORDS.has(first.word))
    throw refused('it must begin with SELECT, WITH, SHOW, DESCRIBE, EXPLAIN or EXISTS')
  statement.forEach((token, index) => {
    const problem = problemOf(token, statement[index + 1], tableFunctions)
    if (problem !== null) throw refused(problem)
    if (isFormatClause(statement.slice(index, index + 3)))
      throw refused('rows are always answered as JSON, leave FORMAT out')
  })
  return {
    sql: last?.sign === ';' ? sql.slice(0, last.at) : sql,
    selects: first.word === 'select' || first.word === 'with',
  }
}

interface Token {
  readonly at: number
  /** A word or quoted name in lower case. */
  readonly word?: string
  readonly quoted: boolean
  readonly sign?: string
}

/** A column may be called format: only with the name of a format behind it, at the end or before the settings, it is the clause. */
const isFormatClause = ([clause, name, next]: readonly Token[]): boolean =>
  clause?.word === 'format' &&
  !clause.quoted &&
  FORMAT_NAME.test(name?.word ?? '') &&
  (next === undefined || next.word === 'settings')

const problemOf = (
  { word, quoted, sign }: Token,
  next: Token | undefined,
  tableFunctions: ReadonlySet<string>,
): string | null => {
  if (sign === ';') return 'it must be a single statement'
  if (word === undefined) return null
  if (word === 'into' && !quoted) return 'INTO writes'
  if (word === 'default' && next?.sign === '.') return 'the database default is not the store'
  if (word === 'readonly' && next?.sign === '=') return 'read-only mode cannot be left'
  if (next?.sign !== '(') return null
  const reaches = tableFunctions.has(word) && !HARMLESS_TABLE_FUNCTIONS.has(word)
  return reaches || REACHING_FUNCTIONS.test(word) ? `${word}() reaches beyond the store` : null
}

const tokensOf = (sql: string): readonly Token[] => {
  const tokens: Token[] = []
  for (let at = 0; at < sql.length; ) {
    TOKEN.lastIndex = at
    const match = TOKEN.exec(sql)
    if (match === null) throw refused(`it cannot be read from character ${at + 1} on`)
    const token = tokenOf(match, at)
    if (token !== null) tokens.push(token)
    at = TOKEN.lastIndex
  }
  return tokens
}

const tokenOf = ({ groups = {} }: RegExpExecArray, at: number): Token | null => {
  const { blank, name, word, other } = groups
  if (blank !== undefined) return null
  if (name !== undefined) return { at, quoted: true, word: name.slice(1, -1).toLowerCase() }
  if (word !== undefined) return { at, quoted: false, word: word.toLowerCase() }
  return { at, quoted: false, sign: other ?? "'" }
}

const refused = (reason: string): InvalidInputError =>
  new InvalidInputError('query-refused', `The statement is refused: ${reason}.`)
