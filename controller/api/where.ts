import type { QueryParameters } from '../../pipeline/trace-store/trace-store.ts'

/** A condition with its `{name: Type}` parameters; undefined where the filter is not set. */
export type Condition = { readonly sql: string; readonly parameters: QueryParameters } | undefined

export interface Where {
  /** `WHERE …`, or nothing. */
  readonly sql: string
  readonly parameters: QueryParameters
}

/** `column = value`, if there is a value. The name of the parameter is that of the column. */
export const equals = (column: string, value: string | undefined): Condition =>
  value === undefined
    ? undefined
    : { sql: `${column} = {${column}: String}`, parameters: { [column]: value } }

/** Rows after a place in the order newest first, equal times by id. */
export const after = (
  [timeColumn, idColumn]: readonly [string, string],
  place: readonly [number, string] | null,
): Condition =>
  place === null
    ? undefined
    : {
        sql: `(${timeColumn}, ${idColumn}) < (fromUnixTimestamp64Milli({placeMs: Int64}), {placeId: String})`,
        parameters: { placeMs: place[0], placeId: place[1] },
      }

/** All conditions that are set. */
export const where = (conditions: readonly Condition[]): Where => {
  const set = conditions.filter((condition) => condition !== undefined)
  return {
    sql: set.length === 0 ? '' : `WHERE ${set.map(({ sql }) => sql).join(' AND ')}`,
    parameters: Object.assign({}, ...set.map(({ parameters }) => parameters)) as QueryParameters,
  }
}
