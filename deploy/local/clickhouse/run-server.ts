// A process of its own: the call into the library does not return before standard input closes.
import { DataType, load, open } from 'ffi-rs'

/** Runs ClickHouse's local program, as the library carries it, with these arguments. */
const run = (library: string, args: readonly string[]): void => {
  open({ library: 'chdb', path: library })
  load({
    library: 'chdb',
    funcName: 'chdb_query_cmdline',
    retType: DataType.External,
    paramsType: [DataType.I32, DataType.StringArray],
    paramsValue: [args.length, [...args]],
  })
}

const [library, ...args] = process.argv.slice(2)
if (import.meta.main && library !== undefined) {
  run(library, args)
  process.exit(0)
}
