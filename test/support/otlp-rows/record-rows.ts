import type { KeyValue } from '../../../pipeline/otlp/otlp-types.ts'
import { ownOrigin } from '../../../pipeline/otlp/own-origin.ts'
import { InvalidInputError } from '../../../schemas/errors.ts'

/** One record of the log as rows of its table. */
export interface RecordRows<Row extends object = object> {
  readonly rows: readonly Row[]
  /** About how long they are as text; never less than the record. */
  readonly bytes: number
  /** By reason: NeoSigma's own telemetry, where a Collector stands in front of the log instead of the receiver. */
  readonly diverted: ReadonlyMap<string, number>
}

interface Group {
  readonly attributes: readonly KeyValue[]
  /** Of what each row of the group repeats. */
  readonly textLength: number
}

/**
 * Rows repeat their resource: a small record of many near-empty spans under a large resource could fill memory and disk.
 * Real telemetry stays far below.
 */
const LARGEST_RECORD_ROWS_BYTES = 64 * 1024 * 1024

/** Collects the rows of one record and watches how large they become. */
export interface RowCollector<Row extends object> {
  /** Adds a row of an item, unless it is NeoSigma's own. @throws InvalidInputError `payload-too-large` */
  add(
    resource: Group,
    scope: Group,
    item: { readonly attributes: readonly KeyValue[] },
    row: () => Row,
  ): void
  finish(): RecordRows<Row>
}

export const rowCollector = <Row extends object>(recordBytes: number): RowCollector<Row> => {
  const rows: Row[] = []
  const diverted = new Map<string, number>()
  let bytes = recordBytes
  return {
    add: (resource, scope, item, row) => {
      const origin = ownOrigin([resource.attributes, scope.attributes, item.attributes])
      if (origin !== null) {
        diverted.set(origin, (diverted.get(origin) ?? 0) + 1)
        return
      }
      bytes += resource.textLength + scope.textLength
      if (bytes > LARGEST_RECORD_ROWS_BYTES)
        throw new InvalidInputError(
          'payload-too-large',
          `${recordBytes} bytes would become rows of more than ${LARGEST_RECORD_ROWS_BYTES}`,
        )
      rows.push(row())
    },
    finish: () => ({ rows, bytes, diverted }),
  }
}

/** Length of the texts of a map column with what JSON adds. */
export const textLengthOf = (texts: Readonly<Record<string, string>>): number =>
  Object.entries(texts).reduce((sum, [key, text]) => sum + key.length + text.length + 6, 0)
